import type { IncomingMessage } from 'node:http';
import type { Authorizer, Caller } from '../iam/authorizer';
import type { AuthorizationTokens } from './authorization-tokens';
import { RegistryError } from './registry-error';

/**
 * Who sends a request: the caller to whom ECR issued the password.
 *
 * @throws RegistryError 401 without a password that was issued, 403 when it has expired
 */
export function authenticate(request: IncomingMessage, tokens: AuthorizationTokens): Caller {
  const [scheme, credentials] = (request.headers.authorization ?? '').split(' ');
  const text = Buffer.from(credentials ?? '', 'base64').toString();
  const separator = text.indexOf(':');
  const check = tokens.check(text.slice(separator + 1));
  if (scheme === 'Basic' && text.slice(0, separator) === 'AWS') {
    if (check.status === 'valid') return check.caller;
    if (check.status === 'expired') {
      throw new RegistryError(
        403,
        'DENIED',
        'Your authorization token has expired. Reauthenticate and try again.',
      );
    }
  }
  throw new RegistryError(401, 'UNAUTHORIZED', 'Not Authorized', {
    'www-authenticate': `Basic realm="http://${request.headers.host ?? ''}/",service="ecr.amazonaws.com"`,
  });
}

/** @throws RegistryError 403 with IAM's text when the caller's policies do not allow it */
export function authorize(
  authorizer: Authorizer,
  caller: Caller,
  action: string,
  resource: string,
): void {
  const decision = authorizer.authorize({ caller, action, resource });
  if (!decision.allowed) throw new RegistryError(403, 'DENIED', decision.message);
}
