/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineExecution.html */
export type ExecutionStatus =
  'InProgress' | 'Succeeded' | 'Failed' | 'Superseded' | 'Stopping' | 'Stopped' | 'Cancelled';

/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StageExecution.html */
export type StageStatus =
  'InProgress' | 'Succeeded' | 'Failed' | 'Stopping' | 'Stopped' | 'Skipped' | 'Cancelled';

/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionExecution.html */
export type ActionStatus = 'InProgress' | 'Succeeded' | 'Failed' | 'Abandoned';

/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ExecutionTrigger.html */
export type TriggerType =
  | 'AutomatedRollback'
  | 'CloudWatchEvent'
  | 'CreatePipeline'
  | 'ManualRollback'
  | 'PollForSourceChanges'
  | 'StartPipelineExecution'
  | 'Webhook'
  | 'WebhookV2';

export interface ActionExecution {
  readonly name: string;
  /** Unique to this run of the action */
  readonly id: string;
  status: ActionStatus;
  summary?: string;
  readonly startedAt: number;
  finishedAt?: number;
}

/** A stage of one execution. A retried stage keeps its entry and gets further action executions. */
export interface StageExecution {
  readonly name: string;
  status: StageStatus;
  /** Why a condition skipped or failed the stage */
  summary?: string;
  readonly startedAt: number;
  finishedAt?: number;
  readonly actions: ActionExecution[];
}

/** One run of a pipeline; times in milliseconds since the epoch. */
export interface PipelineExecution {
  readonly id: string;
  /** Rises with every execution of the pipeline */
  readonly number: number;
  readonly pipeline: string;
  readonly type: 'STANDARD' | 'ROLLBACK';
  /** Rollbacks only: the execution whose revisions run again */
  readonly rollbackTarget?: string;
  readonly trigger: { readonly type: TriggerType; readonly detail: string };
  /** 1, and one more with each retry of a stage */
  attempt: number;
  /** Commit id of the source revision, once a source action has run */
  commit?: string;
  status: ExecutionStatus;
  readonly startedAt: number;
  finishedAt?: number;
  readonly stages: StageExecution[];
}
