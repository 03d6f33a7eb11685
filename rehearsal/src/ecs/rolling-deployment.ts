import {
  type CircuitBreakerSettings,
  type CircuitBreakerState,
  isTripped,
} from './circuit-breaker';
import { deploymentBounds } from './deployment-bounds';
import { type EarlySuccessCriteria, healthyTasksNeeded } from './early-success';
import { inStopOrder } from './stop-order';

/** A task as the scheduler sees it at one moment; STOPPED ones are left out. */
export interface TaskSnapshot {
  readonly id: string;
  readonly deploymentId: string;
  /** `stopping` from the moment its desired status is STOPPED */
  readonly phase: 'pending' | 'running' | 'stopping';
  /** Verdict on a running task; see `healthVerdict` */
  readonly health: 'healthy' | 'unknown' | 'unhealthy';
  readonly availabilityZone: string;
  readonly createdAt: number;
}

export interface DeploymentSnapshot {
  readonly id: string;
  readonly status: 'PRIMARY' | 'ACTIVE' | 'INACTIVE';
  readonly rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  readonly breaker: CircuitBreakerState;
  /** One of the deployment alarms went into ALARM */
  readonly alarmDetected: boolean;
  /** The time in which alarms are watched after the new tasks serve; undefined before it */
  readonly bakeTime: 'running' | 'over' | undefined;
  /** This deployment is IN_PROGRESS again because a later one failed */
  readonly rollingBack: boolean;
}

export interface ServiceSnapshot {
  readonly desiredCount: number;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  readonly circuitBreaker: CircuitBreakerSettings;
  /** undefined when no alarms watch deployments */
  readonly alarms: { readonly rollback: boolean } | undefined;
  readonly earlySuccess: EarlySuccessCriteria | undefined;
  /** Newest first; exactly one is PRIMARY */
  readonly deployments: readonly DeploymentSnapshot[];
  readonly tasks: readonly TaskSnapshot[];
  /** Tasks failed to start again and again, and the wait before the next attempt is not over */
  readonly startsHeldBack: boolean;
  /** What was reported last with nothing done since; it is not repeated */
  readonly reported: 'steady' | 'stuck' | undefined;
}

export type SchedulerAction =
  | { readonly type: 'start-tasks'; readonly deploymentId: string; readonly count: number }
  | {
      readonly type: 'stop-task';
      readonly taskId: string;
      readonly because: 'scaling' | 'unhealthy';
    }
  | { readonly type: 'start-bake-time'; readonly deploymentId: string }
  | { readonly type: 'complete-deployment'; readonly deploymentId: string }
  | {
      readonly type: 'fail-deployment';
      readonly deploymentId: string;
      readonly because: 'circuit-breaker' | 'alarm';
      /** The deployment to return to; undefined: the service stalls */
      readonly rollBackTo: string | undefined;
    }
  | { readonly type: 'report-steady-state' }
  | { readonly type: 'report-stuck' };

/**
 * What the service scheduler does next in a rolling deployment. No action means: wait until
 * something changes.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
export function decide(service: ServiceSnapshot): readonly SchedulerAction[] {
  const primary = service.deployments.find(({ status }) => status === 'PRIMARY');
  if (primary === undefined) return [];
  const failure = failureOf(service, primary);
  if (failure !== undefined) {
    const rollBackTo = failure.rollback ? rollbackTarget(service, primary) : undefined;
    const { because } = failure;
    return [{ type: 'fail-deployment', deploymentId: primary.id, because, rollBackTo }];
  }
  // A FAILED deployment launches no more tasks (API_Deployment).
  if (primary.rolloutState === 'FAILED') return [];

  const view = viewOf(service, primary);
  const completion = completionOf(service, view);
  if (completion !== undefined) return [completion];
  const stops = [...oldTaskStops(view), ...surplusStops(view)];
  const starts = startsAfter(view, stops);
  const actions = [...stops, ...starts];
  if (actions.length > 0) return actions;
  return reports(service, view);
}

/**
 * Breaker and alarms may both be on; whichever trips first decides. A rollback is not failed by an
 * alarm: it is what the alarm asked for.
 */
function failureOf(
  { circuitBreaker, alarms, desiredCount }: ServiceSnapshot,
  primary: DeploymentSnapshot,
): { because: 'circuit-breaker' | 'alarm'; rollback: boolean } | undefined {
  if (primary.rolloutState !== 'IN_PROGRESS') return undefined;
  if (isTripped(primary.breaker, circuitBreaker, desiredCount))
    return { because: 'circuit-breaker', rollback: circuitBreaker.rollback };
  if (alarms !== undefined && primary.alarmDetected && !primary.rollingBack)
    return { because: 'alarm', rollback: alarms.rollback };
  return undefined;
}

/** The deployment that was COMPLETED last. One that failed while rolling back is not rolled back itself. */
function rollbackTarget(service: ServiceSnapshot, primary: DeploymentSnapshot): string | undefined {
  if (primary.rollingBack) return undefined;
  return service.deployments.find(({ rolloutState }) => rolloutState === 'COMPLETED')?.id;
}

interface View {
  readonly primary: DeploymentSnapshot;
  readonly desired: number;
  readonly lower: number;
  readonly upper: number;
  readonly startsHeldBack: boolean;
  /** Pending and running tasks: all, of the primary deployment, of the others */
  readonly live: readonly TaskSnapshot[];
  readonly own: readonly TaskSnapshot[];
  readonly old: readonly TaskSnapshot[];
  /** Own tasks that are or may become healthy */
  readonly usable: readonly TaskSnapshot[];
  readonly stopping: readonly TaskSnapshot[];
}

