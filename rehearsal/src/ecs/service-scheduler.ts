import { setMaxListeners } from 'node:events';
import type { RehearsalError } from '../errors';
import type { Deployment } from './deployment';
import { AlarmWatch, bakeSeconds } from './deployment-alarms';
import type { EcsDependencies } from './ecs-dependencies';
import { decide, type SchedulerAction } from './rolling-deployment';
import type { ServiceDefinition } from './service-definition';
import { ServiceDeployments } from './service-deployments';
import { ServiceEvents } from './service-events';
import { type ServiceState, type ServiceTask, snapshotOf, verdictOn } from './service-state';
import { StartHold } from './start-hold';
import { stopReason, unhealthyMessage } from './stop-reasons';
import type { Task } from './task';
import type { RegisteredTaskDefinition } from './task-definition-registry';
import { SETTLING_SECONDS } from './task-health';
import { TaskLauncher } from './task-launcher';
import type { TaskNetwork } from './task-network';

/** Keeps one service at what it should be: looks, decides with `decide`, acts, waits for a change. */
export class ServiceScheduler {
  readonly state: ServiceState;
  readonly events: ServiceEvents;
  readonly deployments: ServiceDeployments;
  private readonly launcher: TaskLauncher;
  private readonly startHold: StartHold;
  private readonly closed = new AbortController();
  /** Of the newest deployment */
  private alarmWatch: AlarmWatch | undefined;
  private readonly unsubscribe: () => void;
  private lookIsDue = false;
  /** Why its tasks cannot be rehearsed; nothing is started any more once it is set */
  unplayable: RehearsalError | undefined;

  constructor(
    definition: ServiceDefinition,
    readonly clusterArn: string,
    private readonly network: TaskNetwork,
    private readonly deps: EcsDependencies,
  ) {
    this.state = {
      definition,
      desiredCount: definition.desiredCount,
      deployments: [],
      tasks: [],
      reported: undefined,
    };
    // Every running task waits on it; Node would take more than ten for a leak.
    setMaxListeners(Infinity, this.closed.signal);
    this.events = new ServiceEvents({ ...definition, clusterArn }, deps);
    this.deployments = new ServiceDeployments(this.state, this.events, deps.clock);
    this.launcher = new TaskLauncher(this.state, clusterArn, network, deps, {
      onChange: (task) => this.taskChanged(task),
      onUnplayable: (error) => (this.unplayable ??= error),
    });
    this.startHold = new StartHold(deps.clock, () => this.wake());
    this.unsubscribe = deps.events.subscribe(({ kind }) => {
      if (kind === 'target-health') this.wake();
    });
  }

  /** Starts a deployment of the revision. */
  deploy(taskDefinition: RegisteredTaskDefinition): Deployment {
    const deployment = this.deployments.begin(taskDefinition);
    this.watchAlarms(deployment);
    this.changeOfPlan();
    return deployment;
  }

  setDesiredCount(desiredCount: number): void {
    this.state.desiredCount = desiredCount;
    this.changeOfPlan();
  }

  /** Ends all tasks at once, without draining. */
  async close(): Promise<void> {
    this.closed.abort();
    this.startHold.release();
    this.unsubscribe();
    await Promise.all(this.state.tasks.map(({ task }) => task.kill()));
  }

  private changeOfPlan(): void {
    this.state.reported = undefined;
    this.startHold.release();
    this.wake();
  }

  /** Looks at the service once for everything that happens in this turn. */
  private wake(): void {
    if (this.lookIsDue) return;
    this.lookIsDue = true;
    queueMicrotask(() => {
      this.lookIsDue = false;
      if (!this.closed.signal.aborted) this.look();
    });
  }

  private look(): void {
    if (this.unplayable !== undefined) return;
    for (const entry of this.state.tasks) {
      if (entry.wasHealthy || verdictOn(entry).state !== 'healthy') continue;
      entry.wasHealthy = true;
      this.deployments.count(entry.deployment, 'healthy');
    }
    for (;;) {
      const actions = decide(snapshotOf(this.state, this.startHold.isOn));
      if (actions.length === 0) break;
      this.stopTasks(actions.filter((action) => action.type === 'stop-task'));
      for (const action of actions) this.perform(action);
    }
    this.deployments.retire();
  }

  private perform(action: SchedulerAction): void {
    const { deployments, events, state } = this;
    if (action.type !== 'stop-task') state.reported = undefined;
    switch (action.type) {
      case 'stop-task':
        return;
      case 'start-tasks':
        return this.startTasks(deployments.byId(action.deploymentId), action.count);
      case 'start-bake-time':
        return this.startBakeTime(deployments.byId(action.deploymentId));
      case 'complete-deployment':
        return deployments.complete(deployments.byId(action.deploymentId));
      case 'fail-deployment':
        this.startHold.release();
        return deployments.fail(
          deployments.byId(action.deploymentId),
          action.because,
          action.rollBackTo,
        );
      case 'report-steady-state':
        state.reported = 'steady';
        events.message('has reached a steady state.');
        return events.serviceAction('INFO', 'SERVICE_STEADY_STATE');
      case 'report-stuck':
        state.reported = 'stuck';
        return events.message(
          'was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.',
        );
    }
  }

