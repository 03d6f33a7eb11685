import type { DeployedResource, DeployedResources } from '../cloudformation/deployed-resource';
import { RehearsalError } from '../errors';
import { dashboardContent } from './dashboard-metrics';
import { silenceOf } from './metric-source';

/**
 * What the dashboards of the stacks would show nothing of: metrics that nobody publishes, alarms
 * that are not there. A metric that AWS publishes, and this machine does not, is no problem of theirs.
 *
 * @returns sentences without a period
 * @throws RehearsalError `DashboardInvalid`, as CloudFormation would fail to create it
 */
export function emptyWidgets(resources: DeployedResources): string[] {
  return resources.ofType('AWS::CloudWatch::Dashboard').flatMap((resource) => {
    const { metrics, alarms } = dashboardContent(bodyOf(resource));
    const subject = `dashboard '${resource.logicalId}' in stack '${resource.stack}'`;
    const silent = metrics.flatMap(({ widget, metric }) => {
      const problem = silenceOf(metric, resources);
      if (problem === undefined || problem.publishedOnAws === 'yes') return [];
      return [`${subject}, ${widget}: ${problem.reason}`];
    });
    const missing = alarms
      .filter(({ arn }) => !isAlarm(arn, resources))
      .map(({ widget, arn }) => `${subject}, ${widget}: no deployed stack has the alarm ${arn}`);
    return [...new Set([...silent, ...missing])];
  });
}

function isAlarm(arn: string, resources: DeployedResources): boolean {
  return ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].some(
    (type) => resources.find(type, arn) !== undefined,
  );
}

function bodyOf({ logicalId, stack, properties }: DeployedResource): Record<string, unknown> {
  const body = properties['DashboardBody'];
  try {
    const json: unknown = typeof body === 'string' ? JSON.parse(body) : body;
    if (typeof json === 'object' && json !== null) return json as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new RehearsalError(
    'DashboardInvalid',
    `AWS::CloudWatch::Dashboard '${logicalId}' in stack '${stack}': DashboardBody must be a JSON object, got ${JSON.stringify(body)}.`,
  );
}
