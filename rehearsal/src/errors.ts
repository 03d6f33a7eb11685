import { types } from 'node:util';

/**
 * What a person can mend: bad input, or a template, project or machine that cannot be rehearsed.
 * The command line prints `message` alone (no stack) and ends with `exitCode`.
 *
 * `message` says what is wrong, the value received, what is allowed and the next move.
 * Everything else that is thrown is a defect of the engine and keeps its stack.
 */
export class RehearsalError extends Error {
  override readonly name = 'RehearsalError';

  /** 1: a scenario did not end as it should; 2: usage, or something that cannot be played. */
  readonly exitCode: 1 | 2;

  /**
   * @param code PascalCase name of the problem, to search for and to match in tests
   * @param message the sentence for the person
   */
  constructor(
    readonly code: string,
    message: string,
    options: { exitCode?: 1 | 2; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.exitCode = options.exitCode ?? 2;
  }
}

/** The sentence to show for anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error || types.isNativeError(error) ? error.message : String(error);
}
