/**
 * An error that an AWS service answers with: its own name and its own text, so that scripts and
 * people see what they would see on AWS. A red call is normal play, never a defect of the engine.
 */
export class ServiceException extends Error {
  /**
   * @param code the exception's name on the wire, e.g. `RepositoryNotFoundException`
   * @param message the service's text, e.g. `The repository with name 'x' does not exist …`
   */
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = code;
  }
}
