import { deployedResource } from '../_helpers/deployed-resource';
import {
  emailTo,
  executionEvent,
  pipeline,
  startNotifications,
  topic,
  TOPIC_ARN,
  topicPolicy,
} from '../_helpers/notification-stack';
import { scratchDirectory } from '../_helpers/scratch-directory';

const directory = scratchDirectory();
const RULE_ARN =
  'arn:aws:codestar-notifications:ap-northeast-2:000000000000:notificationrule/0123abcd';
const PIPELINE_ARN = 'arn:aws:codepipeline:ap-northeast-2:000000000000:api';
const PUBLISHER = 'codestar-notifications.amazonaws.com';
let close: () => void = () => undefined;
afterEach(() => close());

function start(properties: Record<string, unknown> = {}, publisher = PUBLISHER) {
  const rule = deployedResource(
    'AWS::CodeStarNotifications::NotificationRule',
    {
      Name: 'api-failed',
      DetailType: 'FULL',
      EventTypeIds: [
        'codepipeline-pipeline-pipeline-execution-failed',
        'codebuild-project-build-state-failed',
      ],
      Resource: PIPELINE_ARN,
      Targets: [{ TargetType: 'SNS', TargetAddress: TOPIC_ARN }],
      ...properties,
    },
    { physicalId: RULE_ARN, logicalId: 'NotificationRule' },
  );
  const resources = [pipeline(), topic(), topicPolicy(publisher), emailTo('dev@example.com'), rule];
  const started = startNotifications(directory, resources);
  close = () => started.notifications.close();
  const { notifications } = started;
  const message = () =>
    JSON.parse(notifications.mail[0]?.body.split('\n')[0] ?? '') as Record<string, unknown>;
  return { ...started, message };
}

const failedAction = {
  ...executionEvent('FAILED', 0),
  'detail-type': 'CodePipeline Action Execution State Change',
  detail: {
    'execution-id': 'e-1',
    stage: 'Build_and_Test',
    action: 'Build',
    state: 'FAILED',
    'execution-result': { 'external-execution-summary': 'Build terminated with state: FAILED' },
  },
};

describe('a notification rule', () => {
  test('sends the event of a failed execution, with the stage and the actions that failed', () => {
    const { stream, execution, message } = start();

    stream.emit(failedAction);
    execution('FAILED');

    expect(message()).toMatchObject({
      detailType: 'CodePipeline Pipeline Execution State Change',
      source: 'aws.codepipeline',
      notificationRuleArn: RULE_ARN,
      resources: [PIPELINE_ARN],
      additionalAttributes: {
        failedActionCount: 1,
        failedActions: [
          { action: 'Build', additionalInformation: 'Build terminated with state: FAILED' },
        ],
        failedStage: 'Build_and_Test',
      },
    });
  });

  test('with the detail type BASIC says no more than the event', () => {
    const { stream, execution, message } = start({ DetailType: 'BASIC' });

    stream.emit(failedAction);
    execution('FAILED');

    expect(message()['additionalAttributes']).toEqual({});
  });

  test('sends nothing for other events, other pipelines, or while it is disabled', () => {
    for (const properties of [
      { EventTypeIds: ['codepipeline-pipeline-pipeline-execution-succeeded'] },
      { Resource: `${PIPELINE_ARN}-other` },
      { Status: 'DISABLED' },
    ]) {
      const { notifications, execution } = start(properties);
      execution('FAILED');
      expect(notifications.mail).toEqual([]);
      notifications.close();
    }
  });

  test('for a build project tells of builds that fail, fault or time out', () => {
    const { stream, notifications } = start({
      Resource: 'arn:aws:codebuild:ap-northeast-2:000000000000:project/api-build',
    });
    for (const status of ['IN_PROGRESS', 'TIMED_OUT', 'SUCCEEDED']) {
      stream.emit({
        ...executionEvent('', 0),
        source: 'aws.codebuild',
        'detail-type': 'CodeBuild Build State Change',
        resources: ['arn:aws:codebuild:ap-northeast-2:000000000000:build/api-build:1-2-3'],
        detail: { 'build-id': 'b', 'project-name': 'api-build', 'build-status': status },
      });
    }

    expect(notifications.mail).toHaveLength(1);
  });

  test('needs a topic that lets codestar-notifications publish', () => {
    const { notifications, execution } = start({}, 'events.amazonaws.com');
    execution('FAILED');

    expect(notifications.mail).toEqual([]);
    expect(notifications.undelivered).toMatchObject([
      { publisher: PUBLISHER, sourceArn: RULE_ARN },
    ]);
  });

  test('a chat as target is named: nothing is posted in a rehearsal', () => {
    const { unproven } = start({
      Targets: [{ TargetType: 'AWSChatbotSlack', TargetAddress: 'arn:aws:chatbot::0:chat/x' }],
    });

    expect(unproven()).toContainEqual(expect.stringContaining('AWSChatbotSlack arn:aws:chatbot'));
  });
});
