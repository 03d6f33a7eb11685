import { setMaxListeners } from 'node:events';
import type { Agent } from 'node:http';
import type { Clock } from '../clock';
import { agentFor, type ListenerEnd, requestTo } from './listener-client';

export interface IdleClientsOptions {
  readonly address: ListenerEnd;
  readonly clock: Clock;
  /** How many clients, each with one connection of its own */
  readonly clients: number;
  /** How long a connection is idle before it is used again, in milliseconds of real time */
  readonly idleMs: number;
}

/** What became of the connections and of what was asked over them. */
export interface IdleClientsSummary {
  readonly clients: number;
  readonly sent: number;
  /** Requests without an answer, or with a status from 400 up */
  readonly failed: number;
  /** Clients that had to open another connection than their first */
  readonly reconnected: number;
}

/** An answer may take that long. */
const TIMEOUT_MS = 30_000;

/**
 * Clients that keep a connection open and rarely use it, as browsers and connection pools do. Each
 * asks once at the start, then whenever its connection was idle for `idleMs`.
 */
export class IdleClients {
  private readonly agents: readonly Agent[];
  private readonly stopping = new AbortController();
  private readonly reconnected = new Set<Agent>();
  private using: Promise<unknown> = Promise.resolve();
  private sent = 0;
  private failed = 0;

  constructor(private readonly options: IdleClientsOptions) {
    // Every client waits on it; Node would take more than ten for a leak.
    setMaxListeners(Infinity, this.stopping.signal);
    this.agents = Array.from({ length: options.clients }, () =>
      agentFor(options.address, { keepAlive: true, maxSockets: 1 }),
    );
  }

  /** Opens every connection. Resolves when each has had its first answer. */
  async start(): Promise<void> {
    await Promise.all(this.agents.map((agent) => this.ask(agent, true)));
    this.using = Promise.all(this.agents.map((agent) => this.use(agent)));
  }

  /** Uses every connection once more and closes it. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.using;
    await Promise.all(this.agents.map((agent) => this.ask(agent, false)));
    for (const agent of this.agents) agent.destroy();
  }

  summary(): IdleClientsSummary {
    const { sent, failed, reconnected } = this;
    return { clients: this.agents.length, sent, failed, reconnected: reconnected.size };
  }

  private async use(agent: Agent): Promise<void> {
    const { clock, idleMs } = this.options;
    const { signal } = this.stopping;
    for (;;) {
      await clock.delay(idleMs, signal);
      if (signal.aborted) return;
      await this.ask(agent, false);
    }
  }

  private ask(agent: Agent, isFirst: boolean): Promise<void> {
    this.sent += 1;
    return new Promise((resolve) => {
      const lost = () => {
        this.failed += 1;
        resolve();
      };
      const request = requestTo(this.options.address, {
        path: '/',
        agent,
        headers: { 'User-Agent': 'rehearsal-idle-client' },
        timeout: TIMEOUT_MS,
      });
      request.on('timeout', () => request.destroy(new Error('timeout')));
      request.on('error', lost);
      request.on('response', (answer) => {
        if (!isFirst && !request.reusedSocket) this.reconnected.add(agent);
        answer.on('error', lost);
        answer.on('end', () => {
          if ((answer.statusCode ?? 0) >= 400) this.failed += 1;
          resolve();
        });
        answer.resume();
      });
      request.end();
    });
  }
}
