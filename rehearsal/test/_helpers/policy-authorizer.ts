import type { AccessRequest, Authorizer } from '../../src/iam/authorizer';

/** Denies the listed actions, in IAM's words, and keeps every request. */
export function policyAuthorizer(
  denied: readonly string[] = [],
): Authorizer & { requests: AccessRequest[] } {
  const requests: AccessRequest[] = [];
  return {
    requests,
    authorize: (request) => {
      requests.push(request);
      if (!denied.includes(request.action)) return { allowed: true };
      return {
        allowed: false,
        message: `User: arn:aws:sts::000000000000:assumed-role/build/one is not authorized to perform: ${request.action} on resource: ${request.resource} because no identity-based policy allows the ${request.action} action`,
      };
    },
  };
}
