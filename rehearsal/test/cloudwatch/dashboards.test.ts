import type { DeployedResource } from '../../src/cloudformation/deployed-resource';
import { dashboardContent } from '../../src/cloudwatch/dashboard-metrics';
import { deployedResource } from '../_helpers/deployed-resource';
import {
  ALARM_ARN,
  pipeline,
  pipelineAlarm,
  startNotifications,
} from '../_helpers/notification-stack';
import { scratchDirectory } from '../_helpers/scratch-directory';

const directory = scratchDirectory();
const FAILED = ['AWS/CodePipeline', 'FailedPipelineExecutions', 'PipelineName', 'api'];

/** What the report says of a dashboard with these widgets. */
function said(widgets: unknown, ...resources: readonly DeployedResource[]) {
  const dashboard = deployedResource(
    'AWS::CloudWatch::Dashboard',
    { DashboardBody: typeof widgets === 'string' ? widgets : JSON.stringify({ widgets }) },
    { logicalId: 'Dashboard' },
  );
  const { notifications, unproven } = startNotifications(directory, [
    ...[pipeline(), dashboard],
    ...resources,
  ]);
  notifications.close();
  return unproven().filter((text) => text.startsWith('dashboard'));
}

const graph = (...metrics: readonly unknown[]) => ({
  type: 'metric',
  properties: { title: 'Releases', metrics },
});

describe('a dashboard', () => {
  test('of metrics that services publish is fine, measured on this machine or not', () => {
    const cpu = ['AWS/CodeBuild', 'CPUUtilized'];
    const math = [{ expression: 'm1 * 100', label: 'percent' }];

    expect(said([graph(FAILED, [...cpu, { id: 'm1' }], math), { type: 'text' }])).toEqual([]);
  });

  test.each([
    [
      ['AWS/CodePipeline', 'FailedPipeline'],
      'no AWS service publishes AWS/CodePipeline FailedPipeline',
    ],
    [
      ['Shop', 'Orders'],
      "Shop Orders is a metric of an application's own, and nothing here publishes it",
    ],
    [[...FAILED.slice(0, 3), 'apii'], "the PipelineName 'apii', which no deployed stack has"],
    [
      ['AWS/CodePipeline', 'PipelineDuration', 'Pipeline', 'api'],
      'is published with the dimensions',
    ],
  ])('names a widget that would stay empty: %j', (row, reason) => {
    expect(said([graph(FAILED, row)])).toEqual([
      expect.stringMatching(/^dashboard 'Dashboard' in stack 'TestStack', widget 'Releases': /),
    ]);
    expect(said([graph(row)])[0]).toContain(reason);
  });

  test('names an alarm that is not there, and no other', () => {
    const widget = { type: 'alarm', properties: { alarms: [ALARM_ARN, `${ALARM_ARN}-2`] } };

    expect(said([widget], pipelineAlarm())).toEqual([
      `dashboard 'Dashboard' in stack 'TestStack', widget 1: no deployed stack has the alarm ${ALARM_ARN}-2`,
    ]);
  });

  test('with a body that is no JSON is refused', () => {
    expect(() => said('widgets: []')).toThrow(
      "AWS::CloudWatch::Dashboard 'Dashboard' in stack 'TestStack': DashboardBody must be a JSON object",
    );
  });
});

test('dots in a row stand for what the row before has', () => {
  const { metrics } = dashboardContent({
    widgets: [graph(FAILED, ['.', 'PipelineDuration', '.', '.'], ['...', 'web', { stat: 'p90' }])],
  });

  expect(metrics.map(({ metric }) => metric)).toEqual([
    { namespace: FAILED[0], name: FAILED[1], dimensions: { PipelineName: 'api' } },
    { namespace: FAILED[0], name: 'PipelineDuration', dimensions: { PipelineName: 'api' } },
    { namespace: FAILED[0], name: 'PipelineDuration', dimensions: { PipelineName: 'web' } },
  ]);
});
