/**
 * A call that ECS answers with an error, as its callers get to see it.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
 */
export class EcsApiError extends Error {
  override readonly name = 'EcsApiError';

  /** @param code e.g. `ClientException`, `ServiceNotFoundException` */
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
