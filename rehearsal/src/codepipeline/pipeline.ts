import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import { messageOf, RehearsalError } from '../errors';
import type { EventStream } from '../events';
import type { Authorizer, Caller } from '../iam/authorizer';
import type { ActionResult, ActionRunner, ArtifactAccess } from './actions/action';
import { ArtifactAccessDenied, type ArtifactStore } from './artifact-store';
import type { ActionExecution, PipelineExecution, StageExecution } from './execution';
import {
  type ActionDefinition,
  type PipelineDefinition,
  runOrderGroups,
  type StageDefinition,
} from './pipeline-definition';
import { StageLock } from './stage-lock';
import { StateChangeEvents } from './state-change-events';
import { resolveVariables, type Variables } from './variables';

export interface PipelineServices {
  readonly clock: Clock;
  readonly events: EventStream;
  readonly authorizer: Authorizer;
  readonly artifacts: ArtifactStore;
  /** By action type, e.g. `Build/AWS/CodeBuild/1` */
  readonly runners: ReadonlyMap<string, ActionRunner>;
}

export interface StartRequest {
  /** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ExecutionTrigger.html */
  readonly triggerType: 'Webhook' | 'WebhookV2' | 'StartPipelineExecution';
  readonly triggerDetail: string;
  /** The branch's newest commit when undefined */
  readonly commit?: string;
}

/** A deployed pipeline and its executions. */
export class Pipeline {
  readonly executions: PipelineExecution[] = [];
  private readonly running = new Set<Promise<void>>();
  private readonly locks: ReadonlyMap<string, StageLock>;
  private readonly stateChanges: StateChangeEvents;
  private readonly shutdown = new AbortController();

  /** @throws RehearsalError `ActionUnplayed` naming stage, action and type */
  constructor(
    readonly definition: PipelineDefinition,
    private readonly services: PipelineServices,
  ) {
    for (const stage of definition.stages) {
      for (const action of stage.actions) this.runnerOf(stage, action);
    }
    this.locks = new Map(
      definition.stages.map(({ name }) => [name, new StageLock(definition.executionMode)]),
    );
    this.stateChanges = new StateChangeEvents(definition, services.clock, (event) =>
      services.events.emit(event),
    );
  }

  /** Starts an execution and returns at once; `finished` resolves when it has ended. */
  start(request: StartRequest): { execution: PipelineExecution; finished: Promise<void> } {
    const execution: PipelineExecution = {
      id: randomUUID(),
      number: this.executions.length + 1,
      pipeline: this.definition.name,
      trigger: { type: request.triggerType, detail: request.triggerDetail },
      status: 'InProgress',
      startedAt: this.services.clock.now(),
      stages: [],
    };
    this.executions.push(execution);
    this.stateChanges.execution(execution, 'STARTED');
    const finished = this.run(execution, request.commit).finally(() =>
      this.running.delete(finished),
    );
    this.running.add(finished);
    return { execution, finished };
  }

  /** Aborts what runs, for the shutdown of the engine. */
  async close(): Promise<void> {
    this.shutdown.abort();
    await Promise.allSettled(this.running);
  }

  private async run(execution: PipelineExecution, commit: string | undefined): Promise<void> {
    const variables = new Map<string, Record<string, string>>([
      ['codepipeline', { PipelineExecutionId: execution.id }],
    ]);
    const artifacts = this.services.artifacts.forExecution(this.definition, execution.id);
    for (const stage of this.definition.stages) {
      const lock = this.locks.get(stage.name);
      if ((await lock?.enter(execution.number)) === 'superseded') {
        return this.end(execution, 'Superseded');
      }
      try {
        const succeeded = await this.runStage(execution, stage, artifacts, variables, commit);
        if (!succeeded) return this.end(execution, 'Failed');
      } finally {
        lock?.leave();
      }
    }
    this.end(execution, 'Succeeded');
  }

