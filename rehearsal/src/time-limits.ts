import type { Clock } from './clock';

/** Shorter waits are not limits but intervals, and are never skipped. */
const SHORTEST_LIMIT_MS = 60_000;

/**
 * The clock of what works against a time limit: a build, an action that waits for a deployment.
 * A scenario that has seen that nothing more will happen until the limit is reached can skip to it,
 * instead of sitting the template's fifteen or thirty minutes out.
 */
export class TimeLimits implements Clock {
  private reached = new AbortController();

  constructor(private readonly clock: Clock) {}

  now(): number {
    return this.clock.now();
  }

  wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return this.clock.wait(milliseconds, this.withLimit(milliseconds, signal));
  }

  delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return this.clock.delay(milliseconds, this.withLimit(milliseconds, signal));
  }

  after(milliseconds: number, act: () => void): () => void {
    const over = new AbortController();
    void this.delay(milliseconds, over.signal).then(() => {
      if (!over.signal.aborted) act();
    });
    return () => over.abort();
  }

  /** Every limit of a minute or more that somebody waits for now is reached at once. */
  skip(): void {
    const { reached } = this;
    this.reached = new AbortController();
    reached.abort();
  }

  private withLimit(milliseconds: number, signal?: AbortSignal): AbortSignal | undefined {
    if (milliseconds < SHORTEST_LIMIT_MS) return signal;
    return AbortSignal.any([this.reached.signal, ...(signal === undefined ? [] : [signal])]);
  }
}
