import { CfnResource, Stack, Validations } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import type { IRole } from 'aws-cdk-lib/aws-iam';

/** Rule packs that share the names of most rules, by the prefix of their findings. */
const PACKS = ['NIST.800.53.R5', 'PCI.DSS.321', 'HIPAA.Security'];

/**
 * Says why one resource breaks rules, and which property of the stack would change that. It holds
 * for that resource alone, never for what lies below a construct.
 *
 * @param of the resource, or the construct that has it as its main one
 * @param reason a sentence; it ends up in SECURITY.md
 * @param rules `AwsSolutions-ECS4`, or the name of a rule in the other three packs, e.g.
 *   `VPCFlowLogsEnabled`: https://github.com/cdklabs/cdk-nag/blob/main/RULES.md
 */
export function acknowledge(of: IConstruct, reason: string, ...rules: string[]): void {
  const ids = rules.flatMap((rule) =>
    rule.startsWith('AwsSolutions-') ? [rule] : PACKS.map((pack) => `${pack}-${rule}`),
  );
  Validations.of(resourceOf(of)).acknowledge(...ids.map((id) => ({ id, reason })));
}

/**
 * Says why one role may name one resource with a wildcard; every other wildcard stays a finding.
 * The rule spells a resource as the template does, with references in angle brackets.
 */
export function acknowledgeWildcard(role: IRole, resource: string, reason: string): void {
  const spelled = spell(Stack.of(role).resolve(resource));
  acknowledge(policyOf(role), reason, `AwsSolutions-IAM5[Resource::${spelled}]`);
}

/** One reason for all roles that are made here. */
export function acknowledgeInlinePolicy(role: IRole): void {
  acknowledge(
    policyOf(role),
    'Nobody but this role may have this policy, and it goes with the role: what inline policies are for (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-choosing-managed-or-inline.html).',
    'IAMNoInlinePolicy',
  );
}

function policyOf(role: IRole): IConstruct {
  return role.node.findChild('DefaultPolicy');
}

function resourceOf(construct: IConstruct): CfnResource {
  const resource = CfnResource.isCfnResource(construct) ? construct : construct.node.defaultChild;
  if (resource && CfnResource.isCfnResource(resource)) return resource;
  throw new Error(`${construct.node.path} has no main resource to acknowledge a finding on`);
}

type Intrinsic = { Ref: string } & { 'Fn::GetAtt': string[] } & { 'Fn::Join': [string, unknown[]] };

function spell(value: unknown): string {
  if (typeof value === 'string') return value;
  const intrinsic = value as Partial<Intrinsic>;
  if (intrinsic.Ref) return `<${intrinsic.Ref}>`;
  if (intrinsic['Fn::GetAtt']) return `<${intrinsic['Fn::GetAtt'].join('.')}>`;
  const [separator, parts] = intrinsic['Fn::Join'] ?? ['', []];
  return parts.map(spell).join(separator);
}
