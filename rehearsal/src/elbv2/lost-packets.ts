import { createServer, type LookupFunction, type Socket } from 'node:net';
import {
  listenOnLoopback,
  type LoopbackAddress,
  loopbackAddress,
} from '../process/loopback-server';

/**
 * Where a request goes whose packets the network drops: its connection is never made and never
 * refused, because the look-up of the host never ends. Whoever made it has to give up by itself.
 */
export const LOST: { readonly host: string; readonly lookup: LookupFunction } = {
  host: 'unreachable.invalid',
  lookup: () => undefined,
};

/** A listener that clients cannot reach: nobody ever answers, so that they time out. */
export class UnreachableListener {
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => {
    this.sockets.add(socket);
    // A client that gives up may reset the connection.
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    socket.resume();
  });

  static async start(): Promise<UnreachableListener> {
    const listener = new UnreachableListener();
    await listenOnLoopback(listener.server);
    return listener;
  }

  get address(): LoopbackAddress {
    return loopbackAddress(this.server);
  }

  /** Nothing happens on the clients' side. */
  look(): { active: number; opened: number; bytes: number } {
    return { active: 0, opened: 0, bytes: 0 };
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}
