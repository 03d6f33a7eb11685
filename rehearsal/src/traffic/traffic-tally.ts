import { isoTime } from '../clock';
import { LatencyHistogram } from './latency-histogram';

/** How a request is sent. */
export type RequestKind = 'new-connection' | 'keep-alive' | 'slow';

/** What a client sees of its request: a whole answer, or none. */
export type RequestOutcome = (
  | { readonly status: number }
  /** `ECONNRESET`, `ECONNREFUSED`, …, or `timeout` */
  | { readonly error: string }
) & {
  /** It was sent once more, because the kept-alive connection had been closed meanwhile */
  readonly resent?: boolean;
};

/** A request that was lost or answered wrongly. */
export interface FailedRequest {
  /** ISO 8601, when it was due */
  readonly time: string;
  readonly kind: RequestKind;
  readonly path: string;
  /** Status, or error code */
  readonly result: string;
  readonly traceRoot: string;
  /** `10.0.1.17:3000`; undefined when the load balancer gave it to no target */
  readonly target?: string;
}

/** What a report says of the traffic. */
export interface TrafficSummary {
  readonly sent: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Sent once more, because their kept-alive connections had ended; each counts once in `sent` */
  readonly resent: number;
  /** By status, or by error code where there was no answer */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Answers by the task definition of the task that gave them */
  readonly byTaskDefinition: Readonly<Record<string, number>>;
  /** Those of them that were errors of the server (5xx) */
  readonly errorsByTaskDefinition: Readonly<Record<string, number>>;
  /**
   * From the moment a request was due to the last byte of its answer, so that a stall of the
   * system counts for all who had to wait. Slow requests are left out: their three seconds are the
   * client's own. Null when nothing was answered.
   */
  readonly latencyMs: {
    readonly p50: number | null;
    readonly p99: number | null;
    readonly max: number | null;
  };
}

/** How many failed requests are kept one by one; all are counted. */
export const MAX_FAILURES_KEPT = 1000;

interface Sent {
  readonly kind: RequestKind;
  readonly path: string;
  readonly dueAt: number;
  readonly traceRoot: string;
}

/** Counts requests and answers. Its size depends on what is in flight, not on what has been sent. */
export class TrafficTally {
  private sent = 0;
  private succeeded = 0;
  private failed = 0;
  private resent = 0;
  private readonly byStatus = new Map<string, number>();
  private readonly byTaskDefinition = new Map<string, number>();
  private readonly errorsByTaskDefinition = new Map<string, number>();
  private readonly latency = new LatencyHistogram();
  /** Targets of requests in flight, by trace root; the load balancer tells before the client does */
  private readonly targets = new Map<string, string | undefined>();
  private readonly kept: (FailedRequest & { target?: string })[] = [];

  begin(request: Sent): void {
    this.sent += 1;
    this.targets.set(request.traceRoot, undefined);
  }

  end(request: Sent, outcome: RequestOutcome, success: boolean, endedAt: number): void {
    const result = 'status' in outcome ? String(outcome.status) : outcome.error;
    increase(this.byStatus, result);
    if (outcome.resent === true) this.resent += 1;
    if ('status' in outcome && request.kind !== 'slow') {
      this.latency.record(endedAt - request.dueAt);
    }
    const target = this.targets.get(request.traceRoot);
    this.targets.delete(request.traceRoot);
    if (success) {
      this.succeeded += 1;
      return;
    }
    this.failed += 1;
    if (this.kept.length === MAX_FAILURES_KEPT) return;
    const { kind, path, traceRoot } = request;
    const time = isoTime(request.dueAt);
    this.kept.push({
      time,
      kind,
      path,
      result,
      traceRoot,
      ...(target !== undefined && { target }),
    });
  }

  /** The load balancer gave a request to a target. */
  routed(traceRoot: string, target: string): void {
    if (this.targets.has(traceRoot)) {
      this.targets.set(traceRoot, target);
      return;
    }
    const failure = this.kept.find((one) => one.traceRoot === traceRoot);
    if (failure !== undefined) failure.target = target;
  }

  /** @param status of the target's answer */
  answeredBy(taskDefinition: string, status: number): void {
    increase(this.byTaskDefinition, taskDefinition);
    if (status >= 500) increase(this.errorsByTaskDefinition, taskDefinition);
  }

  failures(): readonly FailedRequest[] {
    return [...this.kept];
  }

  summary(): TrafficSummary {
    return {
      sent: this.sent,
      succeeded: this.succeeded,
      failed: this.failed,
      resent: this.resent,
      byStatus: Object.fromEntries(this.byStatus),
      byTaskDefinition: Object.fromEntries(this.byTaskDefinition),
      errorsByTaskDefinition: Object.fromEntries(this.errorsByTaskDefinition),
      latencyMs: {
        p50: this.latency.percentile(50),
        p99: this.latency.percentile(99),
        max: this.latency.max,
      },
    };
  }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
