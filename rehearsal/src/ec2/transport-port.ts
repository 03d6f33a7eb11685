/** A port that connections are made to, or datagrams sent. */
export interface TransportPort {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

/** https://www.iana.org/assignments/protocol-numbers/protocol-numbers.xhtml */
export const PROTOCOL_NUMBERS: Readonly<Record<TransportPort['protocol'], number>> = {
  tcp: 6,
  udp: 17,
};

export function tcp(port: number): TransportPort {
  return { protocol: 'tcp', port };
}

export function udp(port: number): TransportPort {
  return { protocol: 'udp', port };
}

/** `tcp 3000` */
export function describePort({ protocol, port }: TransportPort): string {
  return `${protocol} ${port}`;
}
