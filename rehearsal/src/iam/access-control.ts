import type { DeployedResources } from '../cloudformation/deployed-resource';
import { RehearsalError } from '../errors';
import type { AccessDecision, AccessRequest, Authorizer, Caller } from './authorizer';
import type { PolicyDocument } from './policy-document';
import {
  type PolicyRequest,
  type PolicyVerdict,
  type RequestPrincipal,
  evaluate,
} from './policy-evaluation';
import { PolicyUse, type StatementUse } from './policy-use';
import { remedy } from './remedy';
import { defaultContext } from './request-context';
import { policyHolder, readResourcePolicies } from './resource-policies';
import { type Role, readRoles } from './roles';

/** One kind of call that was asked for during the run. */
export interface AccessUse {
  /** ARN of the role, name of the service, or `operator` */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
  /** How often */
  readonly count: number;
}

/**
 * Answers from the policies of the deployed templates who may do what, and remembers what was asked.
 * The operator may do everything. Before the first deploy there are no roles.
 */
export class AccessControl implements Authorizer {
  private roles: ReadonlyMap<string, Role> = new Map();
  private resourcePolicies: ReadonlyMap<string, readonly PolicyDocument[]> = new Map();
  private readonly decisions = new Map<string, AccessUse>();
  private readonly policyUse = new PolicyUse();

  constructor(resources?: DeployedResources) {
    if (resources !== undefined) this.deployed(resources);
  }

  /** Takes over the policies of everything that is deployed now; call it after each deploy. */
  deployed(resources: DeployedResources): void {
    this.roles = readRoles(resources);
    this.resourcePolicies = readResourcePolicies(resources);
  }

  /** @throws RehearsalError for a role or a managed policy that nobody here knows */
  authorize(request: AccessRequest): AccessDecision {
    const { caller, action, resource } = request;
    const decision =
      caller.kind === 'operator' ? { allowed: true as const } : this.decide(caller, request);
    this.record(caller, action, resource, decision.allowed);
    return decision;
  }

  /**
   * Whether a caller may become a role: the role's trust policy must let it, and where that names
   * only the account, the caller's own policies too. Services are named `codebuild.amazonaws.com`.
   */
  assumeRole(
    roleArn: string,
    caller: Caller,
    context: AccessRequest['context'] = {},
  ): AccessDecision {
    return this.authorize({ caller, action: 'sts:AssumeRole', resource: roleArn, context });
  }

  /** Every distinct call so far, in the order of first asking. */
  uses(): readonly AccessUse[] {
    return [...this.decisions.values()];
  }

  /** Every statement of the deployed policies, and which calls of the run it decided. */
  statements(): StatementUse[] {
    const ofRoles = [...this.roles.values()].flatMap(({ arn, policies, trustPolicy }) => [
      ...this.policyUse.of(arn, 'role trust policy', [trustPolicy]),
      ...this.policyUse.of(arn, 'identity-based policy', policies),
    ]);
    const ofResources = [...this.resourcePolicies].flatMap(([arn, documents]) =>
      this.policyUse.of(arn, 'resource-based policy', documents),
    );
    return [...ofRoles, ...ofResources];
  }

  private decide(
    caller: Exclude<Caller, { kind: 'operator' }>,
    { action, resource, context = {} }: AccessRequest,
  ): AccessDecision {
    const role = caller.kind === 'role' ? this.role(caller.roleArn) : undefined;
    const target = action === 'sts:AssumeRole' ? this.role(resource) : undefined;
    const request: PolicyRequest = {
      principal: principalOf(caller),
      action,
      resource,
      context: { ...defaultContext(caller, resource), ...context },
    };
    const holder = policyHolder(resource);
    const policies = {
      identity: role?.policies ?? [],
      resource: target ? [target.trustPolicy] : (this.resourcePolicies.get(holder) ?? []),
      boundary: role?.boundary,
      resourcePolicyRequired: target !== undefined || /^arn:[^:]+:kms:/.test(resource),
    };
    const verdict = evaluate(request, policies);
    if (verdict.effect !== 'implicit-deny') {
      for (const statement of verdict.identity) {
        if (role) this.policyUse.count(role.arn, statement, request);
      }
      for (const statement of verdict.resource) this.policyUse.count(holder, statement, request);
    }
    if (verdict.effect === 'allow') return { allowed: true };
    const help = remedy(request, verdict, policies, role?.name);
    return { allowed: false, message: `${denial(request, verdict)}. ${help}` };
  }

  private role(arn: string): Role {
    const role = this.roles.get(arn);
    if (role === undefined) {
      throw new RehearsalError(
        'RoleUnknown',
        `The templates use the role ${arn}, but no deployed stack defines it, so nobody here knows what it may do. Define the role in the CDK app.`,
      );
    }
    if (role.unknownPolicies.length > 0) {
      throw new RehearsalError(
        'ManagedPolicyUnknown',
        `Role '${role.name}' has policies that the rehearsal does not know: ${role.unknownPolicies.join(', ')}. Grant what the role needs in the CDK app instead.`,
      );
    }
    return role;
  }

  private record(caller: Caller, action: string, resource: string, allowed: boolean): void {
    const principal =
      caller.kind === 'role'
        ? caller.roleArn
        : caller.kind === 'service'
          ? caller.service
          : 'operator';
    const key = [principal, action, resource, allowed].join('\n');
    const count = (this.decisions.get(key)?.count ?? 0) + 1;
    this.decisions.set(key, { principal, action, resource, allowed, count });
  }
}

/**
 * ARN under which a role's calls appear: `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function sessionArn(roleArn: string, sessionName: string): string {
  const [, partition = 'aws', , , account = ''] = roleArn.split(':');
  return `arn:${partition}:sts::${account}:assumed-role/${roleArn.split('/').at(-1) ?? ''}/${sessionName}`;
}

/** A caller as policies can name it. */
export function principalOf(caller: Exclude<Caller, { kind: 'operator' }>): RequestPrincipal {
  if (caller.kind === 'service') return { kind: 'service', service: caller.service };
  const { roleArn, sessionName } = caller;
  const account = roleArn.split(':')[4] ?? '';
  return { kind: 'role', account, arns: [roleArn, sessionArn(roleArn, sessionName)] };
}

/**
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 * Where a trust policy says no, AWS leaves the resource out; it stays here, because it is the role to mend.
 */
function denial(
  { principal, action, resource }: PolicyRequest,
  verdict: Exclude<PolicyVerdict, { effect: 'allow' }>,
): string {
  const who = principal.kind === 'service' ? principal.service : (principal.arns.at(-1) ?? '');
  const trust = action === 'sts:AssumeRole' && verdict.by === 'resource-based policy';
  const policy = trust ? 'role trust policy' : verdict.by;
  const article = /^[aeiou]/.test(policy) ? 'an' : 'a';
  const because =
    verdict.effect === 'explicit-deny'
      ? `with an explicit deny in ${trust ? 'the' : article} ${policy}`
      : `because no ${policy} allows the ${action} action`;
  return `User: ${who} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
}
