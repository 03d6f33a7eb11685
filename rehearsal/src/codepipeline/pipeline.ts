import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import { RehearsalError } from '../errors';
import type { EventStream } from '../events';
import type { Authorizer } from '../iam/authorizer';
import { ServiceException } from '../service-exception';
import type { ActionRunner } from './actions/action';
import type { ArtifactStore } from './artifact-store';
import type { PipelineExecution } from './execution';
import { type ExecutionContext, ExecutionRun } from './execution-run';
import type { PipelineDefinition, RetryMode, StageDefinition } from './pipeline-definition';
import { deploymentWindow } from './rules/deployment-window';
import { variableCheck } from './rules/variable-check';
import { StageLock } from './stage-lock';
import type { StartRequest } from './start-request';
import { StateChangeEvents } from './state-change-events';

export type { StartRequest } from './start-request';

export interface PipelineServices {
  readonly clock: Clock;
  readonly events: EventStream;
  readonly authorizer: Authorizer;
  readonly artifacts: ArtifactStore;
  /** By the type of actions and rules, e.g. `Build/AWS/CodeBuild/1`, `Rule/AWS/CloudWatchAlarm/1` */
  readonly runners: ReadonlyMap<string, ActionRunner>;
}

/** `finished` resolves when the execution, and a rollback that it caused, have ended. */
export interface StartedExecution {
  readonly execution: PipelineExecution;
  readonly finished: Promise<void>;
}

/** A deployed pipeline and its executions. */
export class Pipeline {
  readonly executions: PipelineExecution[] = [];
  private readonly runs = new Map<string, ExecutionRun>();
  private readonly running = new Set<Promise<void>>();
  /** The execution that was the last to enter each stage */
  private readonly lastInStage = new Map<string, string>();
  private readonly shutdown = new AbortController();
  private readonly context: ExecutionContext;

  /** @throws RehearsalError `ActionUnplayed` naming stage, action and type */
  constructor(
    readonly definition: PipelineDefinition,
    private readonly services: PipelineServices,
  ) {
    const { clock, events, authorizer } = services;
    const runners = new Map([
      ['Rule/AWS/VariableCheck/1', variableCheck],
      ['Rule/AWS/DeploymentWindow/1', deploymentWindow(clock)],
      ...services.runners,
    ]);
    refuseUnplayedActions(definition, runners);
    const { stages, executionMode, disabledTransitions } = definition;
    this.context = {
      pipeline: definition,
      clock,
      authorizer,
      runners,
      locks: new Map(stages.map(({ name }) => [name, new StageLock(executionMode)])),
      stateChanges: new StateChangeEvents(definition, clock, (event) => events.emit(event)),
      shutdown: this.shutdown.signal,
      onEnter: (stage, { id }) => this.lastInStage.set(stage, id),
    };
    for (const stage of disabledTransitions) this.disableStageTransition(stage);
  }

  /** Starts an execution and returns at once. */
  start(request: StartRequest): StartedExecution {
    const { stages, variables: declared, name } = this.definition;
    const execution = this.newExecution(request);
    const variables = new Map<string, Readonly<Record<string, string>>>([
      ['codepipeline', { PipelineExecutionId: execution.id, PipelineName: name }],
      [
        'variables',
        Object.fromEntries(
          declared.flatMap((variable) => {
            const value = request.variables?.[variable.name] ?? variable.defaultValue;
            return value === undefined ? [] : [[variable.name, value]];
          }),
        ),
      ],
    ]);
    const artifacts = this.services.artifacts.forExecution(this.definition, execution.id);
    const state = { artifacts, variables, revisions: new Map<string, string>() };
    return this.launch(
      new ExecutionRun(this.context, execution, state, stages, request.sourceRevisions),
    );
  }

  /**
   * https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StopPipelineExecution.html
   *
   * @param options `abandon`: do not wait for the actions that run
   * @throws ServiceException `PipelineExecutionNotFoundException`,
   *   `PipelineExecutionNotStoppableException`, `DuplicatedStopRequestException`
   */
  stop(executionId: string, options: { abandon?: boolean; reason?: string } = {}): void {
    const run = this.runOf(executionId);
    const { status } = run.execution;
    const { abandon = false, reason } = options;
    // A stop that waits may still be turned into one that abandons.
    const isDuplicate = status === 'Stopping' && (!abandon || run.stop.isAbandoned);
    if (isDuplicate) {
      throw new ServiceException(
        'DuplicatedStopRequestException',
        `The pipeline execution ${executionId} has already been requested to be stopped.`,
      );
    }
    if (status !== 'InProgress' && status !== 'Stopping') {
      throw new ServiceException(
        'PipelineExecutionNotStoppableException',
        `The pipeline execution ${executionId} is in the state ${status} and cannot be stopped.`,
      );
    }
    run.requestStop(abandon, reason);
  }

