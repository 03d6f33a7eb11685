import { DatagramProxy } from './datagram-proxy';
import { UnreachableListener } from './lost-packets';
import { NetworkProxy, type NetworkProxyOptions } from './network-proxy';

export interface NetworkListenerOptions extends NetworkProxyOptions {
  /** Why no client reaches it, as on AWS; undefined when they do */
  readonly barrier: string | undefined;
}

type Part = NetworkProxy | DatagramProxy | UnreachableListener;

/** How often another port is tried that is free by TCP and, as it turns out, not by UDP. */
const ATTEMPTS = 20;

/** A listener of a Network Load Balancer: for connections, for datagrams, or for both at one port. */
export class NetworkListener {
  private constructor(private readonly parts: readonly [Part, ...Part[]]) {}

  static async start(options: NetworkListenerOptions): Promise<NetworkListener> {
    const { protocol } = options.listener;
    if (protocol === 'UDP') return new NetworkListener([await startDatagrams(options)]);
    if (protocol !== 'TCP_UDP') return new NetworkListener([await startConnections(options)]);
    for (let attempt = 1; ; attempt += 1) {
      const connections = await startConnections(options);
      try {
        const datagrams = await startDatagrams(options, connections.address.port);
        return new NetworkListener([connections, datagrams]);
      } catch (error) {
        await connections.close();
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  /** Where the listener can be reached on this machine. */
  get address(): { readonly host: string; readonly port: number } {
    return this.parts[0].address;
  }

  /** What happened on the clients' side since the last look. */
  look(): { active: number; opened: number; bytes: number } {
    const looks = this.parts.map((part) => part.look());
    return {
      active: looks.reduce((sum, { active }) => sum + active, 0),
      opened: looks.reduce((sum, { opened }) => sum + opened, 0),
      bytes: looks.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.close()));
  }
}

function startConnections(options: NetworkListenerOptions): Promise<Part> {
  return options.barrier === undefined ? NetworkProxy.start(options) : UnreachableListener.start();
}

/** Without a target group every datagram is lost, as it is where no client reaches the listener. */
function startDatagrams(options: NetworkListenerOptions, port?: number): Promise<DatagramProxy> {
  const { barrier, targetGroups } = options;
  const reached = barrier === undefined ? targetGroups : new Map<string, never>();
  return DatagramProxy.start({ ...options, targetGroups: reached }, port);
}
