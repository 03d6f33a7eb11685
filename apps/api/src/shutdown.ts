import type { ShutdownTimes } from './config';

/**
 * - `ready`: serving.
 * - `grace`: a signal came; health says 503, requests are still accepted.
 * - `draining`: nothing new is accepted; requests in flight are being answered.
 * - `stopped`: the process has been told to exit.
 */
export type ShutdownPhase = 'ready' | 'grace' | 'draining' | 'stopped';

export type StopSignal = 'SIGTERM' | 'SIGINT';

/** As a shell reports a process that a signal ended: 128 + its number. */
const SIGNAL_EXIT_CODE: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

/** What the decisions below are carried out with. */
export interface ShutdownEdge {
  /** Ask every client to open no further request on its connection. */
  announceClose(): void;
  /** Stop listening; call back once the last connection has gone. */
  stopAccepting(drained: () => void): void;
  schedule(action: () => void, delayMs: number): void;
  exit(code: number): void;
  report(phase: ShutdownPhase, reason: string): void;
}

/**
 * Stopping without a lost request: ready → grace → draining → stopped. Exit codes: 0 when every
 * request was answered, 1 when the deadline came first, 128 + n when a second signal did.
 *
 * On ECS the target is normally deregistered and drained before SIGTERM, but which comes first is
 * not documented for every launch type, hence the grace period.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
 */
export class Shutdown {
  #phase: ShutdownPhase = 'ready';

  constructor(
    private readonly times: ShutdownTimes,
    private readonly edge: ShutdownEdge,
  ) {}

  get phase(): ShutdownPhase {
    return this.#phase;
  }

  signal(signal: StopSignal): void {
    if (this.#phase !== 'ready') {
      this.#stop(SIGNAL_EXIT_CODE[signal], `second signal (${signal})`);
      return;
    }
    this.#enter('grace', signal);
    this.edge.announceClose();
    this.edge.schedule(() => this.#drain(), this.times.graceMs);
    this.edge.schedule(() => this.#stop(1, 'deadline passed'), this.times.deadlineMs);
  }

  #drain(): void {
    if (this.#phase !== 'grace') return;
    this.#enter('draining', 'grace period over');
    this.edge.stopAccepting(() => this.#stop(0, 'every request answered'));
  }

  #stop(exitCode: number, reason: string): void {
    if (this.#phase === 'stopped') return;
    this.#enter('stopped', reason);
    this.edge.exit(exitCode);
  }

  #enter(phase: ShutdownPhase, reason: string): void {
    this.#phase = phase;
    this.edge.report(phase, reason);
  }
}