function viewOf(service: ServiceSnapshot, primary: DeploymentSnapshot): View {
  const live = service.tasks.filter(({ phase }) => phase !== 'stopping');
  const own = live.filter(({ deploymentId }) => deploymentId === primary.id);
  return {
    primary,
    desired: service.desiredCount,
    ...deploymentBounds(service),
    startsHeldBack: service.startsHeldBack,
    live,
    own,
    old: live.filter(({ deploymentId }) => deploymentId !== primary.id),
    usable: own.filter((task) => !isUnhealthy(task)),
    stopping: service.tasks.filter(({ phase }) => phase === 'stopping'),
  };
}

const isHealthy = (task: TaskSnapshot) => task.phase === 'running' && task.health === 'healthy';
const isUnhealthy = (task: TaskSnapshot) => task.phase === 'running' && task.health === 'unhealthy';
const isUndecided = (task: TaskSnapshot) => !isHealthy(task) && !isUnhealthy(task);

type Stop = Extract<SchedulerAction, { type: 'stop-task' }>;
const stop = (task: TaskSnapshot, because: Stop['because'] = 'scaling'): Stop => ({
  type: 'stop-task',
  taskId: task.id,
  because,
});

/**
 * Tasks of earlier deployments: pending ones at once, healthy ones as far as the lower bound
 * allows. Running ones without a good verdict do not count for that bound; since a load balancer
 * may still send them requests when it has no healthy target, as many tasks as the bound asks for
 * are left running, unless they are in the way of every start.
 */
function oldTaskStops({ old, own, usable, live, desired, lower, upper }: View): Stop[] {
  const pending = old.filter(({ phase }) => phase === 'pending');
  const doubtful = old.filter((task) => task.phase === 'running' && !isHealthy(task));
  const running = live.filter(({ phase }) => phase === 'running').length;
  const noRoom = live.length - pending.length >= upper;
  const inTheWay = noRoom && usable.length < desired && !own.some(isUndecided);
  const doubtfulCount = Math.max(running - lower, inTheWay ? 1 : 0);
  const healthyCount = Math.max(live.filter(isHealthy).length - lower, 0);
  return [
    ...pending,
    ...inStopOrder(doubtful).slice(0, doubtfulCount),
    ...inStopOrder(old.filter(isHealthy)).slice(0, healthyCount),
  ].map((task) => stop(task));
}

/**
 * Tasks of the primary deployment beyond the desired count: replaced ones, and scale-in. The lower
 * bound holds by itself: as many as desired stay, and undecided tasks go before healthy ones.
 */
function surplusStops({ own, usable, desired }: View): Stop[] {
  const replaced = usable.filter(isHealthy).length >= desired ? own.filter(isUnhealthy) : [];
  const surplus = inStopOrder(usable).slice(0, Math.max(usable.length - desired, 0));
  return [...replaced.map((task) => stop(task, 'unhealthy')), ...surplus.map((task) => stop(task))];
}

/**
 * New tasks, as many as are wanted and fit under the upper bound. A task that turned unhealthy is
 * replaced before it is stopped; where the bound leaves no room for that, one is stopped to make
 * room, and the next only when the replacement has had its verdict.
 */
function startsAfter(view: View, stops: readonly Stop[]): SchedulerAction[] {
  const { own, usable, live, desired, upper, primary, startsHeldBack } = view;
  const wanted = desired - usable.length;
  if (wanted <= 0 || startsHeldBack) return [];
  const room = upper - (live.length - stops.length);
  if (room > 0)
    return [{ type: 'start-tasks', deploymentId: primary.id, count: Math.min(wanted, room) }];
  const [unhealthy] = own.filter(isUnhealthy);
  // Its replacement is for the next decision: this failure may be the one that trips the breaker.
  return unhealthy === undefined || own.some(isUndecided) ? [] : [stop(unhealthy, 'unhealthy')];
}

/**
 * Whether the deployment is finished: enough new tasks are healthy, alarms had their time, and the
 * old tasks are gone, not only on their way, unless they may go later.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/early-success-criteria.html
 */
function completionOf(service: ServiceSnapshot, view: View): SchedulerAction | undefined {
  const { primary, own, old, stopping, desired } = view;
  if (primary.rolloutState !== 'IN_PROGRESS') return undefined;
  const { earlySuccess, alarms } = service;
  const healthy = own.filter(isHealthy).length;
  const settled = earlySuccess !== undefined || (own.length === desired && healthy === desired);
  if (!settled || healthy < healthyTasksNeeded(desired, earlySuccess)) return undefined;
  const cleanedUp = old.length === 0 && stopping.every((task) => task.deploymentId === primary.id);
  const mayBake = cleanedUp || earlySuccess !== undefined;
  if (alarms !== undefined && !primary.rollingBack && primary.bakeTime !== 'over') {
    return mayBake && primary.bakeTime === undefined
      ? { type: 'start-bake-time', deploymentId: primary.id }
      : undefined;
  }
  const mayClean = earlySuccess?.sourceServiceRevisionCleanup === 'DEFERRED';
  return cleanedUp || mayClean
    ? { type: 'complete-deployment', deploymentId: primary.id }
    : undefined;
}

/** Nothing to start or stop: the service is at rest, under way, or cannot move. */
function reports(service: ServiceSnapshot, view: View): SchedulerAction[] {
  const { primary, own, live, stopping, desired, upper } = view;
  const atRest = live.length === own.length && own.length === desired && own.every(isHealthy);
  if (atRest) {
    if (primary.rolloutState === 'IN_PROGRESS') return [];
    return service.reported === 'steady' ? [] : [{ type: 'report-steady-state' }];
  }
  const stuck =
    own.length < desired && live.length >= upper && live.every(isHealthy) && stopping.length === 0;
  return stuck && service.reported !== 'stuck' ? [{ type: 'report-stuck' }] : [];
}
