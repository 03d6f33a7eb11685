import type { ResourceNamer } from '../resource-namer';
import type { Identify } from './resource-identity';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html */
export const iam: Readonly<Record<string, Identify>> = {
  'AWS::IAM::Role': (namer) => {
    const name = namer.name('RoleName', 64);
    return {
      physicalId: name,
      name,
      attributes: {
        Arn: namer.globalArn('iam', `role${path(namer)}${name}`),
        RoleId: `AROA${namer.hex(17).toUpperCase()}`,
      },
    };
  },
  'AWS::IAM::Policy': (namer) => {
    const id = namer.generatedName(32);
    return { physicalId: id, attributes: { Id: id } };
  },
  'AWS::IAM::ManagedPolicy': (namer) => {
    const name = namer.name('ManagedPolicyName', 128);
    const arn = namer.globalArn('iam', `policy${path(namer)}${name}`);
    return {
      physicalId: arn,
      name,
      attributes: { PolicyArn: arn, PolicyId: `ANPA${namer.hex(17).toUpperCase()}` },
    };
  },
};

/** `/` unless the template says otherwise; begins and ends with a slash. */
function path(namer: ResourceNamer): string {
  return namer.text('Path') ?? '/';
}
