import { type PolicyStatement, describeStatement } from './policy-document';
import {
  type ApplicablePolicies,
  type PolicyRequest,
  type PolicyVerdict,
  namesAction,
} from './policy-evaluation';

/**
 * What to change in the templates so that a denied call is allowed: the statement that denies it, or
 * the one that is missing, with the statements that come close.
 *
 * @param callerName of the role that calls; undefined for a service
 */
export function remedy(
  request: PolicyRequest,
  verdict: Exclude<PolicyVerdict, { effect: 'allow' }>,
  policies: ApplicablePolicies,
  callerName: string | undefined,
): string {
  if (verdict.effect === 'explicit-deny') {
    const denying = [...verdict.identity, ...verdict.resource].map(describeStatement);
    return `It is denied by ${denying.join(' and ')}`;
  }
  const inResourcePolicy = verdict.by === 'resource-based policy';
  const documents =
    verdict.by === 'permissions boundary'
      ? [policies.boundary]
      : inResourcePolicy
        ? policies.resource
        : policies.identity;
  const close = documents
    .flatMap((document) => document?.Statement ?? [])
    .filter(({ Effect }) => Effect === 'Allow')
    .filter((statement) => namesAction(statement, request.action))
    .map((statement) => `${describeStatement(statement)} allows it ${limitsOf(statement)}`);
  const where = inResourcePolicy
    ? `the ${request.action === 'sts:AssumeRole' ? 'trust policy' : 'policy'} of ${request.resource}`
    : `${verdict.by === 'permissions boundary' ? 'the permissions boundary of ' : ''}role '${callerName ?? ''}'`;
  const missing = JSON.stringify(statementFor(request, inResourcePolicy));
  return [`To allow it, add to ${where}: ${missing}`, ...close].join('; ');
}

function limitsOf({ Resource, NotResource, Condition, Principal }: PolicyStatement): string {
  const limits = [
    Principal && `to ${JSON.stringify(Principal)}`,
    Resource && `on ${Resource.join(', ')}`,
    NotResource && `on all but ${NotResource.join(', ')}`,
    Object.keys(Condition).length > 0 && `if ${JSON.stringify(Condition)}`,
  ];
  return `only ${limits.filter((limit) => typeof limit === 'string').join(' ')}`;
}

/** Roles' trust policies name no resource. */
function statementFor({ principal, action, resource, context }: PolicyRequest, named: boolean) {
  const service = context['iam:PassedToService'];
  return {
    Effect: 'Allow',
    Action: action,
    ...((!named || action !== 'sts:AssumeRole') && { Resource: resource }),
    ...(named && {
      Principal:
        principal.kind === 'service' ? { Service: principal.service } : { AWS: principal.arns[0] },
    }),
    ...(service !== undefined && {
      Condition: { StringEquals: { 'iam:PassedToService': service } },
    }),
  };
}
