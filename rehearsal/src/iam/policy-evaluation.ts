import type { RequestContext } from './condition-operators';
import { conditionsHold, substituteVariables } from './policy-conditions';
import type { PolicyDocument, PolicyPrincipal, PolicyStatement } from './policy-document';
import { matchesAction, matchesResource } from './wildcards';

/** Who asks, as policies can name them. */
export type RequestPrincipal =
  | {
      readonly kind: 'role';
      readonly account: string;
      /** ARN of the role and ARN of the session */
      readonly arns: readonly string[];
    }
  | { readonly kind: 'service'; readonly service: string };

export interface PolicyRequest {
  readonly principal: RequestPrincipal;
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}

export interface ApplicablePolicies {
  /** Of the role that asks */
  readonly identity: readonly PolicyDocument[];
  /** Of the resource that is asked for */
  readonly resource: readonly PolicyDocument[];
  /** Permissions boundary of the role; undefined when it has none */
  readonly boundary?: PolicyDocument | undefined;
  /** True for role trust policies and key policies: nothing is allowed without them */
  readonly resourcePolicyRequired?: boolean;
}

export type PolicyKind = 'identity-based policy' | 'resource-based policy' | 'permissions boundary';

export type PolicyVerdict =
  | ({ readonly effect: 'allow' } & DecidingStatements)
  | ({ readonly effect: 'explicit-deny'; readonly by: PolicyKind } & DecidingStatements)
  | { readonly effect: 'implicit-deny'; readonly by: PolicyKind };

/** Every statement that by itself says what the verdict says. */
interface DecidingStatements {
  readonly identity: readonly PolicyStatement[];
  readonly resource: readonly PolicyStatement[];
}

/**
 * An explicit deny goes first, then an allow, and without either the answer is no.
 * Within one account an identity-based or a resource-based policy is enough; a resource-based policy
 * that names the account (`…:root`) leaves the decision to the identity-based policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 *
 * @throws RehearsalError for a condition that is not understood, or that asks for what a rehearsal
 *   cannot know
 */
export function evaluate(request: PolicyRequest, policies: ApplicablePolicies): PolicyVerdict {
  const { identity, resource, boundary, resourcePolicyRequired = false } = policies;
  const boundaries = boundary === undefined ? [] : [boundary];

  const denials = {
    identity: identityStatements(request, identity, 'Deny'),
    resource: resourceGrants(request, resource, 'Deny').map(({ statement }) => statement),
  };
  const deniedBy = (by: PolicyKind) => ({ effect: 'explicit-deny' as const, by, ...denials });
  if (denials.identity.length > 0) return deniedBy('identity-based policy');
  if (denials.resource.length > 0) return deniedBy('resource-based policy');
  const limits = identityStatements(request, boundaries, 'Deny');
  if (limits.length > 0) {
    return { effect: 'explicit-deny', by: 'permissions boundary', identity: limits, resource: [] };
  }

  const grants = resourceGrants(request, resource, 'Allow');
  const granted = grants.some(({ names }) => names === 'principal');
  const allowances = identityStatements(request, identity, 'Allow');
  if (!granted && resourcePolicyRequired && grants.length === 0) {
    return { effect: 'implicit-deny', by: 'resource-based policy' };
  }
  if (!granted && allowances.length === 0) {
    const by =
      request.principal.kind === 'service' ? 'resource-based policy' : 'identity-based policy';
    return { effect: 'implicit-deny', by };
  }
  if (boundary !== undefined && identityStatements(request, boundaries, 'Allow').length === 0) {
    return { effect: 'implicit-deny', by: 'permissions boundary' };
  }
  return {
    effect: 'allow',
    identity: allowances,
    resource: grants.map(({ statement }) => statement),
  };
}

/** Which patterns of a statement's Action and Resource elements a call matches. */
export function matchedPatterns(
  statement: PolicyStatement,
  request: PolicyRequest,
): { readonly actions: readonly string[]; readonly resources: readonly string[] } {
  return {
    actions: (statement.Action ?? []).filter((pattern) => matchesAction(pattern, request.action)),
    resources: (statement.Resource ?? []).filter(resourceMatcher(statement, request)),
  };
}

/** Whether a statement is about the call's action, whatever its resources and conditions. */
export function namesAction({ Action, NotAction = [] }: PolicyStatement, action: string): boolean {
  return Action
    ? Action.some((pattern) => matchesAction(pattern, action))
    : !NotAction.some((pattern) => matchesAction(pattern, action));
}

function identityStatements(
  request: PolicyRequest,
  documents: readonly PolicyDocument[],
  effect: PolicyStatement['Effect'],
): PolicyStatement[] {
  return documents
    .flatMap(({ Statement }) => Statement)
    .filter((statement) => statement.Effect === effect && covers(statement, request, false))
    .filter((statement) => conditionsHold(statement, request));
}

/** Each statement that applies, and whether it names the principal or only its account. */
function resourceGrants(
  request: PolicyRequest,
  documents: readonly PolicyDocument[],
  effect: PolicyStatement['Effect'],
): { readonly statement: PolicyStatement; readonly names: 'principal' | 'account' }[] {
  return documents
    .flatMap(({ Statement }) => Statement)
    .filter((statement) => statement.Effect === effect && covers(statement, request, true))
    .flatMap((statement) => {
      const names = namedBy(statement, request.principal);
      return names !== undefined && conditionsHold(statement, request)
        ? [{ statement, names }]
        : [];
    });
}

/** @param inResourcePolicy the policy belongs to the resource, so that it may leave Resource out */
function covers(
  statement: PolicyStatement,
  request: PolicyRequest,
  inResourcePolicy: boolean,
): boolean {
  if (!namesAction(statement, request.action)) return false;
  const { Resource, NotResource } = statement;
  const matches = resourceMatcher(statement, request);
  if (Resource !== undefined) return Resource.some(matches);
  return NotResource === undefined ? inResourcePolicy : !NotResource.some(matches);
}

function resourceMatcher(statement: PolicyStatement, request: PolicyRequest) {
  return (pattern: string) => {
    const resolved = substituteVariables(pattern, statement, request);
    return resolved !== undefined && matchesResource(resolved, request.resource);
  };
}

function namedBy(
  { Principal, NotPrincipal }: PolicyStatement,
  principal: RequestPrincipal,
): 'principal' | 'account' | undefined {
  if (Principal !== undefined) return matchPrincipal(Principal, principal);
  if (NotPrincipal === undefined) return undefined;
  return matchPrincipal(NotPrincipal, principal) === undefined ? 'principal' : undefined;
}

function matchPrincipal(
  { AWS = [], Service = [] }: PolicyPrincipal,
  principal: RequestPrincipal,
): 'principal' | 'account' | undefined {
  if (AWS.includes('*')) return 'principal';
  if (principal.kind === 'service') {
    return Service.includes(principal.service) ? 'principal' : undefined;
  }
  if (AWS.some((arn) => principal.arns.includes(arn))) return 'principal';
  const accountRoot = new RegExp(
    `^(arn:[^:]+:iam::${principal.account}:root|${principal.account})$`,
  );
  return AWS.some((arn) => accountRoot.test(arn)) ? 'account' : undefined;
}
