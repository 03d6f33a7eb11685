import type { RehearsalEvent } from '../../events';

/** When targets were taken out of the load balancer, and which requests they still had. */
export class Deregistrations {
  private readonly at = new Map<string, number>();

  /** To be called with every event. */
  record(event: RehearsalEvent): void {
    if (event.kind !== 'target-health' || this.at.has(event.target)) return;
    if (event.state === 'draining' || event.state === 'unused') {
      this.at.set(event.target, Date.parse(event.time));
    }
  }

  /** @returns milliseconds since the epoch; undefined while the target is in service */
  timeOf(target: string): number | undefined {
    return this.at.get(target);
  }

  /** Targets that were taken out, in that order */
  get targets(): readonly string[] {
    return [...this.at.keys()];
  }
}

/** A request as the access log tells it, as far as it matters whether it was in flight. */
interface Handled {
  readonly time: string;
  readonly durationMs: number;
  readonly target?: string;
}

/** Whether the request was with its target when the target was taken out. */
export function wasInFlight({ time, durationMs, target }: Handled, all: Deregistrations): boolean {
  const takenOut = target === undefined ? undefined : all.timeOf(target);
  if (takenOut === undefined) return false;
  const startedAt = Date.parse(time);
  return startedAt < takenOut && takenOut < startedAt + durationMs;
}