  private async runStage(
    execution: PipelineExecution,
    definition: StageDefinition,
    artifacts: ArtifactAccess,
    variables: Map<string, Record<string, string>>,
    requestedCommit: string | undefined,
  ): Promise<boolean> {
    const stage: StageExecution = {
      name: definition.name,
      status: 'InProgress',
      startedAt: this.services.clock.now(),
      actions: [],
    };
    execution.stages.push(stage);
    this.stateChanges.stage(execution, stage.name, 'STARTED');
    let succeeded = true;
    for (const group of runOrderGroups(definition)) {
      const results = await Promise.all(
        group.map((action) =>
          this.runAction(execution, stage, action, artifacts, variables, requestedCommit),
        ),
      );
      succeeded = results.every(({ status }) => status === 'Succeeded');
      if (!succeeded) break;
    }
    stage.status = succeeded ? 'Succeeded' : 'Failed';
    stage.finishedAt = this.services.clock.now();
    this.stateChanges.stage(execution, stage.name, stage.status.toUpperCase());
    return succeeded;
  }

  private async runAction(
    execution: PipelineExecution,
    stage: StageExecution,
    definition: ActionDefinition,
    artifacts: ArtifactAccess,
    variables: Map<string, Record<string, string>>,
    requestedCommit: string | undefined,
  ): Promise<ActionResult> {
    const action: ActionExecution = {
      name: definition.name,
      id: randomUUID(),
      status: 'InProgress',
      startedAt: this.services.clock.now(),
    };
    stage.actions.push(action);
    this.stateChanges.action(execution, stage.name, definition, action, 'STARTED');
    const result = await this.resultOf(async () =>
      this.runnerOf(
        stage,
        definition,
      )({
        pipeline: this.definition,
        executionId: execution.id,
        stage: stage.name,
        action: withVariables(definition, variables),
        caller: this.callerOf(definition, execution),
        commit: execution.commit,
        requestedCommit,
        artifacts,
        signal: this.shutdown.signal,
      }),
    );
    action.status = result.status;
    if (result.summary !== undefined) action.summary = result.summary;
    action.finishedAt = this.services.clock.now();
    if (result.status === 'Succeeded') {
      if (result.commit !== undefined) execution.commit ??= result.commit;
      if (definition.namespace !== undefined) {
        variables.set(definition.namespace, { ...result.outputVariables });
      }
    }
    this.stateChanges.action(
      execution,
      stage.name,
      definition,
      action,
      result.status.toUpperCase(),
      result,
    );
    return result;
  }

  /** What a person can cause fails the action; a defect of the engine is not dressed up as that. */
  private async resultOf(run: () => Promise<ActionResult>): Promise<ActionResult> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof ArtifactAccessDenied) {
        return { status: 'Failed', errorCode: 'PermissionError', summary: error.message };
      }
      if (error instanceof RehearsalError && error.code === 'VariableUnknown') {
        return { status: 'Failed', errorCode: 'ConfigurationError', summary: messageOf(error) };
      }
      throw error;
    }
  }

  /**
   * An action with a role of its own: the pipeline's role assumes it first.
   * https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
   */
  private callerOf(action: ActionDefinition, execution: PipelineExecution): Caller {
    const sessionName = execution.id;
    const pipelineRole: Caller = { kind: 'role', roleArn: this.definition.roleArn, sessionName };
    if (action.roleArn === undefined) return pipelineRole;
    const decision = this.services.authorizer.authorize({
      caller: pipelineRole,
      action: 'sts:AssumeRole',
      resource: action.roleArn,
    });
    if (!decision.allowed) throw new ArtifactAccessDenied(decision.message);
    return { kind: 'role', roleArn: action.roleArn, sessionName };
  }

  private runnerOf(stage: { readonly name: string }, action: ActionDefinition): ActionRunner {
    const runner = this.services.runners.get(action.type);
    if (runner !== undefined) return runner;
    throw new RehearsalError(
      'ActionUnplayed',
      `action '${action.name}' of stage '${stage.name}' in pipeline '${this.definition.name}' is of type '${action.type}', which is not played; played: ${[...this.services.runners.keys()].join(', ')}.`,
    );
  }

  private end(execution: PipelineExecution, status: 'Succeeded' | 'Failed' | 'Superseded'): void {
    execution.status = status;
    execution.finishedAt = this.services.clock.now();
    this.stateChanges.execution(execution, status.toUpperCase());
  }
}

function withVariables(action: ActionDefinition, variables: Variables): ActionDefinition {
  const resolve = (text: string) => resolveVariables(text, variables);
  return {
    ...action,
    configuration: Object.fromEntries(
      Object.entries(action.configuration).map(([key, value]) => [key, resolve(value)]),
    ),
    commands: action.commands.map(resolve),
    environmentVariables: action.environmentVariables.map(({ name, value }) => ({
      name,
      value: resolve(value),
    })),
  };
}
