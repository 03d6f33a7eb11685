import type { Caller } from './authorizer';
import type { RequestContext } from './condition-operators';

/** Keys that no call of a role has: who makes it is neither a user nor signed in from outside. */
const NEVER_OF_A_ROLE: RequestContext = {
  'aws:username': undefined,
  'aws:FederatedProvider': undefined,
  'aws:MultiFactorAuthPresent': undefined,
  'aws:MultiFactorAuthAge': undefined,
  'aws:PrincipalServiceName': undefined,
  'aws:SourceArn': undefined,
  'aws:SourceAccount': undefined,
  'aws:SourceOwner': undefined,
  'aws:CalledVia': undefined,
  'aws:CalledViaFirst': undefined,
  'aws:CalledViaLast': undefined,
};

/** Nor has a service's: it is no principal of an account, and only some services name the owner. */
const NEVER_OF_A_SERVICE: RequestContext = {
  'aws:username': undefined,
  'aws:PrincipalArn': undefined,
  'aws:PrincipalAccount': undefined,
  'aws:PrincipalType': undefined,
  'aws:SourceOwner': undefined,
};

/**
 * Keys that AWS adds to every request; those that it would not send are undefined. What is not here
 * (addresses, tags, the organization, the time) a rehearsal cannot know.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function defaultContext(
  caller: Exclude<Caller, { kind: 'operator' }>,
  resource: string,
): RequestContext {
  const account = (caller.kind === 'role' ? caller.roleArn : caller.sourceArn)?.split(':')[4];
  const owner = resource.split(':')[4] || account;
  const always = {
    'aws:SecureTransport': 'true',
    // The least that AWS takes: https://aws.amazon.com/blogs/security/tls-1-2-required-for-aws-endpoints/
    's3:TlsVersion': '1.2',
    'aws:ViaAWSService': 'false',
    ...(owner !== undefined && { 'aws:ResourceAccount': owner }),
  };
  if (caller.kind === 'role') {
    return {
      ...always,
      ...NEVER_OF_A_ROLE,
      'aws:PrincipalType': 'AssumedRole',
      'aws:PrincipalIsAWSService': 'false',
      'aws:PrincipalArn': caller.roleArn,
      'aws:PrincipalAccount': caller.roleArn.split(':')[4] ?? '',
    };
  }
  const { service, sourceArn } = caller;
  return {
    ...always,
    ...NEVER_OF_A_SERVICE,
    'aws:PrincipalIsAWSService': 'true',
    'aws:PrincipalServiceName': service,
    ...(sourceArn !== undefined && {
      'aws:SourceArn': sourceArn,
      'aws:SourceAccount': sourceArn.split(':')[4] ?? '',
    }),
  };
}
