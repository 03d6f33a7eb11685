import { connect, type Socket } from 'node:net';

/** What came back on a connection. */
export interface RawAnswer {
  /** Status of each answer, in their order */
  readonly statuses: readonly number[];
  /** Everything received, one character per byte */
  readonly text: string;
}

const STATUS_LINE = /HTTP\/1\.1 (\d{3}) /g;
const HEAD_AND_BODY = /\r\nContent-Length: (\d+)\r\n[^]*?\r\n\r\n([^]*)$/i;

/** One character per byte, as in `RawAnswer`. */
export const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/**
 * Opens a connection, sends these bytes and reads until the other side closes it or one whole
 * answer has arrived and nothing followed it.
 */
export async function sendRaw(port: number, request: string): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  // A server that has refused resets the connection while the rest of the request still arrives.
  socket.on('error', () => undefined);
  socket.write(bytes(request));
  const text = await received(socket);
  socket.destroy();
  return { statuses: [...text.matchAll(STATUS_LINE)].map(([, status]) => Number(status)), text };
}

function received(socket: Socket): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const [, length, body = ''] = HEAD_AND_BODY.exec(text) ?? [];
      const whole = length !== undefined && body.length >= Number(length);
      // Where the connection is to be closed, the close is waited for: nothing may follow.
      if (whole && !/\r\nConnection: close\r\n/i.test(text)) resolve(text);
    });
    socket.once('close', () => resolve(text));
  });
}
