import { type Clock, NO_REASON } from '../clock';

/**
 * Calls `onIdle` once, when nothing touched the timer for `idleMs` of real time: connections and
 * the programs at their ends are real, so `--speed` does not divide this.
 */
export class IdleTimer {
  private readonly stopped = new AbortController();
  private lastActivity: number;

  constructor(
    private readonly clock: Clock,
    private readonly idleMs: number,
    onIdle: () => void,
  ) {
    this.lastActivity = clock.now();
    void this.watch(onIdle);
  }

  /** Something was sent or received. */
  touch(): void {
    this.lastActivity = this.clock.now();
  }

  stop(): void {
    this.stopped.abort(NO_REASON);
  }

  /** One sleep for each quiet period rather than one for each byte. */
  private async watch(onIdle: () => void): Promise<void> {
    const { signal } = this.stopped;
    for (;;) {
      const remaining = this.lastActivity + this.idleMs - this.clock.now();
      if (signal.aborted) return;
      if (remaining <= 0) return onIdle();
      await this.clock.delay(remaining, signal);
    }
  }
}
