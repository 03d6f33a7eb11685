import { RehearsalError } from '../errors';
import { type RequestContext, conditionHolds, contextValue } from './condition-operators';
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
  | { readonly effect: 'allow' }
  | { readonly effect: 'explicit-deny' | 'implicit-deny'; readonly by: PolicyKind };

/**
 * An explicit deny goes first, then an allow, and without either the answer is no.
 * Within one account an identity-based or a resource-based policy is enough; a resource-based policy
 * that names the account (`…:root`) leaves the decision to the identity-based policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(request: PolicyRequest, policies: ApplicablePolicies): PolicyVerdict {
  const { identity, resource, boundary, resourcePolicyRequired = false } = policies;
  const boundaries = boundary === undefined ? [] : [boundary];

  if (identityStatements(request, identity, 'Deny').length > 0) {
    return { effect: 'explicit-deny', by: 'identity-based policy' };
  }
  if (resourceGrants(request, resource, 'Deny').length > 0) {
    return { effect: 'explicit-deny', by: 'resource-based policy' };
  }
  if (identityStatements(request, boundaries, 'Deny').length > 0) {
    return { effect: 'explicit-deny', by: 'permissions boundary' };
  }

  const grants = resourceGrants(request, resource, 'Allow');
  const granted = grants.includes('principal');
  const identityAllows = identityStatements(request, identity, 'Allow').length > 0;
  if (!granted && resourcePolicyRequired && grants.length === 0) {
    return { effect: 'implicit-deny', by: 'resource-based policy' };
  }
  if (!granted && !identityAllows) {
    const by =
      request.principal.kind === 'service' ? 'resource-based policy' : 'identity-based policy';
    return { effect: 'implicit-deny', by };
  }
  if (boundary !== undefined && identityStatements(request, boundaries, 'Allow').length === 0) {
    return { effect: 'implicit-deny', by: 'permissions boundary' };
  }
  return { effect: 'allow' };
}

function identityStatements(
  request: PolicyRequest,
  documents: readonly PolicyDocument[],
  effect: PolicyStatement['Effect'],
): PolicyStatement[] {
  return documents
    .flatMap(({ Statement }) => Statement)
    .filter((statement) => statement.Effect === effect && names(statement, request, false))
    .filter((statement) => conditionsHold(statement, request));
}

/** For each statement that applies, whether it names the principal or only its account. */
function resourceGrants(
  request: PolicyRequest,
  documents: readonly PolicyDocument[],
  effect: PolicyStatement['Effect'],
): ('principal' | 'account')[] {
  return documents
    .flatMap(({ Statement }) => Statement)
    .filter((statement) => statement.Effect === effect && names(statement, request, true))
    .flatMap((statement) => {
      const named = namedBy(statement, request.principal);
      return named !== undefined && conditionsHold(statement, request) ? [named] : [];
    });
}

/** @param inResourcePolicy the policy belongs to the resource, so that it may leave Resource out */
function names(
  { Action, NotAction = [], Resource, NotResource }: PolicyStatement,
  request: PolicyRequest,
  inResourcePolicy: boolean,
): boolean {
  const named = Action
    ? Action.some((pattern) => matchesAction(pattern, request.action))
    : !NotAction.some((pattern) => matchesAction(pattern, request.action));
  if (!named) return false;
  const matches = (pattern: string) => {
    const resolved = substituteVariables(pattern, request.context);
    return resolved !== undefined && matchesResource(resolved, request.resource);
  };
  if (Resource !== undefined) return Resource.some(matches);
  return NotResource === undefined ? inResourcePolicy : !NotResource.some(matches);
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

function conditionsHold({ Condition }: PolicyStatement, { context }: PolicyRequest): boolean {
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => {
      const wanted = values.map((value) => substituteVariables(value, context));
      return conditionHolds(
        operator,
        key,
        wanted.filter((value) => value !== undefined),
        context,
      );
    }),
  );
}

/**
 * `${aws:PrincipalAccount}` and the like; undefined when the request lacks the key, and then the
 * text matches nothing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
function substituteVariables(text: string, context: RequestContext): string | undefined {
  const missing: string[] = [];
  const result = text.replace(/\$\{([^}]*)\}/g, (whole, expression: string) => {
    const [, key = '', fallback] = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(expression) ?? [];
    if (!/^[\w-]+:/.test(key)) {
      throw new RehearsalError(
        'PolicyVariableUnknown',
        `A policy uses '${whole}' in '${text}', which the rehearsal does not understand; it knows condition keys such as \${aws:PrincipalAccount}.`,
      );
    }
    const value = contextValue(context, key)?.[0] ?? fallback;
    if (value === undefined) missing.push(key);
    return value ?? '';
  });
  return missing.length > 0 ? undefined : result;
}
