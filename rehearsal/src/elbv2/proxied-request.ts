import {
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
  ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../clock';
import {
  isWhollySent,
  type ListenerRequest,
  type ListenerResponse,
  writeHead,
} from './client-exchange';
import { responseHeaders } from './forwarded-headers';
import { IdleTimer } from './idle-timer';
import { type ListenerHeaders, modifiedHeaders } from './listener-headers';
import { LOST } from './lost-packets';
import { sendErrorPage } from './own-response';
import type { RegisteredTarget } from './registered-target';

/** How a request that was given to a target ended. */
export interface ProxiedResult {
  /** What the client got; 460 when it left before an answer */
  readonly status: number;
  /** What the target answered; undefined when it did not */
  readonly targetStatus: number | undefined;
  /** See `AccessLogRecord` */
  readonly targetResponseMs: number | undefined;
  /** Bytes of the body that the client was sent */
  readonly bytes: number;
  /** Why the load balancer answered itself, or cut the connection */
  readonly error: string | undefined;
}

/** A request whose connection is to become another protocol's, and the bytes already received. */
export interface UpgradeRequest {
  readonly socket: Socket;
  readonly head: Buffer;
}

interface Options {
  readonly request: ListenerRequest;
  readonly response: ListenerResponse;
  readonly upgrade: UpgradeRequest | undefined;
  readonly target: RegisteredTarget;
  /** With the query */
  readonly path: string;
  /** For the target, names and values in turn */
  readonly headers: readonly string[];
  /** What is added to the answer of the target; names and values in turn, both ways */
  readonly cookies: (answerHeaders: readonly string[]) => readonly string[];
  readonly listenerHeaders: ListenerHeaders;
  /** Whether the connection to the target is closed after the answer */
  readonly endsConnection: boolean;
  readonly idleTimeoutMs: number;
  readonly clock: Clock;
  readonly onEnd: (result: ProxiedResult) => void;
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html */
const CONNECT_TIMEOUT_MS = 10_000;
const MAX_RESPONSE_HEADER_BYTES = 32 * 1024;

/**
 * One request on its way through one target. It is never tried again: what a target may have seen
 * is not sent to another, and a failed connection is the client's 502.
 */
export class ProxiedRequest {
  private readonly toTarget: ClientRequest;
  private readonly idle: IdleTimer;
  /** Takes back the limit on what the connection to the target waits for */
  private endLimit: () => void = () => undefined;
  private targetStatus: number | undefined;
  private handedOverAt: number | undefined;
  private targetResponseMs: number | undefined;
  private bytes = 0;
  private ended = false;

  constructor(private readonly options: Options) {
    const { request, response, target, path, headers, idleTimeoutMs, clock } = options;
    this.idle = new IdleTimer(clock, idleTimeoutMs, () => this.onIdle());
    this.toTarget = httpRequest({
      ...(target.barrier === undefined ? target.address : LOST),
      agent: target.connections,
      method: request.method,
      path,
      headers,
      maxHeaderSize: MAX_RESPONSE_HEADER_BYTES,
    });
    if (this.options.endsConnection) this.toTarget.shouldKeepAlive = false;
    this.toTarget.on('socket', (socket) => {
      if (socket.connecting) this.limitConnecting(socket);
    });
    this.toTarget.on('finish', () => (this.handedOverAt = clock.now()));
    this.toTarget.on('response', (answer) => this.onAnswer(answer));
    this.toTarget.on('upgrade', (answer, socket, head) => this.onUpgrade(answer, socket, head));
    this.toTarget.on('error', (error) => this.onTargetError(error));
    response.on('close', () => this.onClientDone());
    request.on('data', () => this.idle.touch());
    request.pipe(this.toTarget);
    target.begin(this);
  }

  /** Ends it because the deregistration delay is over. */
  cut(): void {
    this.fail(502, 'the deregistration delay ended while the request was in flight');
  }

  /** Ten seconds for the connection, and as many for the handshake of TLS. */
  private limitConnecting(socket: Socket): void {
    const { barrier } = this.options.target;
    const because = barrier === undefined ? '' : ` (${barrier})`;
    const time = `within ${CONNECT_TIMEOUT_MS / 1000} s`;
    this.limit(504, `no connection to the target ${time}${because}`);
    socket.once('connect', () => {
      this.endLimit();
      if (!(socket instanceof TLSSocket) || this.ended) return;
      this.limit(502, `no TLS handshake with the target ${time}`);
      socket.once('secureConnect', () => this.endLimit());
    });
  }

  private limit(status: number, error: string): void {
    const { clock } = this.options;
    this.endLimit = clock.after(CONNECT_TIMEOUT_MS, () => this.fail(status, error));
  }

  private onAnswer(answer: IncomingMessage): void {
    const { response } = this.options;
    this.onHeaders(answer.statusCode ?? 502);
    this.idle.touch();
    answer.on('data', (chunk: Buffer) => {
      this.idle.touch();
      this.bytes += chunk.length;
    });
    answer.on('error', () => this.fail(502, 'the target closed the connection within its answer'));
    const headers = responseHeaders(answer.rawHeaders);
    const all = [...headers, ...this.options.cookies(headers)];
    const forClient = modifiedHeaders(all, this.options.listenerHeaders);
    writeHead(response, answer.statusCode ?? 502, answer.statusMessage ?? '', forClient);
    answer.pipe(response);
  }

  private onHeaders(status: number): void {
    const now = this.options.clock.now();
    this.targetStatus = status;
    this.targetResponseMs = now - (this.handedOverAt ?? now);
  }

  private onUpgrade(answer: IncomingMessage, targetSocket: Duplex, head: Buffer): void {
    const { response, upgrade } = this.options;
    this.onHeaders(101);
    if (upgrade === undefined) {
      targetSocket.destroy();
      return this.fail(502, 'the target switched protocols, which the client had not asked for');
    }
    const { socket } = upgrade;
    if (response instanceof ServerResponse) response.detachSocket(socket);
    const lines = [`HTTP/1.1 101 ${STATUS_CODES[101] ?? ''}`];
    modifiedHeaders(answer.rawHeaders, this.options.listenerHeaders).forEach((name, index, all) => {
      if (index % 2 === 0) lines.push(`${name}: ${all[index + 1] ?? ''}`);
    });
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    socket.write(head);
    targetSocket.write(upgrade.head);
    for (const [from, to] of [
      [socket, targetSocket],
      [targetSocket, socket],
    ] as const) {
      from.on('data', (chunk: Buffer) => {
        this.idle.touch();
        if (from === targetSocket) this.bytes += chunk.length;
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        this.end({ status: 101 });
      });
      from.pipe(to);
    }
  }

  private onTargetError(error: NodeJS.ErrnoException): void {
    // Once the answer has begun, its own end or error tells how it went.
    if (this.targetStatus !== undefined) return;
    const unreachable = ['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'].includes(error.code ?? '');
    if (unreachable) return this.fail(504, `no connection to the target: ${error.message}`);
    const reused = this.toTarget.reusedSocket ? ', which was a kept-alive one' : '';
    this.fail(
      502,
      error.code === 'ECONNRESET'
        ? `the target closed the connection with the request outstanding${reused}`
        : `no valid answer from the target: ${error.message}`,
    );
  }

  private onIdle(): void {
    const { request } = this.options;
    // Whoever had to send next is to blame: the client while its body is incomplete.
    if (request.complete) this.fail(504, 'the target did not answer within the idle timeout');
    else this.fail(408, 'the client sent nothing within the idle timeout');
  }

  /** The answer is with the client, or the client has left. */
  private onClientDone(): void {
    const { response } = this.options;
    if (isWhollySent(response)) {
      this.end({ status: response.statusCode });
    } else {
      this.end({
        status: response.headersSent ? response.statusCode : 460,
        error: 'the client closed the connection before it had the whole answer',
      });
      this.toTarget.destroy();
    }
  }

  private fail(status: number, error: string): void {
    if (this.ended) return;
    const { request, response, upgrade } = this.options;
    request.unpipe(this.toTarget);
    request.resume();
    if (response.headersSent || this.targetStatus === 101) {
      this.end({ status: this.targetStatus ?? status, error });
      response.destroy();
      upgrade?.socket.destroy();
    } else {
      this.bytes = sendErrorPage(response, status, this.options.listenerHeaders);
      this.end({ status, error });
    }
    this.toTarget.destroy();
  }

  private end(result: { status: number; error?: string }): void {
    if (this.ended) return;
    this.ended = true;
    this.idle.stop();
    this.endLimit();
    this.options.target.finish(this);
    this.options.onEnd({
      status: result.status,
      error: result.error,
      targetStatus: this.targetStatus,
      targetResponseMs: this.targetResponseMs,
      bytes: this.bytes,
    });
  }
}
