import type { Authorizer } from '../iam/authorizer';
import type { Clock } from '../clock';
import type { ActionRunner, ArtifactAccess } from './actions/action';
import { playAction, runAction } from './action-run';
import { engagedCondition, type EngagedCondition } from './conditions';
import type { PipelineExecution, StageExecution } from './execution';
import type {
  Condition,
  PipelineDefinition,
  RetryMode,
  StageDefinition,
} from './pipeline-definition';
import { runOrderGroups } from './run-order';
import type { StageLock } from './stage-lock';
import type { StateChangeEvents } from './state-change-events';
import { StopRequest } from './stop-request';
import type { RequestedRevision } from './start-request';

/** What an execution needs of its pipeline. */
export interface ExecutionContext {
  readonly pipeline: PipelineDefinition;
  readonly clock: Clock;
  readonly authorizer: Authorizer;
  readonly runners: ReadonlyMap<string, ActionRunner>;
  readonly locks: ReadonlyMap<string, StageLock>;
  readonly stateChanges: StateChangeEvents;
  /** Aborted when the engine shuts down */
  readonly shutdown: AbortSignal;
  /** Called when an execution enters a stage */
  onEnter(stage: string, execution: PipelineExecution): void;
}

type StageOutcome = 'Succeeded' | 'Skipped' | 'Failed' | 'Stopped';

/** What stages hand on to later ones. */
export interface ExecutionState {
  readonly artifacts: ArtifactAccess;
  /** By namespace */
  readonly variables: Map<string, Readonly<Record<string, string>>>;
  /** Commit of each source artifact, by its name */
  readonly revisions: Map<string, string>;
}

/** Plays the stages of one execution; after a failure a retry goes on where it stopped. */
export class ExecutionRun {
  readonly stop = new StopRequest();
  /** Set when a failed stage asks for a rollback */
  rollbackOf: string | undefined;
  /** Actions of the stage at `position` that need not run again */
  private readonly done = new Set<string>();

  /**
   * @param stages all of the pipeline's, or the one that a rollback runs
   * @param revisions what the trigger asks source actions for
   */
  constructor(
    private readonly context: ExecutionContext,
    readonly execution: PipelineExecution,
    readonly state: ExecutionState,
    private readonly stages: readonly StageDefinition[],
    private readonly revisions: readonly RequestedRevision[] = [],
    private position = 0,
  ) {}

  /** Name of the stage that failed; undefined when none did. */
  get failedStage(): string | undefined {
    const name = this.stages[this.position]?.name;
    const stage = this.execution.stages.find((played) => played.name === name);
    return stage?.status === 'Failed' ? name : undefined;
  }

  /** Never rejects for what a person can cause. */
  async play(): Promise<void> {
    for (; this.position < this.stages.length; this.position += 1) {
      const stage = this.stages[this.position];
      if (stage === undefined) break;
      if (this.stop.requested) return this.end('Stopped');
      const outcome = await this.enterAndPlay(stage);
      if (outcome !== 'Succeeded' && outcome !== 'Skipped') return this.end(outcome);
      this.done.clear();
    }
    this.end('Succeeded');
  }

  /** Plays the failed stage again, and what follows it. */
  async retry(mode: RetryMode): Promise<void> {
    const { execution, context } = this;
    delete execution.finishedAt;
    execution.status = 'InProgress';
    execution.attempt += 1;
    if (mode === 'ALL_ACTIONS') this.done.clear();
    context.stateChanges.execution(execution, 'RESUMED');
    await this.play();
  }

  /** An execution that waits for a stage leaves the line; one inside goes on as `stop` says. */
  requestStop(abandon: boolean, reason: string | undefined): void {
    const { execution, context } = this;
    this.stop.request(abandon);
    execution.status = 'Stopping';
    context.stateChanges.execution(execution, 'STOPPING', reason ?? '');
    const current = execution.stages.find(({ status }) => status === 'InProgress');
    if (current !== undefined) {
      current.status = 'Stopping';
      context.stateChanges.stage(execution, current.name, 'STOPPING');
    }
    for (const lock of context.locks.values()) lock.withdraw(execution.number);
  }

  private async enterAndPlay(stage: StageDefinition): Promise<StageOutcome | 'Superseded'> {
    const lock = this.context.locks.get(stage.name);
    const entry = (await lock?.enter(this.execution.number)) ?? 'entered';
    if (entry === 'superseded') return 'Superseded';
    if (entry === 'withdrawn') return 'Stopped';
    try {
      this.context.onEnter(stage.name, this.execution);
      return await this.playStage(stage);
    } finally {
      lock?.leave();
    }
  }

