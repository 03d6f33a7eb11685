import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { RehearsalError } from '../errors';

/** More than Node's 511: while a busy machine stalls, the kernel would reset connections beyond it. */
const ACCEPT_BACKLOG = 4096;

/** Where a server is reached on this machine. */
export interface LoopbackAddress {
  readonly host: string;
  readonly port: number;
}

/** Listens at a free port of 127.0.0.1: nothing of a rehearsal can be reached from outside. */
export async function listenOnLoopback(server: Server): Promise<LoopbackAddress> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, backlog: ACCEPT_BACKLOG }, resolve);
  });
  return loopbackAddress(server);
}

/** Of a server that listens. */
export function loopbackAddress(server: Server): LoopbackAddress {
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port };
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
