/** The only source of time in the engine; tests drive `ManualClock` instead of waiting. */
export interface Clock {
  /** What `--speed` says: how many seconds of an AWS setting pass in a true second. @default 1 */
  readonly speed?: number;

  /** Milliseconds since the epoch. Never scaled: reports state true times. */
  now(): number;

  /**
   * A wait that an AWS setting imposes (health check interval, deregistration delay, …).
   * `--speed N` divides it. Resolves early, without error, when `signal` aborts.
   */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;

  /**
   * A limit on something that really runs on this machine (a build, a connection, a stop).
   * Never divided. Resolves early, without error, when `signal` aborts.
   */
  delay(milliseconds: number, signal?: AbortSignal): Promise<void>;

  /**
   * Calls `act` when a `delay` would be over. For limits that every request has: a signal for each
   * was a tenth of the engine's work in a profile of the scenario `load`.
   *
   * @returns takes it back
   */
  after(milliseconds: number, act: () => void): () => void;
}

/** Longest delay that a Node timer takes: above it the timer would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The real clock. `speed` divides what `wait` waits. */
export class SystemClock implements Clock {
  constructor(readonly speed = 1) {}

  now(): number {
    return Date.now();
  }

  wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return sleep(milliseconds / this.speed, signal);
  }

  delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return sleep(milliseconds, signal);
  }

  after(milliseconds: number, act: () => void): () => void {
    const timer = setTimeout(act, Math.min(milliseconds, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  }
}

function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(milliseconds, LONGEST_TIMER_MS));
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** ISO 8601 text of a clock reading, as every report and event writes times. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
