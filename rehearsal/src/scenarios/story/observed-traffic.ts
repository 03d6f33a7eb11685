import type { AccessLogRecord } from '../../elbv2/access-log';
import type { TrafficReport } from '../../report/report';
import { type ListenerEnd, readPage } from '../../traffic/listener-client';
import { TrafficGenerator, type TrafficOptions } from '../../traffic/traffic-generator';
import type { FailedRequest } from '../../traffic/traffic-tally';
import { NO_TRAFFIC, reportedTraffic } from './reported';

/** What a scenario may ask of its traffic. */
export type TrafficKind = Partial<
  Pick<TrafficOptions, 'mix' | 'slowBodyMs' | 'requestsPerSecond' | 'maxInFlight'>
>;

/** Requests against a listener, and who answered them before anything was pushed and in the end. */
export class ObservedTraffic {
  private traffic: TrafficGenerator | undefined;
  private address: ListenerEnd | undefined;
  private before: Readonly<Record<string, number>> = {};
  private after: Readonly<Record<string, number>> = {};
  private pageBefore: string | undefined;
  private pageAfter: string | undefined;

  /** @param observe lets the traffic run for a moment */
  constructor(private readonly observe: () => Promise<void>) {}

  /** Asks for the page, starts sending, and sees who answers. */
  async start(options: TrafficOptions): Promise<void> {
    this.address = options.address;
    this.pageBefore = await readPage(options.address);
    this.traffic = new TrafficGenerator(options);
    this.traffic.start();
    await this.observe();
    this.before = this.traffic.summary().byTaskDefinition;
  }

  /** Lets traffic run on, sees who answers, and ends it. */
  async observeEnd(): Promise<void> {
    const { traffic, address } = this;
    if (traffic === undefined || address === undefined) {
      throw new Error('traffic starts before the end is observed');
    }
    const before = traffic.summary().byTaskDefinition;
    await this.observe();
    this.pageAfter = await readPage(address);
    await traffic.stop();
    const after = traffic.summary().byTaskDefinition;
    this.after = Object.fromEntries(
      Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]),
    );
  }

  async stop(): Promise<void> {
    await this.traffic?.stop();
  }

  recordAccess(record: AccessLogRecord): void {
    this.traffic?.recordAccess(record);
  }

  /** The first thousand of them. */
  get failedRequests(): readonly FailedRequest[] {
    return this.traffic?.failures() ?? [];
  }

  get requestsSent(): number {
    return this.traffic?.summary().sent ?? 0;
  }

  facts(): TrafficFacts {
    const { traffic } = this;
    return {
      traffic: traffic === undefined ? NO_TRAFFIC : reportedTraffic(traffic),
      answersBefore: this.before,
      answersAfter: this.after,
      pageBefore: this.pageBefore,
      pageAfter: this.pageAfter,
    };
  }
}

/** What a story has seen of its traffic. */
export interface TrafficFacts {
  readonly traffic: TrafficReport;
  /** Answers by task definition before the push, and in the last observation */
  readonly answersBefore: Readonly<Record<string, number>>;
  readonly answersAfter: Readonly<Record<string, number>>;
  /** What `GET /` answered before and after; undefined when it was not asked */
  readonly pageBefore: string | undefined;
  readonly pageAfter: string | undefined;
}
