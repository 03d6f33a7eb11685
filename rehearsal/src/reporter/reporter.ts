import type { RehearsalEvent } from '../events';

/** Shows or keeps events; the only part of the engine that writes to the terminal. */
export interface Reporter {
  report(event: RehearsalEvent): void;
}