  private startTasks(deployment: Deployment, count: number): void {
    const entries = Array.from({ length: count }, () => this.launcher.launch(deployment));
    const names = entries.map(({ task }) => `(task ${task.id})`).join(' ');
    this.events.message(`has started ${count} tasks: ${names}.`);
  }

  private stopTasks(stops: readonly Extract<SchedulerAction, { type: 'stop-task' }>[]): void {
    const { events, state } = this;
    const entries = stops.map(({ taskId, because }) => {
      const entry = state.tasks.find(({ task }) => task.id === taskId);
      if (entry === undefined) throw new Error(`the service has no task ${taskId}`);
      return { entry, because, wasRunning: entry.task.record.lastStatus === 'RUNNING' };
    });
    for (const { entry, because } of entries) {
      state.reported = undefined;
      entry.endIsKnown = true;
      const verdict = verdictOn(entry);
      if (because === 'unhealthy' && verdict.state === 'unhealthy') {
        events.message(unhealthyMessage(entry, verdict.cause, state.definition));
        this.deployments.count(entry.deployment, 'failed-health-checks');
      }
      entry.task.stop(
        'ServiceSchedulerInitiated',
        stopReason(because, verdict, this.deployments.primary.id),
      );
    }
    const running = entries.filter(({ wasRunning }) => wasRunning);
    const pending = entries.length - running.length;
    const names = running.map(({ entry }) => `(task ${entry.task.id})`).join(' ');
    if (pending > 0) events.message(`stopped ${pending} pending tasks.`);
    if (running.length > 0)
      events.message(`has stopped ${running.length} running tasks: ${names}.`);
  }

  private taskChanged(task: Task): void {
    const entry = this.state.tasks.find((candidate) => candidate.task === task);
    if (entry === undefined || this.closed.signal.aborted) return;
    const { lastStatus, desiredStatus } = task.record;
    if (lastStatus === 'RUNNING' && !entry.wasRunning) this.taskRuns(entry);
    if (desiredStatus === 'STOPPED' && !entry.endIsKnown) this.taskEndsByItself(entry);
    if (lastStatus === 'DEACTIVATING') {
      this.targetsChanged('deregistered');
      this.events.message('has begun draining connections on 1 tasks.', entry.deployment.id);
    }
    if (lastStatus === 'STOPPED') this.network.detach(task.record.networkInterface);
    this.wake();
  }

  private taskRuns(entry: ServiceTask): void {
    entry.wasRunning = true;
    this.startHold.release();
    this.deployments.count(entry.deployment, 'running');
    this.targetsChanged('registered');
    const { healthCheckGracePeriodSeconds } = this.state.definition;
    this.after(SETTLING_SECONDS, () => (entry.settled = true));
    this.after(healthCheckGracePeriodSeconds, () => (entry.inGracePeriod = false));
  }

  private taskEndsByItself(entry: ServiceTask): void {
    entry.endIsKnown = true;
    this.state.reported = undefined;
    // Capacity that is taken back says nothing about the revision.
    if (entry.task.record.stopCode === 'SpotInterruption') return;
    if (entry.wasRunning) {
      if (!entry.wasHealthy) this.deployments.count(entry.deployment, 'exited-before-healthy');
      return;
    }
    this.deployments.count(entry.deployment, 'failed-to-start');
    const { stoppedReason = '' } = entry.task.record;
    if (stoppedReason.startsWith('ECS was unable to assume the role'))
      this.events.message(`failed to launch a task with (error ${stoppedReason}).`);
    else this.events.message(`was unable to place a task. Reason: ${stoppedReason}.`);
    if (this.startHold.taskFailedToStart()) {
      this.events.message('is unable to consistently start tasks successfully.');
      this.events.serviceAction('WARN', 'SERVICE_TASK_START_IMPAIRED');
    }
  }

  private watchAlarms(deployment: Deployment): void {
    const { clock, alarms } = this.deps;
    const settings = this.state.definition.alarms;
    if (settings === undefined || alarms === undefined) return;
    this.alarmWatch = new AlarmWatch(deployment, settings, alarms);
    void this.alarmWatch.run(clock, this.closed.signal, () => this.wake());
  }

  private startBakeTime(deployment: Deployment): void {
    const { alarms } = this.state.definition;
    if (alarms === undefined) return;
    deployment.bakeTime = 'running';
    const over = () => void this.endBakeTime(deployment);
    this.after(bakeSeconds(alarms, this.deps.resources), over, this.deps.limits);
  }

  private async endBakeTime(deployment: Deployment): Promise<void> {
    await this.alarmWatch?.conclude();
    deployment.bakeTime = 'over';
    this.wake();
  }

  private targetsChanged(what: 'registered' | 'deregistered'): void {
    for (const { targetGroupArn } of this.state.definition.loadBalancers) {
      this.events.message(`${what} 1 targets in (target-group ${targetGroupArn})`);
    }
  }

  private after(seconds: number, then: () => void, clock = this.deps.clock): void {
    void clock.wait(seconds * 1000, this.closed.signal).then(() => {
      then();
      this.wake();
    });
  }
}
