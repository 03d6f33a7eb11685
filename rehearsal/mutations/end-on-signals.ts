import { constants } from 'node:os';

/** Ctrl-C, `kill`, and a terminal that is closed end the program as they should, tidied up. */
export function endOnSignals(cleanUp: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      cleanUp();
      process.exit(128 + constants.signals[signal]);
    });
  }
}
