import { isIPv4 } from 'node:net';

/** https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt, section 2.2 */
const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const VERSION_2_LOCAL = 0x20;
const VERSION_2_PROXY = 0x21;
const TCP_OVER_IPV4 = 0x11;

/** One end of a connection. */
export interface ConnectionAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * The header of proxy protocol version 2 that goes before what a client sends.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#proxy-protocol
 *
 * @param client and @param listener of the connection that is passed on; IPv4, as all here
 */
export function proxyHeader(client: ConnectionAddress, listener: ConnectionAddress): Buffer {
  const header = Buffer.alloc(12);
  for (const [index, { address, port }] of [client, listener].entries()) {
    const octets = isIPv4(address) ? address.split('.').map(Number) : [0, 0, 0, 0];
    header.set(octets, index * 4);
    header.writeUInt16BE(port, 8 + index * 2);
  }
  return Buffer.concat([
    SIGNATURE,
    Buffer.from([VERSION_2_PROXY, TCP_OVER_IPV4, 0, header.length]),
    header,
  ]);
}

/** The header of a health check, which has no client to tell of. */
export const healthCheckHeader = Buffer.concat([
  SIGNATURE,
  Buffer.from([VERSION_2_LOCAL, 0, 0, 0]),
]);
