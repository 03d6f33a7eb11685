import type { Clock } from '../clock';

/**
 * Calls `onIdle` once, when nothing touched the timer for `idleMs` of real time: connections and
 * the programs at their ends are real, so `--speed` does not divide this.
 */
export class IdleTimer {
  private lastActivity: number;
  private stopWatching: () => void = () => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly idleMs: number,
    private readonly onIdle: () => void,
  ) {
    this.lastActivity = clock.now();
    this.watch();
  }

  /** Something was sent or received. */
  touch(): void {
    this.lastActivity = this.clock.now();
  }

  stop(): void {
    this.stopWatching();
  }

  /** One timer for each quiet period rather than one for each byte. */
  private watch(): void {
    const remaining = this.lastActivity + this.idleMs - this.clock.now();
    if (remaining <= 0) this.onIdle();
    else this.stopWatching = this.clock.after(remaining, () => this.watch());
  }
}