  /**
   * Runs a failed stage again in the same execution.
   * https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RetryStageExecution.html
   *
   * @throws ServiceException `PipelineExecutionNotFoundException`, `StageNotRetryableException`,
   *   `NotLatestPipelineExecutionException`
   */
  retryStage(stage: string, executionId: string, mode: RetryMode): StartedExecution {
    const run = this.runOf(executionId);
    const { execution } = run;
    if (execution.status !== 'Failed' || run.failedStage !== stage) {
      throw new ServiceException(
        'StageNotRetryableException',
        `The stage ${stage} contains no failed actions in the pipeline execution ${executionId}, which is ${execution.status}.`,
      );
    }
    const isParallel = this.definition.executionMode === 'PARALLEL';
    if (!isParallel && this.lastInStage.get(stage) !== executionId) {
      throw new ServiceException(
        'NotLatestPipelineExecutionException',
        `A later execution than ${executionId} has entered the stage ${stage}, so the request is out of date.`,
      );
    }
    run.rollbackOf = undefined;
    return { execution, finished: this.track(run, run.retry(mode)) };
  }

  /** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_DisableStageTransition.html */
  disableStageTransition(stage: string): void {
    this.lockOf(stage).disable();
  }

  enableStageTransition(stage: string): void {
    this.lockOf(stage).enable();
  }

  /** Aborts what runs, for the shutdown of the engine. */
  async close(): Promise<void> {
    this.shutdown.abort();
    for (const { execution } of this.runs.values()) {
      for (const lock of this.context.locks.values()) lock.withdraw(execution.number);
    }
    await Promise.allSettled(this.running);
  }

  private launch(run: ExecutionRun): StartedExecution {
    const { execution } = run;
    this.executions.push(execution);
    this.runs.set(execution.id, run);
    this.context.stateChanges.execution(execution, 'STARTED');
    return { execution, finished: this.track(run, run.play()) };
  }

  private track(run: ExecutionRun, playing: Promise<void>): Promise<void> {
    const finished = playing
      .then(() => this.rollBack(run))
      .finally(() => this.running.delete(finished));
    this.running.add(finished);
    return finished;
  }

  /**
   * Runs a stage once more as the last execution that succeeded in it did, in an execution of its
   * own. The structure of a pipeline never changes in a rehearsal.
   * https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback-auto.html
   */
  private async rollBack(failed: ExecutionRun): Promise<void> {
    const stage = this.definition.stages.find(({ name }) => name === failed.rollbackOf);
    const target = this.lastSuccessIn(stage, failed.execution);
    if (stage === undefined || target === undefined || this.shutdown.signal.aborted) return;
    const execution: PipelineExecution = {
      ...this.newExecution({
        triggerType: 'AutomatedRollback',
        triggerDetail: failed.execution.id,
      }),
      type: 'ROLLBACK',
      rollbackTarget: target.execution.id,
      ...(target.execution.commit !== undefined && { commit: target.execution.commit }),
    };
    await this.launch(new ExecutionRun(this.context, execution, target.state, [stage])).finished;
  }

  private lastSuccessIn(
    stage: StageDefinition | undefined,
    failed: PipelineExecution,
  ): ExecutionRun | undefined {
    const succeeded = this.executions.filter(
      ({ id, type, stages }) =>
        id !== failed.id &&
        type === 'STANDARD' &&
        stages.some(({ name, status }) => name === stage?.name && status === 'Succeeded'),
    );
    const last = succeeded.at(-1);
    return last && this.runs.get(last.id);
  }

  private newExecution(request: StartRequest): PipelineExecution {
    return {
      id: randomUUID(),
      number: this.executions.length + 1,
      pipeline: this.definition.name,
      type: 'STANDARD',
      trigger: { type: request.triggerType, detail: request.triggerDetail },
      attempt: 1,
      status: 'InProgress',
      startedAt: this.services.clock.now(),
      stages: [],
    };
  }

  private runOf(executionId: string): ExecutionRun {
    const run = this.runs.get(executionId);
    if (run !== undefined) return run;
    throw new ServiceException(
      'PipelineExecutionNotFoundException',
      `The pipeline execution ${executionId} does not exist in the pipeline ${this.definition.name}.`,
    );
  }

  private lockOf(stage: string): StageLock {
    const lock = this.context.locks.get(stage);
    if (lock !== undefined) return lock;
    throw new ServiceException(
      'StageNotFoundException',
      `The pipeline ${this.definition.name} has no stage ${stage}.`,
    );
  }
}

function refuseUnplayedActions(
  { name, stages }: PipelineDefinition,
  runners: ReadonlyMap<string, ActionRunner>,
): void {
  for (const stage of stages) {
    const { beforeEntry, onSuccess, onFailure } = stage;
    const rules = [...beforeEntry, ...onSuccess, ...onFailure.conditions].flatMap(
      (each) => each.rules,
    );
    const unplayed = [...stage.actions, ...rules].find(({ type }) => !runners.has(type));
    if (unplayed === undefined) continue;
    const isRule = (type: string) => type.startsWith('Rule/');
    const played = [...runners.keys()].filter((type) => isRule(type) === isRule(unplayed.type));
    throw new RehearsalError(
      'ActionUnplayed',
      `${isRule(unplayed.type) ? 'rule' : 'action'} '${unplayed.name}' of stage '${stage.name}' in pipeline '${name}' is of type '${unplayed.type}', which is not played; played: ${played.join(', ')}.`,
    );
  }
}
