import type { CertificateDefinition } from './certificate-definition';

type Candidate = Pick<CertificateDefinition, 'names' | 'keyAlgorithm'>;

/**
 * The certificate of a listener's list for a client that asks for a host name: of those that are
 * for it, one with ECDSA before one with RSA, and then the one with the largest key. AWS also looks
 * at what the client supports; every client here supports both.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
 *
 * @returns undefined when none is for the name
 */
export function certificateFor<Certificate extends Candidate>(
  serverName: string,
  list: readonly Certificate[],
): Certificate | undefined {
  return list
    .filter(({ names }) => names.some((name) => covers(name, serverName)))
    .toSorted((a, b) => Number(isEcdsa(b)) - Number(isEcdsa(a)) || keyBits(b) - keyBits(a))[0];
}

function isEcdsa({ keyAlgorithm }: Candidate): boolean {
  return keyAlgorithm.startsWith('EC_');
}

function keyBits({ keyAlgorithm }: Candidate): number {
  return Number(/\d{3,}/.exec(keyAlgorithm)?.[0]);
}

/** RFC 6125 §6.4.3: `*` stands for the whole first label. */
function covers(name: string, serverName: string): boolean {
  const [its, asked] = [name.toLowerCase(), serverName.toLowerCase()];
  return its === asked || (its.startsWith('*.') && its === asked.replace(/^[^.]+/, '*'));
}
