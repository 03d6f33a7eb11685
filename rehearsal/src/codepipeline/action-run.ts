import { randomUUID } from 'node:crypto';
import { messageOf, RehearsalError } from '../errors';
import type { Authorizer, Caller } from '../iam/authorizer';
import type { ActionResult } from './actions/action';
import { ArtifactAccessDenied } from './artifact-store';
import type { ActionExecution, PipelineExecution, StageExecution } from './execution';
import type { ExecutionContext, ExecutionRun } from './execution-run';
import type { ActionDefinition, PipelineDefinition } from './pipeline-definition';
import type { RequestedRevision } from './start-request';
import { resolveVariables, type Variables } from './variables';

/** Runs one action of an execution. @returns whether it succeeded */
export async function runAction(
  context: ExecutionContext,
  { execution, state, stop }: Pick<ExecutionRun, 'execution' | 'state' | 'stop'>,
  stage: StageExecution,
  definition: ActionDefinition,
  revision: RequestedRevision | undefined,
): Promise<boolean> {
  const { clock, stateChanges, pipeline } = context;
  const action: ActionExecution = {
    name: definition.name,
    id: randomUUID(),
    status: 'InProgress',
    startedAt: clock.now(),
  };
  stage.actions.push(action);
  stateChanges.action(execution, stage.name, definition, action, 'STARTED');
  const running = playAction(context, { execution, state }, stage.name, definition, revision);
  const result = await Promise.race([running, stop.abandoned]);
  action.finishedAt = clock.now();
  if (result === 'abandoned') {
    // What the action has started goes on, as on AWS; only nobody waits for it any more.
    running.catch(() => undefined);
    action.status = 'Abandoned';
    stateChanges.action(execution, stage.name, definition, action, 'ABANDONED');
    return false;
  }
  action.status = result.status;
  if (result.summary !== undefined) action.summary = result.summary;
  if (result.status === 'Succeeded') {
    if (result.commit !== undefined) {
      for (const artifact of definition.outputArtifacts) {
        state.revisions.set(artifact, result.commit);
      }
      // Of several sources the first speaks for the execution, whichever is ready first.
      if (pipeline.stages[0]?.actions[0]?.name === definition.name) {
        execution.commit = result.commit;
      }
      execution.commit ??= result.commit;
    }
    if (definition.namespace !== undefined) {
      state.variables.set(definition.namespace, { ...result.outputVariables });
    }
  }
  const event = result.status.toUpperCase();
  stateChanges.action(execution, stage.name, definition, action, event, result);
  return result.status === 'Succeeded';
}

/** Plays an action, or a rule, and makes a result of whatever a person can cause. */
export function playAction(
  context: ExecutionContext,
  { execution, state }: Pick<ExecutionRun, 'execution' | 'state'>,
  stage: string,
  definition: ActionDefinition,
  revision?: RequestedRevision,
): Promise<ActionResult> {
  const { pipeline, authorizer, runners, shutdown } = context;
  return resultOf(async () => {
    const runner = runners.get(definition.type);
    if (runner === undefined) throw new Error(`no runner plays ${definition.type}`);
    return runner({
      pipeline,
      executionId: execution.id,
      stage,
      action: withVariables(definition, state.variables),
      caller: callerOf(authorizer, pipeline, definition, execution),
      commit: state.revisions.get(primaryInput(definition)) ?? execution.commit,
      requestedCommit: revision?.commit,
      requestedBranch: revision?.branch,
      artifacts: state.artifacts,
      signal: shutdown,
    });
  });
}

function primaryInput({ configuration, inputArtifacts }: ActionDefinition): string {
  return configuration['PrimarySource'] ?? inputArtifacts[0] ?? '';
}

/** What a person can cause fails the action; a defect of the engine is not dressed up as that. */
async function resultOf(run: () => Promise<ActionResult>): Promise<ActionResult> {
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
 * CodePipeline becomes the pipeline's role, and that the role of an action that has its own.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
 */
function callerOf(
  authorizer: Authorizer,
  pipeline: PipelineDefinition,
  action: ActionDefinition,
  execution: PipelineExecution,
): Caller {
  const sessionName = execution.id;
  const becoming = (caller: Caller, roleArn: string): Caller => {
    const request = { caller, action: 'sts:AssumeRole', resource: roleArn };
    const decision = authorizer.authorize(request);
    if (!decision.allowed) throw new ArtifactAccessDenied(decision.message);
    return { kind: 'role', roleArn, sessionName };
  };
  const codepipeline: Caller = {
    kind: 'service',
    service: 'codepipeline.amazonaws.com',
    sourceArn: pipeline.arn,
  };
  const pipelineRole = becoming(codepipeline, pipeline.roleArn);
  return action.roleArn === undefined ? pipelineRole : becoming(pipelineRole, action.roleArn);
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
