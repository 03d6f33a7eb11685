import { createHmac, timingSafeEqual } from 'node:crypto';

/** Header that carries the signature. */
export const SIGNATURE_HEADER = 'x-hub-signature-256';

/**
 * The signature GitHub puts on a delivery: HMAC-SHA256 of the raw body.
 * https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function signPayload(body: string | Buffer, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** Compares in constant time. */
export function isSignedWith(
  signature: string | undefined,
  body: string | Buffer,
  secret: string,
): boolean {
  const expected = Buffer.from(signPayload(body, secret));
  const received = Buffer.from(signature ?? '');
  return expected.length === received.length && timingSafeEqual(expected, received);
}
