import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A certificate that signs itself, and its key; both PEM. */
export interface SelfSignedCertificate {
  readonly certificate: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;

/** Long enough for any rehearsal, and no longer. */
const VALID_DAYS = 2;

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const SERIAL_NUMBER = '2.5.4.5';
const SUBJECT_ALT_NAME = '2.5.29.17';

/**
 * Makes a key and a certificate for some names, for this run alone. Node has no function for it, so
 * the few DER structures that are needed are written here (RFC 5280 §4.1).
 *
 * @param names DNS names and IPv4 addresses; the first is also the subject
 */
export function selfSignedCertificate(
  names: readonly string[],
  now: number,
): SelfSignedCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(objectId(ECDSA_WITH_SHA256));
  const serialNumber = Buffer.concat([Buffer.from([1]), randomBytes(15)]);
  // Two certificates for one host need different subjects: OpenSSL finds what it trusts by them.
  // A common name holds at most 64 characters (RFC 5280, ub-common-name).
  const name = sequence(
    set(sequence(objectId(SERIAL_NUMBER), der(0x13, Buffer.from(serialNumber.toString('hex'))))),
    set(sequence(objectId(COMMON_NAME), der(0x0c, Buffer.from((names[0] ?? '').slice(0, 64))))),
  );
  const validity = sequence(utcTime(now - DAY_MS), utcTime(now + VALID_DAYS * DAY_MS));
  const alternativeNames = sequence(
    ...names.map((one) =>
      isIPv4(one)
        ? der(0x87, Buffer.from(one.split('.').map(Number)))
        : der(0x82, Buffer.from(one)),
    ),
  );
  const extensions = sequence(sequence(objectId(SUBJECT_ALT_NAME), der(0x04, alternativeNames)));
  const toBeSigned = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(serialNumber),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = sequence(
    toBeSigned,
    algorithm,
    der(0x03, Buffer.concat([Buffer.from([0]), signature])),
  );
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Tag, length and content. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const bytes =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

function sequence(...items: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(items));
}

function set(...items: readonly Buffer[]): Buffer {
  return der(0x31, Buffer.concat(items));
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes);
}

/** `YYMMDDhhmmssZ`, right until 2049. */
function utcTime(milliseconds: number): Buffer {
  const text = new Date(milliseconds).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${text}Z`));
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = rest.flatMap((number) => {
    const groups = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(0x06, Buffer.from([first * 40 + second, ...bytes]));
}
