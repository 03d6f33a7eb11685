import { AcceptanceError } from './vulnerability';

/** Says why, to stdout when all is well and else to stderr, and sets the exit code. */
export function end(exitCode: 0 | 1, why: unknown): void {
  process.exitCode = exitCode;
  const text =
    why instanceof AcceptanceError ? why.message : why instanceof Error ? why.stack : why;
  (exitCode === 0 ? process.stdout : process.stderr).write(`${String(text)}\n`);
}
