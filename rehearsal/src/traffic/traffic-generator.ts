import { randomBytes } from 'node:crypto';
import type { Agent } from 'node:http';
import type { Clock } from '../clock';
import type { AccessLogRecord } from '../elbv2/access-log';
import { newTraceId } from '../elbv2/trace-id';
import { WeightedRotation } from '../elbv2/weighted-rotation';
import { RehearsalError } from '../errors';
import { agentFor, type ListenerEnd } from './listener-client';
import { sendRequest } from './send-request';
import {
  type FailedRequest,
  type RequestKind,
  type TrafficSummary,
  TrafficTally,
} from './traffic-tally';

export interface TrafficOptions {
  /** Of the listener that gets the requests */
  readonly address: ListenerEnd;
  readonly clock: Clock;
  /** @default 20 */
  readonly requestsPerSecond?: number;
  /** Asked in turn, with GET. @default ['/'] */
  readonly paths?: readonly string[];
  /**
   * How many of each kind in relation to the others. A slow request is a GET with a JSON body that
   * arrives in parts, so that it is in flight whenever a task stops.
   * @default { 'new-connection': 9, 'keep-alive': 10, slow: 1 }
   */
  readonly mix?: Readonly<Record<RequestKind, number>>;
  /** How long a slow request's body takes. @default 3000 */
  readonly slowBodyMs?: number;
  /** After which a client gives up. @default 30000 */
  readonly timeoutMs?: number;
  /**
   * How many requests may be unanswered. At that number the next ones leave later, as fast as
   * answers come, which `longestStallMs` tells: for a rate that a machine may not bear.
   * @default Infinity
   */
  readonly maxInFlight?: number;
  /**
   * Whether connections end with the tasks behind them, as those through a Network Load Balancer do.
   * Then a request that meets the end of its kept-alive connection is sent again on a new one, as
   * HTTP clients do with a GET: https://www.rfc-editor.org/rfc/rfc9112#section-9.3.1
   * @default false: the load balancer keeps its clients' connections, and a lost request is lost
   */
  readonly connectionsEnd?: boolean;
  /** Which statuses of a path are right. @default 2xx and 3xx */
  readonly isSuccess?: (status: number, path: string) => boolean;
  /** The task definition behind `10.0.1.17:3000`; undefined when nobody knows */
  readonly taskDefinitionOf: (target: string) => string | undefined;
}

/** Highest rate that one process can promise beside everything else that a rehearsal does. */
const MAX_REQUESTS_PER_SECOND = 1000;

/** How long the sender waits for answers when too many are missing. */
const LOOK_AGAIN_MS = 5;

/** As long as a short upload, and longer than a socket sends by itself in one part. */
const SLOW_BODY = JSON.stringify({ rehearsal: 'slow request', padding: '.'.repeat(960) });

/**
 * Requests at a constant rate, each at its own instant whether or not the ones before were answered
 * (open loop): a system that stalls gets no mercy, and every lost request is seen.
 */
export class TrafficGenerator {
  private readonly tally = new TrafficTally();
  private readonly stopping = new AbortController();
  private readonly inFlight = new Set<Promise<void>>();
  private readonly agent: Agent;
  private readonly options: Required<TrafficOptions>;
  private readonly kinds: WeightedRotation<RequestKind>;
  private readonly asked: Record<RequestKind, number> = {
    'new-connection': 0,
    'keep-alive': 0,
    slow: 0,
  };
  /** Marks this generator's trace ids, so that other people's requests in the log are not counted */
  private readonly mark = randomBytes(6).toString('hex');
  private sending: Promise<void> | undefined;
  private count = 0;
  private latestMs = 0;

