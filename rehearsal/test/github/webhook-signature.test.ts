import { isSignedWith, signPayload } from '../../src/github/webhook-signature';

// The example of GitHub's own page, to check one's implementation against.
// https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
const secret = "It's a Secret to Everybody";
const body = 'Hello, World!';
const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';

it('signs as GitHub documents', () => {
  expect(signPayload(body, secret)).toBe(signature);
});

it('accepts only that signature', () => {
  expect(isSignedWith(signature, body, secret)).toBe(true);
  expect(isSignedWith(signature, `${body} `, secret)).toBe(false);
  expect(isSignedWith(signature, body, 'another secret')).toBe(false);
  expect(isSignedWith(signature.slice(0, -1), body, secret)).toBe(false);
  expect(isSignedWith(undefined, body, secret)).toBe(false);
});
