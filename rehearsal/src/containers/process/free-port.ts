import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { RehearsalError } from '../../errors';

/**
 * Below the ports that Linux (32768), macOS and Windows (49152) hand to outgoing connections: a
 * port out of those could be taken by any request between choosing it and listening on it.
 */
const FIRST = 20_000;
const LAST = 32_000;
const ATTEMPTS = 50;

/** Ports of 127.0.0.1, by TCP and by UDP, for containers; none given twice while it is in use. */
export class FreePorts {
  private readonly taken = new Set<number>();

  /** @throws RehearsalError `NoFreePort` */
  async take(): Promise<number> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
      if (this.taken.has(port)) continue;
      this.taken.add(port);
      if ((await takesConnections(port)) && (await takesDatagrams(port))) return port;
      this.taken.delete(port);
    }
    throw new RehearsalError(
      'NoFreePort',
      `found no free port on 127.0.0.1 among ${ATTEMPTS} from ${FIRST} to ${LAST}; end what listens there.`,
    );
  }

  release(port: number): void {
    this.taken.delete(port);
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function takesDatagrams(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => socket.close(() => resolve(false)));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}
