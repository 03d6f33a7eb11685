import type { Clock } from '../clock';

/**
 * Time as the alarms see it. `--speed N` makes the waits of AWS settings N times shorter, and a
 * period of an alarm is such a setting: so this time runs N times as fast as the clock, from the
 * same start. What really happens (a request, a build) keeps its true duration; it only falls into
 * fewer seconds of a period.
 */
export class AwsTime {
  private readonly start: number;
  private readonly speed: number;

  constructor(private readonly clock: Pick<Clock, 'now' | 'speed'>) {
    this.start = clock.now();
    this.speed = clock.speed ?? 1;
  }

  /** Milliseconds; the same as the clock's at speed 1 */
  now(): number {
    return this.start + (this.clock.now() - this.start) * this.speed;
  }

  /**
   * The true time of an instant, for messages and reports: in whole milliseconds as the clock's, so
   * that what comes at the same moment is not a rounding error earlier.
   */
  trueTime(instant: number): number {
    return Math.round(this.start + (instant - this.start) / this.speed);
  }
}
