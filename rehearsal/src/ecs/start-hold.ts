import type { Clock } from '../clock';
import { IMPAIRED_AFTER_FAILURES, startWaitMs } from './start-throttle';

/** Holds new tasks of a service back after tasks failed to start, for longer each time. */
export class StartHold {
  private failures = 0;
  private hold: AbortController | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly onOver: () => void,
  ) {}

  get isOn(): boolean {
    return this.hold !== undefined;
  }

  /** @returns whether the service counts as impaired from this failure on */
  taskFailedToStart(): boolean {
    this.failures += 1;
    this.hold?.abort();
    const hold = new AbortController();
    this.hold = hold;
    void this.clock.wait(startWaitMs(this.failures), hold.signal).then(() => {
      if (this.hold !== hold) return;
      this.hold = undefined;
      this.onOver();
    });
    return this.failures === IMPAIRED_AFTER_FAILURES;
  }

  /** A task runs, or another revision is tried. */
  release(): void {
    this.failures = 0;
    const { hold } = this;
    this.hold = undefined;
    hold?.abort();
  }
}
