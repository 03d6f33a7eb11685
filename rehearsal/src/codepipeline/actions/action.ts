import type { Caller } from '../../iam/authorizer';
import type { ActionDefinition, PipelineDefinition } from '../pipeline-definition';

/** What an action gets when it runs. */
export interface ActionRun {
  readonly pipeline: PipelineDefinition;
  readonly executionId: string;
  readonly stage: string;
  /** With every `#{…}` in its configuration, commands and variables replaced */
  readonly action: ActionDefinition;
  /** As whom the action makes its calls: its own role, or the pipeline's */
  readonly caller: Caller;
  /** The commit of the action's primary input, or else the one that the execution carries */
  readonly commit: string | undefined;
  /** A commit that the trigger asks this source action for; the branch's newest when undefined */
  readonly requestedCommit: string | undefined;
  /** A branch that the trigger asks for in place of the configured one */
  readonly requestedBranch: string | undefined;
  readonly artifacts: ArtifactAccess;
  /** Aborted when the engine shuts down */
  readonly signal: AbortSignal;
}

/** The artifact bucket, as one execution sees it. */
export interface ArtifactAccess {
  /**
   * Unpacks an artifact into a new directory.
   * @throws AccessDenied when `caller` may not read the bucket
   */
  unpack(name: string, caller: Caller): Promise<string>;
  /**
   * Stores a zip file as the artifact.
   * @throws AccessDenied when `caller` may not write to the bucket
   */
  store(name: string, zipPath: string, caller: Caller): Promise<void>;
  /** A new empty directory for the action's own files */
  scratchDirectory(): Promise<string>;
}

export type ActionResult =
  | {
      readonly status: 'Succeeded';
      readonly summary?: string;
      readonly externalExecutionId?: string;
      readonly outputVariables?: Readonly<Record<string, string>>;
      /** Set by source actions */
      readonly commit?: string;
    }
  | {
      readonly status: 'Failed';
      /** As CodePipeline spells it, e.g. `JobFailed`; a rejected approval has none */
      readonly errorCode?: string;
      readonly summary: string;
      readonly externalExecutionId?: string;
    };

/** Plays one action type; a failure of the action is a result, never an exception. */
export type ActionRunner = (run: ActionRun) => Promise<ActionResult>;
