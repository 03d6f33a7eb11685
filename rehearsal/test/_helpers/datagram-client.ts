import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A client by UDP of what listens on this machine; its socket, and so its address, stays the same. */
export class DatagramClient {
  /** What it was answered, in the order it came */
  readonly answers: string[] = [];
  private readonly socket: Socket = createSocket('udp4');

  constructor() {
    this.socket.on('message', (answer) => this.answers.push(answer.toString()));
  }

  send(port: number, text: string): void {
    this.socket.send(text, port, '127.0.0.1');
  }

  /** Sends a datagram and resolves to the answer that comes next. */
  async ask(port: number, text: string): Promise<string> {
    this.send(port, text);
    const [answer] = (await once(this.socket, 'message')) as [Buffer];
    return answer.toString();
  }

  close(): void {
    this.socket.close();
  }
}
