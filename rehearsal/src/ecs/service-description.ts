import { isoTime } from '../clock';
import type { Deployment } from './deployment';
import type { ServiceDefinition, ServiceLoadBalancer } from './service-definition';
import type { ServiceMessage } from './service-events';
import type { ServiceScheduler } from './service-scheduler';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html; times in ms since the epoch */
export interface ServiceDescription {
  readonly serviceArn: string;
  readonly serviceName: string;
  readonly clusterArn: string;
  readonly loadBalancers: readonly ServiceLoadBalancer[];
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  /** ARN of the revision of the PRIMARY deployment */
  readonly taskDefinition: string;
  /** PRIMARY and ACTIVE ones, newest first */
  readonly deployments: readonly DeploymentDescription[];
  /** Newest first */
  readonly events: readonly ServiceMessage[];
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html */
export interface DeploymentDescription {
  readonly id: string;
  readonly status: Deployment['status'];
  readonly taskDefinition: string;
  readonly desiredCount: number;
  readonly pendingCount: number;
  readonly runningCount: number;
  readonly failedTasks: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly rolloutState: Deployment['rolloutState'];
  readonly rolloutStateReason: string;
}

/** A deployment for the report; times are ISO 8601. */
export interface DeploymentSummary {
  readonly id: string;
  readonly taskDefinition: string;
  /** Of the container behind the load balancer, else of the first essential one */
  readonly image: string;
  readonly status: Deployment['status'];
  readonly rolloutState: Deployment['rolloutState'];
  readonly rolloutStateReason: string;
  readonly startedAt: string;
  readonly finishedAt: string | undefined;
}

/** The service as DescribeServices shows it now. */
export function describeService(scheduler: ServiceScheduler): ServiceDescription {
  const { state, clusterArn, events, deployments } = scheduler;
  const { definition } = state;
  const live = state.tasks.filter(({ task }) => task.record.desiredStatus === 'RUNNING');
  const isRunning = ({ task }: (typeof live)[number]) => task.record.lastStatus === 'RUNNING';
  return {
    serviceArn: definition.serviceArn,
    serviceName: definition.serviceName,
    clusterArn,
    loadBalancers: definition.loadBalancers,
    desiredCount: state.desiredCount,
    runningCount: live.filter(isRunning).length,
    pendingCount: live.filter((entry) => !isRunning(entry)).length,
    taskDefinition: deployments.primary.taskDefinition.taskDefinitionArn,
    deployments: state.deployments
      .filter(({ status }) => status !== 'INACTIVE')
      .sort((a, b) => Number(b.status === 'PRIMARY') - Number(a.status === 'PRIMARY'))
      .map((deployment) => {
        const own = live.filter((entry) => entry.deployment === deployment);
        return {
          id: deployment.id,
          status: deployment.status,
          taskDefinition: deployment.taskDefinition.taskDefinitionArn,
          desiredCount: deployment.status === 'PRIMARY' ? state.desiredCount : 0,
          pendingCount: own.filter((entry) => !isRunning(entry)).length,
          runningCount: own.filter(isRunning).length,
          failedTasks: deployment.breaker.failureCount,
          createdAt: deployment.createdAt,
          updatedAt: deployment.updatedAt,
          rolloutState: deployment.rolloutState,
          rolloutStateReason: deployment.rolloutStateReason,
        };
      }),
    events: [...events.messages],
  };
}

/** The deployment as the report lists it. */
export function summarizeDeployment(
  deployment: Deployment,
  service: ServiceDefinition,
): DeploymentSummary {
  const { containerDefinitions } = deployment.taskDefinition.definition;
  const served = service.loadBalancers[0]?.containerName;
  const container =
    containerDefinitions.find(({ name }) => name === served) ??
    containerDefinitions.find(({ essential }) => essential);
  return {
    id: deployment.id,
    taskDefinition: deployment.taskDefinition.taskDefinitionArn,
    image: container?.image ?? '',
    status: deployment.status,
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
    startedAt: isoTime(deployment.createdAt),
    finishedAt: deployment.finishedAt === undefined ? undefined : isoTime(deployment.finishedAt),
  };
}
