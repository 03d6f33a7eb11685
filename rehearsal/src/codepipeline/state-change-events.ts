import { type Clock, isoTime } from '../clock';
import type { AwsEvent } from '../events';
import type { ActionResult } from './actions/action';
import type { ActionExecution, PipelineExecution } from './execution';
import type { ActionDefinition, PipelineDefinition } from './pipeline-definition';

/**
 * Events as CodePipeline puts them on the event bus.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
 */
export class StateChangeEvents {
  constructor(
    private readonly pipeline: PipelineDefinition,
    private readonly clock: Clock,
    private readonly emit: (event: AwsEvent) => void,
  ) {}

  /** @param stopComments of the person who stops the execution */
  execution(execution: PipelineExecution, state: string, stopComments?: string): void {
    this.send('Pipeline', execution, {
      state,
      ...(stopComments !== undefined && { 'stop-execution-comments': stopComments }),
      ...(state === 'STARTED' && {
        'execution-trigger': {
          'trigger-type': execution.trigger.type,
          'trigger-detail': execution.trigger.detail,
        },
      }),
    });
  }

  stage(execution: PipelineExecution, stage: string, state: string): void {
    this.send('Stage', execution, { stage, state });
  }

  action(
    execution: PipelineExecution,
    stage: string,
    definition: ActionDefinition,
    action: ActionExecution,
    state: string,
    result?: ActionResult,
  ): void {
    this.send('Action', execution, {
      stage,
      action: definition.name,
      'action-execution-id': action.id,
      region: this.pipeline.region,
      type: {
        owner: definition.owner,
        provider: definition.provider,
        category: definition.category,
        version: definition.version,
      },
      'input-artifacts': definition.inputArtifacts.map((name) => ({ name })),
      'output-artifacts': definition.outputArtifacts.map((name) => ({ name })),
      state,
      ...(result !== undefined && { 'execution-result': executionResult(result) }),
    });
  }

  private send(
    level: 'Pipeline' | 'Stage' | 'Action',
    execution: PipelineExecution,
    detail: Record<string, unknown>,
  ): void {
    this.emit({
      kind: 'aws',
      source: 'aws.codepipeline',
      'detail-type': `CodePipeline ${level} Execution State Change`,
      account: this.pipeline.account,
      region: this.pipeline.region,
      time: isoTime(this.clock.now()),
      resources: [this.pipeline.arn],
      detail: {
        pipeline: this.pipeline.name,
        'execution-id': execution.id,
        'start-time': isoTime(execution.startedAt),
        ...detail,
        version: 1,
        'pipeline-execution-attempt': execution.attempt,
      },
    });
  }
}

function executionResult(result: ActionResult): Record<string, string> {
  return {
    ...(result.summary !== undefined && { 'external-execution-summary': result.summary }),
    ...(result.externalExecutionId !== undefined && {
      'external-execution-id': result.externalExecutionId,
    }),
    ...(result.status === 'Failed' &&
      result.errorCode !== undefined && { 'error-code': result.errorCode }),
  };
}
