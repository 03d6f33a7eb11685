/**
 * Why a task could not start: its `stoppedReason`, in the words and categories of ECS.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
 */
export class TaskStartError extends Error {
  override readonly name = 'TaskStartError';

  constructor(
    /** undefined for the few reasons that ECS gives without one */
    readonly category:
      | undefined
      | 'CannotPullContainerError'
      | 'CannotStartContainerError'
      | 'ResourceInitializationError'
      | 'ContainerRuntimeError'
      | 'ContainerRuntimeTimeoutError',
    detail: string,
    /** The container that the reason is about */
    readonly containerName?: string,
  ) {
    super(category === undefined ? detail : `${category}: ${detail}`);
  }
}
