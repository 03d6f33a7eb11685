import { createHash } from 'node:crypto';
import { partitionOf } from '../resource-namer';
import { generatedNameWith, type Identify } from './resource-identity';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_CloudFormation.html */
export const cloudformation: Readonly<Record<string, Identify>> = {
  'AWS::CloudFormation::Stack': (namer) => {
    const { account, region } = namer.resource;
    const name = namer.generatedName(128);
    return { physicalId: stackArn(account, region, name), name, attributes: {} };
  },
  'AWS::CloudFormation::WaitCondition': generatedNameWith(),
  'AWS::CloudFormation::WaitConditionHandle': generatedNameWith(),
};

/** What `AWS::StackId` is. */
export function stackArn(account: string, region: string, name: string): string {
  const uuid = createHash('sha256')
    .update(`${account} ${region} ${name}`)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
  return `arn:${partitionOf(region)}:cloudformation:${region}:${account}:stack/${name}/${uuid}`;
}
