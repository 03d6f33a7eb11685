import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { z } from 'zod';
import { type Attributes, flag } from './attributes';

/**
 * What a listener of an Application Load Balancer does to headers.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/header-modification.html
 */
export interface ListenerHeaders {
  /** Of the request header that tells targets the version of TLS. @default X-Amzn-Tls-Version */
  readonly tlsVersionName: string;
  /** @default X-Amzn-Tls-Cipher-Suite */
  readonly tlsCipherSuiteName: string;
  /** Names and values of what every answer has, whatever the target says of it */
  readonly added: readonly (readonly [name: string, value: string])[];
  /** Whether answers may have a Server header. @default true */
  readonly keepsServer: boolean;
}

const ADDED = [
  'strict_transport_security',
  'access_control_allow_origin',
  'access_control_allow_methods',
  'access_control_allow_headers',
  'access_control_allow_credentials',
  'access_control_expose_headers',
  'access_control_max_age',
  'content_security_policy',
  'x_content_type_options',
  'x_frame_options',
] as const;

const headerName = z
  .string()
  .regex(/^[-!#$%&'*+.^_`|~0-9A-Za-z]+$/, 'expected the name of a header');
const headerValue = z.string().regex(/^[\t -~]*$/, 'expected visible ASCII characters');
const addedKey = (name: string) => `routing.http.response.${name}.header_value`;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html */
export const headerAttributes = {
  'routing.http.request.x_amzn_tls_version.header_name': headerName.default('X-Amzn-Tls-Version'),
  'routing.http.request.x_amzn_tls_cipher_suite.header_name':
    headerName.default('X-Amzn-Tls-Cipher-Suite'),
  'routing.http.response.server.enabled': flag.default(true),
  ...Object.fromEntries(ADDED.map((name) => [addedKey(name), headerValue.default('')])),
};

/** Of headers about clients' certificates, which nobody has here: mutual TLS is refused. */
export const withoutMutualTls = /^routing\.http\.request\.x_amzn_mtls_clientcert\w*\.header_name$/;

/** An empty value leaves answers as they are. */
export function listenerHeaders({
  values,
  given,
}: Attributes<{
  readonly [Key in keyof typeof headerAttributes]: z.output<(typeof headerAttributes)[Key]>;
}>): ListenerHeaders {
  return {
    tlsVersionName: values['routing.http.request.x_amzn_tls_version.header_name'],
    tlsCipherSuiteName: values['routing.http.request.x_amzn_tls_cipher_suite.header_name'],
    keepsServer: values['routing.http.response.server.enabled'],
    added: ADDED.flatMap((name) => {
      const value = given.get(addedKey(name)) ?? '';
      return value === '' ? [] : [[headerOf(name), value] as const];
    }),
  };
}

/** `x_frame_options` → `X-Frame-Options` */
function headerOf(name: string): string {
  return name.replace(
    /(?:^|_)([a-z])/g,
    (start, letter: string) => `${start.startsWith('_') ? '-' : ''}${letter.toUpperCase()}`,
  );
}

/** An answer's header as the client gets it, names and values in turn both ways. */
export function modifiedHeaders(
  headers: readonly string[],
  { added, keepsServer }: ListenerHeaders,
): readonly string[] {
  if (added.length === 0 && keepsServer) return headers;
  const replaced = new Set(added.map(([name]) => name.toLowerCase()));
  if (!keepsServer) replaced.add('server');
  const kept = headers.filter(
    (_, index) => !replaced.has((headers[index - (index % 2)] ?? '').toLowerCase()),
  );
  return [...kept, ...added.flat()];
}

/**
 * What tells a target how its client is connected, in OpenSSL's words; none without TLS.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
 */
export function tlsHeaders(
  socket: Socket,
  { tlsVersionName, tlsCipherSuiteName }: ListenerHeaders,
): [name: string, value: string][] {
  if (!(socket instanceof TLSSocket)) return [];
  return [
    [tlsVersionName, socket.getProtocol() ?? ''],
    [tlsCipherSuiteName, socket.getCipher().name],
  ];
}
