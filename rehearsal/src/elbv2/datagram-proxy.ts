import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { DatagramFlow } from './datagram-flow';
import { groupRotation } from './group-rotation';
import type { NetworkProxyOptions } from './network-proxy';
import type { TargetGroup } from './target-group';
import type { WeightedRotation } from './weighted-rotation';

/**
 * The UDP side of a listener of a Network Load Balancer, on 127.0.0.1. Datagrams from one address and
 * port go to one target until the flow is idle, ended, or its target is unhealthy; what no target can
 * take is lost without a word.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/introduction.html#network-load-balancer-overview
 */
export class DatagramProxy {
  private readonly socket: Socket = createSocket('udp4');
  /** By the address and port of the client */
  private readonly flows = new Map<string, DatagramFlow>();
  private readonly rotation: WeightedRotation<TargetGroup>;
  private opened = 0;
  private bytes = 0;

  private constructor(
    private readonly options: Pick<NetworkProxyOptions, 'listener' | 'targetGroups' | 'clock'>,
  ) {
    this.rotation = groupRotation(options.listener.defaultAction, options.targetGroups);
    this.socket.on('message', (message, client) => this.pass(message, client));
  }

  /**
   * @param port to listen at; 0 for a free one
   * @throws Error of Node.js with the code `EADDRINUSE`
   */
  static async start(options: DatagramProxy['options'], port = 0): Promise<DatagramProxy> {
    const proxy = new DatagramProxy(options);
    await new Promise<void>((resolve, reject) => {
      proxy.socket.once('error', reject);
      proxy.socket.bind(port, '127.0.0.1', resolve);
    });
    // An answer that cannot be sent is lost, as any datagram may be.
    proxy.socket.on('error', () => undefined);
    return proxy;
  }

  /** Where the listener can be reached on this machine. */
  get address(): { readonly host: string; readonly port: number } {
    const { address, port } = this.socket.address();
    return { host: address, port };
  }

  /** What happened on the clients' side since the last look. */
  look(): { active: number; opened: number; bytes: number } {
    const { opened, bytes } = this;
    this.opened = 0;
    this.bytes = 0;
    return { active: this.flows.size, opened, bytes };
  }

  async close(): Promise<void> {
    for (const flow of this.flows.values()) flow.end();
    await new Promise<void>((resolve) => this.socket.close(() => resolve()));
  }

  private pass(message: Buffer, client: RemoteInfo): void {
    this.bytes += message.length;
    const key = `${client.address}:${client.port}`;
    const known = this.flows.get(key);
    if (known?.continues === true) return known.send(message);
    known?.end();
    this.open(key, client)?.send(message);
  }

  private open(key: string, client: RemoteInfo): DatagramFlow | undefined {
    const { listener, clock } = this.options;
    const group = this.rotation.next();
    // With stickiness every flow of an address is hashed alike.
    const from = group?.definition.bindsSourceAddress === true ? client.address : key;
    const target = group?.chooseForFlow(`udp|${from}|${listener.arn}`);
    if (group === undefined || target === undefined) return undefined;
    const flow = new DatagramFlow({
      group,
      target,
      clock,
      onAnswer: (answer) => {
        this.bytes += answer.length;
        this.socket.send(answer, client.port, client.address);
      },
      onEnd: () => this.flows.delete(key),
    });
    this.flows.set(key, flow);
    this.opened += 1;
    return flow;
  }
}
