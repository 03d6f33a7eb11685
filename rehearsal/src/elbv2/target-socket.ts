import { connect as connectTcp, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Where a target listens on this machine. */
export interface TargetPlace {
  readonly host: string;
  readonly port?: number | undefined;
  /** See `LOST` */
  readonly lookup?: LookupFunction;
}

/**
 * Opens a connection to a target, whose certificate is not looked at.
 *
 * @param header of proxy protocol; goes first, also before TLS
 */
export function openTo(
  { host, port = 0, lookup }: TargetPlace,
  { header, tls }: { readonly header: Buffer | undefined; readonly tls: boolean },
): Socket {
  const socket = connectTcp({ host, port, allowHalfOpen: !tls, ...(lookup && { lookup }) });
  if (header !== undefined) socket.write(header);
  if (!tls) return socket;
  const secured = connectTls({ socket, rejectUnauthorized: false });
  socket.on('error', () => secured.destroy());
  return secured;
}
