import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock';
import { type ListenerEnd, requestTo } from './listener-client';

export interface StreamClientsOptions {
  readonly address: ListenerEnd;
  readonly clock: Clock;
  /** How long each streamed answer takes */
  readonly streamSeconds: number;
  /** How many WebSockets are opened at the start */
  readonly webSockets: number;
}

export interface StreamClientsSummary {
  /** Streamed answers that began, and how many of them came to their end */
  readonly streams: { readonly begun: number; readonly whole: number };
  /** `answered`: how many got back what they last sent */
  readonly webSockets: { readonly opened: number; readonly answered: number };
}

/** A new streamed answer is asked for that often, so that some are under way at any moment. */
const STREAM_EVERY_MS = 250;
const FRAME_EVERY_MS = 500;

/** Marks answers of a version that streams; others may answer the same path otherwise. */
const STREAM_HEADER = 'x-rehearsal-stream';

/** Clients of `streamingProgram`: streamed answers one after the other, and WebSockets that stay. */
export class StreamClients {
  private readonly stopping = new AbortController();
  private readonly inFlight = new Set<Promise<void>>();
  private readonly sockets = new Set<Duplex>();
  private readonly answered = new Set<Duplex>();
  private begun = 0;
  private whole = 0;
  private opened = 0;
  private asking: Promise<void> = Promise.resolve();

  constructor(private readonly options: StreamClientsOptions) {}

  /** Resolves when every WebSocket is open, or was refused. */
  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.options.webSockets }, () => this.openWebSocket()));
    this.asking = this.askForStreams();
  }

  /** Opens no more, lets streamed answers come to their end and closes the WebSockets. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.asking;
    await Promise.all(this.inFlight);
    for (const socket of this.sockets) socket.destroy();
  }

  summary(): StreamClientsSummary {
    const { begun, whole, opened, answered } = this;
    return { streams: { begun, whole }, webSockets: { opened, answered: answered.size } };
  }

  private async askForStreams(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const stream = this.readStream().finally(() => this.inFlight.delete(stream));
      this.inFlight.add(stream);
      await this.options.clock.delay(STREAM_EVERY_MS, signal);
    }
  }

  private readStream(): Promise<void> {
    const { address, streamSeconds } = this.options;
    return new Promise((resolve) => {
      const path = `/stream?seconds=${streamSeconds}`;
      const request = requestTo(address, { path, agent: false });
      request.on('error', () => resolve());
      request.on('response', (answer) => {
        const isStream = answer.headers[STREAM_HEADER] !== undefined;
        if (isStream) this.begun += 1;
        let last = '';
        answer.setEncoding('utf8').on('data', (text: string) => (last = text));
        answer.on('error', () => resolve());
        answer.on('close', () => {
          if (isStream && last.endsWith('end\n')) this.whole += 1;
          resolve();
        });
      });
      request.end();
    });
  }

  private openWebSocket(): Promise<void> {
    return new Promise((resolve) => {
      const request = requestTo(this.options.address, {
        path: '/socket',
        agent: false,
        headers: {
          Connection: 'Upgrade',
          Upgrade: 'websocket',
          'Sec-WebSocket-Version': '13',
          'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
        },
      });
      request.on('error', () => resolve());
      request.on('response', (answer) => {
        answer.resume();
        resolve();
      });
      request.on('upgrade', (_, socket) => {
        this.opened += 1;
        this.sockets.add(socket);
        void this.talk(socket);
        resolve();
      });
      request.end();
    });
  }

  /** Sends a frame now and then; what is sent comes back. */
  private async talk(socket: Duplex): Promise<void> {
    const closed = new AbortController();
    let received = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => closed.abort());
    socket.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data]).subarray(-64);
    });
    for (let count = 0; !closed.signal.aborted; count += 1) {
      const text = `frame ${count}.`;
      socket.write(maskedFrame(text));
      await this.options.clock.delay(FRAME_EVERY_MS, closed.signal);
      if (received.includes(text)) this.answered.add(socket);
      else if (!socket.destroyed) this.answered.delete(socket);
    }
  }
}

/** A text frame as clients send it. https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
function maskedFrame(text: string): Buffer {
  const mask = randomBytes(4);
  const payload = Buffer.from(text).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload]);
}
