import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCloudAssembly } from '../../src/cloudformation/cloud-assembly';
import { deployStacks } from '../../src/cloudformation/deploy';
import { startAtCreation } from '../../src/codepipeline/pipeline-creation';
import { nothingStored } from '../cloudformation/deploy-template';
import { scratchDirectory } from '../_helpers/scratch-directory';

const scratch = scratchDirectory();

/** The stacks of an assembly with one pipeline. */
function deployed(environment: string, properties: Record<string, string>) {
  const directory = mkdtempSync(join(scratch, 'assembly-'));
  const write = (name: string, content: object) =>
    writeFileSync(join(directory, name), JSON.stringify(content));
  write('manifest.json', {
    version: '36.0.0',
    artifacts: {
      Cicd: {
        type: 'aws:cloudformation:stack',
        environment,
        properties: { templateFile: 'Cicd.template.json', ...properties },
      },
    },
  });
  write('Cicd.template.json', {
    Resources: {
      Pipeline: { Type: 'AWS::CodePipeline::Pipeline', Properties: { Name: 'orders' } },
    },
  });
  return deployStacks(readCloudAssembly(directory), {
    account: '000000000000',
    region: 'eu-west-1',
    lookups: nothingStored,
  });
}

const ROLE =
  'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-hnb659fds-cfn-exec-role-${AWS::AccountId}-${AWS::Region}';

describe('the execution that comes with a new pipeline', () => {
  it.each([
    [
      'aws://unknown-account/unknown-region',
      'arn:aws:sts::000000000000:assumed-role/cdk-hnb659fds-cfn-exec-role-000000000000-eu-west-1/AWSCloudFormation',
    ],
    [
      'aws://111122223333/cn-north-1',
      'arn:aws-cn:sts::111122223333:assumed-role/cdk-hnb659fds-cfn-exec-role-111122223333-cn-north-1/AWSCloudFormation',
    ],
  ])('names CloudFormation’s role in %s', (environment, arn) => {
    const stacks = deployed(environment, { cloudFormationExecutionRoleArn: ROLE });
    expect(startAtCreation({ name: 'orders' }, stacks)).toEqual({
      triggerType: 'CreatePipeline',
      triggerDetail: arn,
    });
  });

  it('names nobody where CloudFormation has no role of its own', () => {
    const stacks = deployed('aws://111122223333/eu-west-1', {});
    expect(startAtCreation({ name: 'orders' }, stacks).triggerDetail).toBe('');
  });
});
