/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineExecution.html */
export type ExecutionStatus =
  'InProgress' | 'Succeeded' | 'Failed' | 'Superseded' | 'Stopping' | 'Stopped' | 'Cancelled';

/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionExecution.html */
export type ActionStatus = 'InProgress' | 'Succeeded' | 'Failed' | 'Abandoned';

export interface ActionExecution {
  readonly name: string;
  /** Unique to this run of the action */
  readonly id: string;
  status: ActionStatus;
  summary?: string;
  readonly startedAt: number;
  finishedAt?: number;
}

export interface StageExecution {
  readonly name: string;
  status: ExecutionStatus;
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
  readonly trigger: { readonly type: string; readonly detail: string };
  /** Commit id of the source revision, once a source action has run */
  commit?: string;
  status: ExecutionStatus;
  readonly startedAt: number;
  finishedAt?: number;
  readonly stages: StageExecution[];
}
