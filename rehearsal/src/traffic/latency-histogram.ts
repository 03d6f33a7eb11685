/** Latencies up to here are counted one by one; longer ones share the last bucket. */
const LONGEST_MS = 60_000;

/**
 * Counts of latencies by whole millisecond, which is all that the clock tells: percentiles are
 * exact, and memory does not grow with the number of requests.
 */
export class LatencyHistogram {
  private readonly counts = new Uint32Array(LONGEST_MS + 1);
  private total = 0;
  private longest = 0;

  record(milliseconds: number): void {
    const bucket = Math.min(Math.max(Math.round(milliseconds), 0), LONGEST_MS);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.total += 1;
    this.longest = Math.max(this.longest, milliseconds);
  }

  /** The longest latency; null when there is none. */
  get max(): number | null {
    return this.total === 0 ? null : this.longest;
  }

  /**
   * The smallest latency that at least `percent` of all do not exceed (nearest rank); null when
   * there is none.
   */
  percentile(percent: number): number | null {
    const rank = Math.max(1, Math.ceil((this.total * percent) / 100));
    let seen = 0;
    for (const [milliseconds, count] of this.counts.entries()) {
      seen += count;
      if (seen >= rank) return milliseconds === LONGEST_MS ? this.longest : milliseconds;
    }
    return null;
  }
}
