import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RehearsalError } from './errors';
import { parseOptions } from './options';
import { Rehearsal } from './rehearsal';
import { printable } from './reporter/printable';
import { summaryLines } from './reporter/summary';
import { scenarios } from './scenarios';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** npm runs scripts in the workspace; INIT_CWD is where the person called it. */
const cwd = process.env['INIT_CWD'] ?? process.cwd();

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), { repository, cwd });
  if ('help' in options) {
    console.log(options.help);
    return 0;
  }
  if (options.list) {
    for (const { name, expectation } of scenarios) console.log(`${name}: ${expectation}`);
    return 0;
  }
  const rehearsal = new Rehearsal(options, {
    // Set by an engine that starts another one: both clean up after each other.
    home: process.env['REHEARSAL_HOME'] ?? join(repository, '.rehearsal'),
    environment: process.env,
    terminal: process.stdout.isTTY && process.env['CI'] === undefined,
  });
  const stopListening = onInterrupt(() => rehearsal.close());
  try {
    const result = await rehearsal.play();
    for (const line of summaryLines(result)) console.log(line);
    return result.passed ? 0 : 1;
  } finally {
    await rehearsal.close();
    stopListening();
  }
}

/** Ctrl-C, `kill`, and a terminal that is closed. */
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm forwards the Ctrl-C that the terminal has sent to everybody: twice is once by then. */
const SAME_SIGNAL_MS = 500;

/** The first Ctrl-C cleans up and ends; a second one ends at once, and the next run cleans up. */
function onInterrupt(close: () => Promise<void>): () => void {
  let interruptedAt: number | undefined;
  const interrupt = (signal: NodeJS.Signals) => {
    const exitCode = 128 + constants.signals[signal];
    if (interruptedAt !== undefined) {
      if (Date.now() - interruptedAt > SAME_SIGNAL_MS) process.exit(exitCode);
      return;
    }
    interruptedAt = Date.now();
    console.error('\nStopping, and removing what this run started. Once more to end at once.');
    close().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        console.error(error);
        process.exit(exitCode);
      },
    );
  };
  for (const signal of ENDING_SIGNALS) process.on(signal, interrupt);
  return () => {
    for (const signal of ENDING_SIGNALS) process.off(signal, interrupt);
  };
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof RehearsalError)) throw error;
  // When it was stopped, the handler of the signal ends the process.
  if (error.code !== 'Stopped') {
    console.error(`\n${printable(error.message)}`);
    process.exitCode = error.exitCode;
  }
}
