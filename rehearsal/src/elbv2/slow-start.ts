import type { Clock } from '../clock';

/**
 * The time in which a target that has just become healthy gets a growing share of its requests.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
 */
export class SlowStart {
  private elapsedSeconds = 0;
  private credit = 0;

  private constructor(private readonly seconds: number) {}

  /** @param onOver called when the target takes its full share, not after `signal` aborts */
  static begin(seconds: number, clock: Clock, signal: AbortSignal, onOver: () => void): SlowStart {
    const slowStart = new SlowStart(seconds);
    void slowStart.ramp(clock, signal, onOver);
    return slowStart;
  }

  /** Whether the target takes the turn that it has now; grows linearly from never to always. */
  takesTurn(): boolean {
    this.credit += this.elapsedSeconds / this.seconds;
    if (this.credit < 1) return false;
    this.credit -= 1;
    return true;
  }

  /** In steps of a second of AWS time, so that `--speed` shortens it as it does the checks. */
  private async ramp(clock: Clock, signal: AbortSignal, onOver: () => void): Promise<void> {
    while (this.elapsedSeconds < this.seconds && !signal.aborted) {
      await clock.wait(1000, signal);
      this.elapsedSeconds += 1;
    }
    if (!signal.aborted) onOver();
  }
}
