import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RehearsalError } from '../errors';

/** Listens at a free port of 127.0.0.1: nothing of a rehearsal can be reached from outside. */
export async function listenOnLoopback(server: Server): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return server.address() as AddressInfo;
}

/**
 * @param limit bytes
 * @throws RehearsalError `BodyTooLarge`
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) {
      throw new RehearsalError('BodyTooLarge', `the request body is larger than ${limit} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