  private async playStage(definition: StageDefinition): Promise<StageOutcome> {
    const { execution, context } = this;
    const isRetry = execution.stages.some(({ name }) => name === definition.name);
    const stage = this.stageEntry(definition.name);
    const entry = await this.engaged(stage.name, definition.beforeEntry);
    if (entry?.result === 'SKIP') return this.endStage(stage, 'Skipped', entry.reason);
    context.stateChanges.stage(execution, stage.name, isRetry ? 'RESUMED' : 'STARTED');
    if (entry !== undefined) return this.endStage(stage, 'Failed', entry.reason);

    let outcome = await this.playActions(definition, stage);
    const { onFailure, onSuccess } = definition;
    // Once for each time that the stage is entered.
    if (outcome === 'Failed' && onFailure.result === 'RETRY') {
      this.endStage(stage, 'Failed');
      if (onFailure.retryMode === 'ALL_ACTIONS') this.done.clear();
      execution.attempt += 1;
      this.stageEntry(definition.name);
      context.stateChanges.stage(execution, stage.name, 'RESUMED');
      outcome = await this.playActions(definition, stage);
    }
    if (outcome === 'Stopped') return this.endStage(stage, outcome);
    const conditions = outcome === 'Succeeded' ? onSuccess : onFailure.conditions;
    const engaged = await this.engaged(stage.name, conditions);
    const rollsBack =
      outcome === 'Failed' && conditions.length === 0
        ? onFailure.result === 'ROLLBACK'
        : engaged?.result === 'ROLLBACK';
    if (rollsBack) this.rollbackOf = stage.name;
    return this.endStage(stage, engaged === undefined ? outcome : 'Failed', engaged?.reason);
  }

  /** Rules are played as the actions are: with their variables, as their roles. */
  private engaged(
    stage: string,
    conditions: readonly Condition[],
  ): Promise<EngagedCondition | undefined> {
    return engagedCondition(conditions, (rule) => playAction(this.context, this, stage, rule));
  }

  /** In each group all actions end, even when one of them fails; then no further group starts. */
  private async playActions(
    definition: StageDefinition,
    stage: StageExecution,
  ): Promise<'Succeeded' | 'Failed' | 'Stopped'> {
    for (const group of runOrderGroups(definition)) {
      const waiting = group.filter(({ name }) => !this.done.has(name));
      if (this.stop.requested && waiting.length > 0) return 'Stopped';
      const results = await Promise.all(
        waiting.map(async (action) => {
          const revision = this.revisions.find(({ actionName }) => actionName === action.name);
          const succeeded = await runAction(
            this.context,
            this,
            stage,
            action,
            action.category === 'Source' ? revision : undefined,
          );
          if (succeeded) this.done.add(action.name);
          return succeeded;
        }),
      );
      if (this.stop.requested) return 'Stopped';
      if (!results.every(Boolean)) return 'Failed';
    }
    return 'Succeeded';
  }

  /** A new entry, or that of an earlier attempt. */
  private stageEntry(name: string): StageExecution {
    const { execution, context } = this;
    const played = execution.stages.find((stage) => stage.name === name);
    if (played !== undefined) {
      played.status = 'InProgress';
      delete played.finishedAt;
      delete played.summary;
      return played;
    }
    const startedAt = context.clock.now();
    const stage: StageExecution = { name, status: 'InProgress', startedAt, actions: [] };
    execution.stages.push(stage);
    return stage;
  }

  private endStage(stage: StageExecution, outcome: StageOutcome, reason?: string): StageOutcome {
    stage.status = outcome;
    stage.finishedAt = this.context.clock.now();
    if (reason !== undefined) stage.summary = reason;
    // There is no event for a stage that was skipped.
    if (outcome !== 'Skipped') {
      this.context.stateChanges.stage(this.execution, stage.name, outcome.toUpperCase());
    }
    return outcome;
  }

  private end(status: 'Succeeded' | 'Failed' | 'Superseded' | 'Stopped' | 'Skipped'): void {
    const { execution, context } = this;
    execution.status = status === 'Skipped' ? 'Succeeded' : status;
    execution.finishedAt = context.clock.now();
    context.stateChanges.execution(execution, execution.status.toUpperCase());
  }
}
