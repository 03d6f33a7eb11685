import { join } from 'node:path';
import { scratchDirectory } from '../../_helpers/scratch-directory';
import { changedAssembly, type Template } from '../_helpers/changed-assembly';
import { failedChecks, rehearse, REHEARSAL_TIMEOUT_MS } from '../_helpers/rehearse';

/**
 * What a release sets off in the bakery besides its pipeline: a build that looks at the released
 * branch, a queue that keeps a note of it, and a topic that its rule may not publish to.
 */
const scratch = scratchDirectory();
const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

const allowed = (Action: string, Resource: unknown) => ({
  Statement: [{ Effect: 'Allow', Action, Resource }],
});

const role = (service: string, policy: unknown) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    },
    Policies: [{ PolicyName: 'all', PolicyDocument: policy }],
  },
});

const queueFor = (queue: string) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [{ Ref: queue }],
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: arnOf(queue),
          Condition: { ArnEquals: { 'aws:SourceArn': arnOf('Released') } },
        },
      ],
    },
  },
});

function addTargets(template: Template): void {
  template.Resources = {
    ...template.Resources,
    Released: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: {
          source: ['aws.codepipeline'],
          'detail-type': ['CodePipeline Pipeline Execution State Change'],
          detail: { state: ['SUCCEEDED'] },
        },
        Targets: [
          { Id: 'Build', Arn: arnOf('Look'), RoleArn: arnOf('Caller'), Input: '{}' },
          { Id: 'Queue', Arn: arnOf('Notes'), InputPath: '$.detail.state' },
          {
            Id: 'Topic',
            Arn: { Ref: 'Boards' },
            DeadLetterConfig: { Arn: arnOf('Lost') },
            RetryPolicy: { MaximumRetryAttempts: 2 },
          },
        ],
      },
    },
    Look: {
      Type: 'AWS::CodeBuild::Project',
      Properties: {
        Name: 'look',
        ServiceRole: arnOf('Looker'),
        Environment: {
          Type: 'LINUX_CONTAINER',
          ComputeType: 'BUILD_GENERAL1_SMALL',
          Image: 'aws/codebuild/standard:7.0',
        },
        Source: {
          Type: 'CODECOMMIT',
          Location: { 'Fn::GetAtt': ['Code5B760EEF', 'CloneUrlHttp'] },
          BuildSpec: 'version: 0.2\nphases:\n  build:\n    commands: [test -f oven.cjs]\n',
        },
        Artifacts: { Type: 'NO_ARTIFACTS' },
      },
    },
    Looker: role('codebuild.amazonaws.com', {
      Statement: [{ Effect: 'Allow', Action: ['logs:*', 'codecommit:GitPull'], Resource: '*' }],
    }),
    Caller: role('events.amazonaws.com', allowed('codebuild:StartBuild', arnOf('Look'))),
    Notes: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'notes' } },
    NotesPolicy: queueFor('Notes'),
    Lost: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'lost' } },
    LostPolicy: queueFor('Lost'),
    Boards: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'boards' } },
  };
}

test(
  'a release starts the builds of its rules and fills their queues, and the report shows both',
  async () => {
    const result = await rehearse('bakery', scratch, {
      speed: 40,
      assembly: changedAssembly(
        'bakery',
        'Bakery.template.json',
        join(scratch, 'assembly'),
        addTargets,
      ),
    });

    expect(failedChecks(result)).toEqual([
      expect.stringMatching(
        /policies allowed every call .*: events\.amazonaws\.com: sns:Publish on /,
      ),
    ]);
    const { report } = result;
    const [scenario] = report.scenarios;
    expect(scenario!.builds).toMatchObject([{ project: 'look', status: 'SUCCEEDED' }]);
    expect(scenario!.queues).toMatchObject([
      { name: 'notes', messages: 1, deadLetters: [] },
      {
        name: 'lost',
        messages: 1,
        deadLetters: [
          {
            target: 'arn:aws:sns:eu-west-1:345678901234:boards',
            code: 'NO_PERMISSIONS',
            reason: expect.stringContaining('sns:Publish') as string,
          },
        ],
      },
    ]);
    expect(scenario!.undelivered).toEqual([]);
    expect(report.unplayedProperties.map(({ logicalId }) => logicalId)).not.toContain('Released');
    expect(report.resources.played.map(({ type }) => type)).toContain('AWS::SQS::Queue');
  },
  REHEARSAL_TIMEOUT_MS,
);
