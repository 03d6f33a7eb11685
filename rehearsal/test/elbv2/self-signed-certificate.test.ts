import { createPrivateKey, X509Certificate } from 'node:crypto';
import { selfSignedCertificate } from '../../src/elbv2/self-signed-certificate';

const longName = `${'internal-api-'.repeat(6)}.ap-northeast-2.elb.amazonaws.com`;

test('is for its names and addresses, signed by itself, and valid now', () => {
  const { certificate, key } = selfSignedCertificate(
    ['localhost', '127.0.0.1', longName],
    Date.now(),
  );
  const read = new X509Certificate(certificate);
  expect(read.subject).toMatch(/\nCN=localhost$/);
  expect(read.checkHost('localhost')).toBe('localhost');
  expect(read.checkHost(longName)).toBe(longName);
  expect(read.checkHost('example.com')).toBeUndefined();
  expect(read.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(Date.parse(read.validFrom)).toBeLessThan(Date.now());
  expect(Date.parse(read.validTo)).toBeGreaterThan(Date.now() + 86_400_000);
});

test('each run has a key of its own', () => {
  const one = selfSignedCertificate(['localhost'], Date.now());
  const other = selfSignedCertificate(['localhost'], Date.now());
  expect(one.key).not.toBe(other.key);
  expect(new X509Certificate(one.certificate).serialNumber).not.toBe(
    new X509Certificate(other.certificate).serialNumber,
  );
});

test('two for one host have different subjects, so that a client can trust both', () => {
  const subject = () =>
    new X509Certificate(selfSignedCertificate(['localhost'], Date.now()).certificate).subject;
  expect(subject()).not.toBe(subject());
});

test('a subject longer than a common name may be is cut, not the name that clients check', () => {
  const { certificate } = selfSignedCertificate([longName], Date.now());
  const read = new X509Certificate(certificate);
  expect(read.subject.split('\n')).toContain(`CN=${longName.slice(0, 64)}`);
  expect(read.checkHost(longName)).toBe(longName);
});
