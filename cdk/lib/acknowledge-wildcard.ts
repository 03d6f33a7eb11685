import { Stack, Validations } from 'aws-cdk-lib/core';
import type { Role } from 'aws-cdk-lib/aws-iam';

/**
 * Says why one role may name one resource with a wildcard; every other wildcard stays a finding.
 * The rule spells a resource as the template does, with references in angle brackets.
 */
export function acknowledgeWildcard(role: Role, resource: string, reason: string): void {
  const spelled = spell(Stack.of(role).resolve(resource));
  Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${spelled}]`, reason });
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
