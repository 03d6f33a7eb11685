import type { Template } from 'aws-cdk-lib/assertions';
import { allPropertiesOf, type Properties } from './synth';

/** A statement of a role's policy that allows something on every resource. */
export interface Unscoped {
  /** Logical id of the role without its hash */
  readonly role: string;
  readonly action: string;
}

/** Types of policies that say what a role may do; in a key's policy `*` is the key itself. */
const IDENTITY_POLICIES = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'];

/** Every action that a role of these templates may take on `*`. */
export function unscopedActions(templates: readonly Template[]): Unscoped[] {
  const found = templates.flatMap((template) => [
    ...IDENTITY_POLICIES.flatMap((type) =>
      Object.values(allPropertiesOf(template, type)).flatMap((policy) =>
        unscopedOf(policy['Roles'] as unknown[], policy['PolicyDocument'] as Properties),
      ),
    ),
    ...Object.entries(allPropertiesOf(template, 'AWS::IAM::Role')).flatMap(([id, role]) =>
      ((role['Policies'] ?? []) as Properties[]).flatMap((policy) =>
        unscopedOf([{ Ref: id }], policy['PolicyDocument'] as Properties),
      ),
    ),
  ]);
  return [...new Map(found.map((one) => [`${one.role} ${one.action}`, one])).values()];
}

function unscopedOf(roles: readonly unknown[], document: Properties): Unscoped[] {
  const statements = document['Statement'] as Properties[];
  const actions = statements
    .filter((statement) => statement['Effect'] !== 'Deny')
    .filter((statement) => [statement['Resource']].flat().includes('*'))
    .flatMap((statement) => [statement['Action'] as string | string[]].flat());
  return roles.flatMap((role) =>
    actions.map((action) => ({
      role: (role as { Ref: string }).Ref.replace(/[0-9A-F]{8}$/, ''),
      action,
    })),
  );
}
