import { createSecureContext, type SecureContext, type TlsOptions } from 'node:tls';
import type { CertificateDefinition } from './certificate-definition';
import { certificateFor } from './certificate-selection';
import { selfSignedCertificate } from './self-signed-certificate';

/** How a listener speaks TLS. */
export interface ListenerTls {
  readonly serverOptions: Pick<TlsOptions, 'key' | 'cert' | 'SNICallback'>;
  /** PEM of every certificate: what clients must trust */
  readonly certificate: string;
}

/**
 * Certificates of this run that stand for those of a listener: with their names, and all with keys
 * of one kind, as Node.js would go on to show the default one beside a certificate of another. The
 * default one, which comes first, is for clients that ask for no host name, or for one that no
 * other is for.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
 *
 * @param localNames under which clients of this machine know the load balancer
 * @param now of the machine's clock, as clients hold the dates against that
 */
export function listenerTls(
  [first, ...list]: readonly CertificateDefinition[],
  localNames: readonly string[],
  now: number,
): ListenerTls {
  const shown = selfSignedCertificate([...localNames, ...(first?.names ?? [])], now);
  const others = list
    .filter(({ names }) => names.length > 0)
    .map((one) => ({ ...one, ...selfSignedCertificate(one.names, now) }));
  const contexts = new Map<string, SecureContext>(
    others.map(({ arn, key, certificate: cert }) => [arn, createSecureContext({ key, cert })]),
  );
  return {
    serverOptions: {
      key: shown.key,
      cert: shown.certificate,
      SNICallback: (serverName, callback) =>
        callback(null, contexts.get(certificateFor(serverName, others)?.arn ?? '')),
    },
    certificate: [shown, ...others].map(({ certificate }) => certificate).join(''),
  };
}