  /** @throws RehearsalError `RequestRateInvalid`, `TrafficPathInvalid` */
  constructor(options: TrafficOptions) {
    this.options = {
      requestsPerSecond: 20,
      paths: ['/'],
      mix: { 'new-connection': 9, 'keep-alive': 10, slow: 1 },
      slowBodyMs: 3000,
      timeoutMs: 30_000,
      maxInFlight: Infinity,
      connectionsEnd: false,
      isSuccess: (status) => status >= 200 && status < 400,
      ...options,
    };
    const { requestsPerSecond: rate, paths, mix } = this.options;
    if (!(rate > 0 && rate <= MAX_REQUESTS_PER_SECOND)) {
      throw new RehearsalError(
        'RequestRateInvalid',
        `the rate of requests should be above 0 and at most ${MAX_REQUESTS_PER_SECOND} a second, got '${rate}'; give another --rps.`,
      );
    }
    const wrong = paths.find((path) => !path.startsWith('/'));
    if (wrong !== undefined || paths.length === 0) {
      throw new RehearsalError(
        'TrafficPathInvalid',
        `the traffic needs paths that start with '/', got ${wrong === undefined ? 'none' : `'${wrong}'`}.`,
      );
    }
    this.agent = agentFor(options.address, { keepAlive: true, scheduling: 'fifo' });
    this.kinds = new WeightedRotation(
      (['keep-alive', 'new-connection', 'slow'] as const).map((kind) => ({
        item: kind,
        weight: mix[kind],
      })),
    );
  }

  /** Starts sending; a second call changes nothing. */
  start(): void {
    this.sending ??= this.sendAll();
  }

  /** Sends no more, and resolves when everything sent was answered or given up. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.sending;
    await Promise.all(this.inFlight);
    this.agent.destroy();
  }

  /** What the load balancer says of a request: to be called with every record of its access log. */
  recordAccess(record: AccessLogRecord): void {
    if (record.target === undefined || !record.traceRoot.includes(`-${this.mark}`)) return;
    this.tally.routed(record.traceRoot, record.target);
    if (record.targetStatus === undefined) return;
    const taskDefinition = this.options.taskDefinitionOf(record.target) ?? 'unknown';
    this.tally.answeredBy(taskDefinition, record.targetStatus);
  }

  /** The state so far; final after `stop`. */
  summary(): TrafficSummary {
    return this.tally.summary();
  }

  /** The first failed requests, up to `MAX_FAILURES_KEPT`, in the order in which they ended. */
  failures(): readonly FailedRequest[] {
    return this.tally.failures();
  }

  /**
   * How late the latest request left, in milliseconds. It is this machine that was late, not the
   * load balancer or a task: timeouts and latencies of that size prove nothing about a release.
   */
  longestStallMs(): number {
    return this.latestMs;
  }

  private async sendAll(): Promise<void> {
    const { clock, requestsPerSecond, maxInFlight } = this.options;
    const { signal } = this.stopping;
    let startedAt = clock.now();
    const nextAt = () => startedAt + (this.count * 1000) / requestsPerSecond;
    for (;;) {
      const dueAt = nextAt();
      while (clock.now() < dueAt && !signal.aborted) {
        await clock.delay(dueAt - clock.now(), signal);
      }
      if (this.inFlight.size >= maxInFlight) {
        while (this.inFlight.size >= maxInFlight && !signal.aborted) {
          await clock.delay(LOOK_AGAIN_MS, signal);
        }
        // Those that follow are due later, too: nobody catches up with a machine that is full.
        startedAt += clock.now() - dueAt;
      }
      if (signal.aborted) return;
      this.latestMs = Math.max(this.latestMs, clock.now() - dueAt);
      const request = this.send(nextAt()).finally(() => this.inFlight.delete(request));
      this.inFlight.add(request);
    }
  }

  private async send(dueAt: number): Promise<void> {
    const { address, clock, paths, isSuccess, slowBodyMs, timeoutMs, connectionsEnd } =
      this.options;
    const kind = this.kinds.next() ?? 'new-connection';
    // Each kind goes round the paths by itself: no path is asked by one kind alone.
    const path = paths[this.asked[kind]++ % paths.length] ?? '/';
    const number = (this.count++).toString(16).padStart(12, '0');
    const traceRoot = newTraceId(clock.now(), this.mark + number);
    const request = { kind, path, dueAt, traceRoot };
    this.tally.begin(request);
    const outcome = await sendRequest(
      {
        address,
        path,
        headers: { 'X-Amzn-Trace-Id': `Root=${traceRoot}`, 'User-Agent': 'rehearsal-traffic' },
        agent: kind === 'keep-alive' ? this.agent : undefined,
        slowBody: kind === 'slow' ? { text: SLOW_BODY, overMs: slowBodyMs } : undefined,
        resends: connectionsEnd,
        timeoutMs,
      },
      clock,
    );
    const success = 'status' in outcome && isSuccess(outcome.status, path);
    this.tally.end(request, outcome, success, clock.now());
  }
}
