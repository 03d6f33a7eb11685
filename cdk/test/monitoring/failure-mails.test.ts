import { allPropertiesOf, pipelineTemplate, type Properties } from '../_helpers/synth';

const template = pipelineTemplate();
const rules = Object.entries(allPropertiesOf(template, 'AWS::Events::Rule'));

function rule(id: string): { pattern: Properties; text: string } {
  const [, properties] = rules.find(([logicalId]) => logicalId.startsWith(id)) ?? [];
  const [target] = (properties?.['Targets'] ?? []) as Properties[];
  return {
    pattern: properties?.['EventPattern'] as Properties,
    text: JSON.stringify(target?.['InputTransformer'] ?? ''),
  };
}

describe('a failed action', () => {
  test.each([
    ['ActionFailed', [{ 'anything-but': ['Deploy_to_ECS', 'Record_Release'] }]],
    ['DeployFailed', ['Deploy_to_ECS']],
    ['RecordFailed', ['Record_Release']],
  ])('is told by the rule %s, in this pipeline only', (id, action) => {
    expect(rule(id).pattern).toEqual({
      source: ['aws.codepipeline'],
      'detail-type': ['CodePipeline Action Execution State Change'],
      resources: [{ 'Fn::Join': expect.anything() as unknown }],
      detail: { state: ['FAILED'], action },
    });
  });

  test.each(['ActionFailed', 'DeployFailed', 'RecordFailed'])(
    'is named with stage, reason, execution and a link by %s',
    (id) => {
      const { text } = rule(id);
      for (const path of [
        '$.detail.stage',
        '$.detail.action',
        '$.detail.pipeline',
        '$.detail.execution-id',
        '$.detail.execution-result.external-execution-summary',
      ]) {
        expect(text).toContain(`"${path}"`);
      }
      expect(text).toContain(
        'https://ap-northeast-2.console.aws.amazon.com/codesuite/codepipeline/pipelines/<detail-pipeline>/executions/<detail-execution-id>/timeline',
      );
    },
  );

  test.each([
    ['ActionFailed', 'Serving now: the version before. This release has not touched the service.'],
    ['DeployFailed', 'Serving now: the version before. ECS replaces it only by tasks'],
    ['RecordFailed', 'Serving now: the new version. Its tag is not recorded'],
  ])('%s says what serves now', (id, sentence) => {
    expect(rule(id).text).toContain(sentence);
  });
});

test('a deployment that ECS gives up is told with its reason and a link, of this service only', () => {
  const { pattern, text } = rule('DeploymentFailed');
  expect(pattern).toMatchObject({
    source: ['aws.ecs'],
    'detail-type': ['ECS Deployment State Change'],
    detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
  });
  expect(JSON.stringify(pattern['resources'])).toContain(
    ':service/ecs-codepipeline-practice-cluster/api-service',
  );
  expect(text).toContain('"$.detail.reason"');
  expect(text).toContain(
    'https://ap-northeast-2.console.aws.amazon.com/ecs/v2/clusters/ecs-codepipeline-practice-cluster/services/api-service/deployments',
  );
});

test('no mail has a line for the commit, which none of these events has', () => {
  for (const [, { Targets: targets }] of rules)
    expect(JSON.stringify(targets)).not.toMatch(/commit:/i);
});

test('the execution that failed mails nobody: its event comes right after that of the action', () => {
  const mailing = rules.filter(([, { EventPattern: pattern }]) =>
    JSON.stringify(pattern).includes('Pipeline Execution State Change'),
  );
  expect(mailing).toHaveLength(1);
  expect(JSON.stringify(mailing[0]![1]['Targets'])).not.toContain('PipelineNotificationTopic');
});
