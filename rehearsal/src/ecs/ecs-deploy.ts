import type { Clock } from '../clock';
import { RehearsalError } from '../errors';
import type { Authorizer, Caller } from '../iam/authorizer';
import { EcsApiError } from './ecs-api-error';
import type { EcsControlPlane } from './ecs-control-plane';
import type { ImageDefinition } from './image-definitions';
import type { DeploymentDescription, ServiceDescription } from './service-description';
import { type TaskDefinition, withImages } from './task-definition';

export interface EcsDeployRequest {
  readonly controlPlane: EcsControlPlane;
  /** `ClusterName` and `ServiceName` of the action */
  readonly clusterName: string;
  readonly serviceName: string;
  readonly imageDefinitions: readonly ImageDefinition[];
  /** `DeploymentTimeout` of the action; 60 where the template has none */
  readonly timeoutMinutes: number;
  /** The action's role */
  readonly caller: Caller;
  readonly authorizer: Authorizer;
  readonly account: string;
  readonly region: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export type EcsDeployResult =
  | {
      readonly status: 'Succeeded';
      readonly summary: string;
      /** Id of the deployment */
      readonly externalExecutionId: string;
      readonly taskDefinitionArn: string;
    }
  | {
      readonly status: 'Failed';
      /** As CodePipeline spells it: `PermissionError`, `ConfigurationError`, `JobFailed` */
      readonly errorCode: string;
      readonly summary: string;
      readonly externalExecutionId?: string;
    };

/** How often the action asks ECS; AWS does not publish its interval. */
const POLL_MS = 1000;

/**
 * CodePipeline's ECS deploy action: takes the revision that the service runs now, replaces the
 * images, registers the next revision, updates the service and waits.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html
 *
 * Every foreseen failure is a result.
 *
 * @throws RehearsalError when the new tasks cannot be rehearsed at all
 */
export async function deployImageDefinitions(request: EcsDeployRequest): Promise<EcsDeployResult> {
  try {
    const { service, taskDefinitionArn } = update(request);
    const deployment = service.deployments[0];
    if (deployment === undefined) throw new Error('an updated service has a deployment');
    return await waitForDeployment(request, deployment, taskDefinitionArn);
  } catch (error) {
    if (error instanceof CallDenied) return failed('PermissionError', error.message);
    if (error instanceof EcsApiError)
      return failed('ConfigurationError', `${error.message} (${error.code})`);
    if (error instanceof RehearsalError && error.code === 'ImageNotPlayed')
      return failed('ConfigurationError', error.message);
    throw error;
  }
}

/** A call that the action's role may not make; the message is IAM's. */
class CallDenied extends Error {}

function failed(errorCode: string, summary: string): EcsDeployResult {
  return { status: 'Failed', errorCode, summary };
}

function update(request: EcsDeployRequest) {
  const { controlPlane, clusterName, serviceName, account, region } = request;
  const ecsArn = (resource: string) => `arn:aws:ecs:${region}:${account}:${resource}`;
  const serviceArn = ecsArn(`service/${clusterName}/${serviceName}`);
  const onCluster = { 'ecs:cluster': ecsArn(`cluster/${clusterName}`) };

  call(request, 'ecs:DescribeServices', serviceArn, onCluster);
  const { taskDefinition } = controlPlane.describeService(clusterName, serviceName);
  // DescribeTaskDefinition and RegisterTaskDefinition have no resource to scope a policy to.
  call(request, 'ecs:DescribeTaskDefinition', '*');
  const { definition } = controlPlane.describeTaskDefinition(taskDefinition);
  const next = withImages(definition, request.imageDefinitions);
  authorizeRegistration(request, next, ecsArn(`task-definition/${next.family}:*`));
  const { taskDefinitionArn } = controlPlane.registerTaskDefinition(next);
  call(request, 'ecs:UpdateService', serviceArn, onCluster);
  const service = controlPlane.updateService({
    cluster: clusterName,
    service: serviceName,
    taskDefinition: taskDefinitionArn,
  });
  return { service, taskDefinitionArn };
}

function authorizeRegistration(
  request: EcsDeployRequest,
  definition: TaskDefinition,
  taskDefinitionArn: string,
): void {
  call(request, 'ecs:RegisterTaskDefinition', '*');
  if (definition.tags.length > 0) {
    call(request, 'ecs:TagResource', taskDefinitionArn, {
      'ecs:CreateAction': 'RegisterTaskDefinition',
    });
  }
  for (const roleArn of [definition.executionRoleArn, definition.taskRoleArn]) {
    if (roleArn !== undefined)
      call(request, 'iam:PassRole', roleArn, { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' });
  }
}

function call(
  { authorizer, caller }: EcsDeployRequest,
  action: string,
  resource: string,
  context: Readonly<Record<string, string>> = {},
): void {
  const decision = authorizer.authorize({ caller, action, resource, context });
  if (!decision.allowed) throw new CallDenied(decision.message);
}

/**
 * Waits until the registered revision is the only one and COMPLETED.
 *
 * When the circuit breaker stops the deployment, the action goes on waiting until its timeout, as
 * reported for AWS; its present behaviour is not confirmed, and this is the only place that
 * decides it. A rollback can therefore never look like success: the revision is compared.
 * https://github.com/aws/containers-roadmap/issues/1399
 */
async function waitForDeployment(
  request: EcsDeployRequest,
  started: DeploymentDescription,
  taskDefinitionArn: string,
): Promise<EcsDeployResult> {
  const { clock, controlPlane, clusterName, serviceName, timeoutMinutes } = request;
  const timeout = new AbortController();
  const over = AbortSignal.any([request.signal, timeout.signal]);
  const ended = new AbortController();
  void clock
    .wait(timeoutMinutes * 60_000, AbortSignal.any([request.signal, ended.signal]))
    .then(() => timeout.abort());
  try {
    while (!over.aborted) {
      controlPlane.checkPlayable();
      const service = controlPlane.describeService(clusterName, serviceName);
      if (isReleased(service, taskDefinitionArn)) {
        return {
          status: 'Succeeded',
          summary: `Deployment ${started.id} completed: ${serviceName} runs ${taskDefinitionArn}.`,
          externalExecutionId: started.id,
          taskDefinitionArn,
        };
      }
      await clock.wait(POLL_MS, over);
    }
  } finally {
    ended.abort();
  }
  const why = request.signal.aborted
    ? 'The rehearsal ended before the deployment did.'
    : `The deployment did not complete within ${timeoutMinutes} minutes.`;
  return {
    status: 'Failed',
    errorCode: 'JobFailed',
    summary: `${why} ${whatHappened(request, started.id)}`,
    externalExecutionId: started.id,
  };
}

function isReleased({ deployments }: ServiceDescription, taskDefinitionArn: string): boolean {
  const [only, ...others] = deployments;
  return (
    others.length === 0 &&
    only?.rolloutState === 'COMPLETED' &&
    only.taskDefinition === taskDefinitionArn
  );
}

function whatHappened(
  { controlPlane, clusterName, serviceName }: EcsDeployRequest,
  deploymentId: string,
): string {
  const deployment = controlPlane
    .deployments(clusterName, serviceName)
    .find(({ id }) => id === deploymentId);
  const { taskDefinition } = controlPlane.describeService(clusterName, serviceName);
  const failure = controlPlane
    .tasks()
    .findLast(
      ({ startedBy, stoppedReason }) =>
        startedBy === deploymentId && stoppedReason?.startsWith('Scaling activity') === false,
    );
  return [
    `Deployment ${deploymentId} is ${deployment?.rolloutState ?? 'gone'}: ${deployment?.rolloutStateReason ?? ''}`,
    ...(failure?.stoppedReason === undefined
      ? []
      : [`Task ${failure.taskId} stopped: ${failure.stoppedReason}.`]),
    `The service runs ${taskDefinition}.`,
  ].join(' ');
}
