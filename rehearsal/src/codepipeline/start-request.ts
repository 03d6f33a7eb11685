import type { TriggerType } from './execution';

/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_SourceRevisionOverride.html */
export interface RequestedRevision {
  /** The source action */
  readonly actionName: string;
  readonly commit?: string;
  readonly branch?: string;
}

/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StartPipelineExecution.html */
export interface StartRequest {
  readonly triggerType: TriggerType;
  readonly triggerDetail: string;
  /** What source actions fetch instead of their branch's newest commit */
  readonly sourceRevisions?: readonly RequestedRevision[];
  /** Values of pipeline variables; their defaults otherwise */
  readonly variables?: Readonly<Record<string, string>>;
}
