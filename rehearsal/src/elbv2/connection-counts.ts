import type { Socket } from 'node:net';

/** Connections and bytes of one load balancer, with clients and with targets. */
export interface ConnectionCounts {
  readonly loadBalancerArn: string;
  /** Open now */
  readonly active: number;
  /** Since the last look */
  readonly opened: number;
  /** From and to clients, since the last look */
  readonly bytes: number;
}

/** Counts the connections that clients have with a listener. */
export class ClientSockets {
  private readonly open = new Set<Socket>();
  private opened = 0;
  /** Of connections that have ended, less what was told before */
  private bytes = 0;

  add(socket: Socket): void {
    this.open.add(socket);
    this.opened += 1;
    socket.once('close', () => {
      this.open.delete(socket);
      this.bytes += bytesOf(socket);
    });
  }

  /** What happened since the last look. */
  look(): { active: number; opened: number; bytes: number } {
    const openBytes = [...this.open].reduce((sum, socket) => sum + bytesOf(socket), 0);
    const counts = {
      active: this.open.size,
      opened: this.opened,
      bytes: this.bytes + openBytes,
    };
    this.opened = 0;
    this.bytes = -openBytes;
    return counts;
  }

  destroyAll(): void {
    for (const socket of this.open) socket.destroy();
  }
}

function bytesOf({ bytesRead, bytesWritten }: Socket): number {
  return bytesRead + bytesWritten;
}
