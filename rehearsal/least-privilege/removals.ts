import type { PolicyPlace } from '../src/iam/policy-document';
import type { StatementUse } from '../src/iam/policy-use';

/** An entry of a statement that allows something, to be taken out of its template. */
export interface Removal {
  readonly place: PolicyPlace;
  /** Position of the statement in its policy, from 0 */
  readonly statement: number;
  readonly sid: string | null;
  readonly element: 'Action' | 'Resource';
  /** Position in the element, from 0 */
  readonly entry: number;
  /** e.g. `ecr:PutImage`, or an ARN */
  readonly pattern: string;
  /** Actions of the calls that end with it */
  readonly actions: readonly string[];
}

/** Every action that a template grants, and every resource of those statements that have several. */
export function removalsOf(statements: readonly StatementUse[]): Removal[] {
  return statements.flatMap((use) => {
    const { place, statement, sid, effect } = use;
    if (effect !== 'Allow' || place === null) return [];
    const shared = { place, statement, sid };
    const actions = use.actions.map(({ pattern }, entry) => ({
      ...shared,
      ...{ element: 'Action' as const, entry, pattern, actions: [pattern] },
    }));
    const several = use.resources.length > 1 ? use.resources : [];
    const resources = several.map(({ pattern }, entry) => ({
      ...shared,
      ...{ element: 'Resource' as const, entry, pattern },
      actions: use.actions.map((action) => action.pattern),
    }));
    return [...actions, ...resources];
  });
}

/** Whether a run made calls that the entry allowed. */
export function isUsed(removal: Removal, statements: readonly StatementUse[]): boolean {
  const { element, entry } = removal;
  return statements
    .filter(({ place, statement }) => statement === removal.statement && samePlace(place, removal))
    .some((use) => (use[element === 'Action' ? 'actions' : 'resources'][entry]?.calls ?? 0) > 0);
}

function samePlace(place: PolicyPlace | null, removal: Removal): boolean {
  return JSON.stringify(place) === JSON.stringify(removal.place);
}

/** For people, and for the table in SECURITY.md: `RecordReleaseRole, WriteTheImageTag: ssm:PutParameter`. */
export function describeRemoval({ place, statement, sid, pattern }: Removal): string {
  const isTrust = place.path.includes('AssumeRolePolicyDocument');
  const name = isTrust ? 'trust policy' : (sid ?? `statement ${statement + 1}`);
  // Of an ARN, what tells it apart within the stacks
  const entry = pattern.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, '');
  const holder = place.logicalId.replace(/(DefaultPolicy)?[0-9A-F]{8}$/, '');
  return `${holder}, ${name}: ${entry}`;
}

/**
 * A template without one entry of a statement, or without the statement when it was the only one.
 *
 * @throws Error when there is no such entry
 */
export function withoutEntry(template: unknown, removal: Removal): unknown {
  const copy: unknown = structuredClone(template);
  const { place, statement, element, entry } = removal;
  const path = ['Resources', place.logicalId, 'Properties', ...place.path];
  const policy = path.reduce<unknown>((value, key) => childOf(value, key), copy);
  const statements = listOf(childOf(policy, 'Statement'));
  const wanted = statements[statement];
  const entries = listOf(childOf(wanted, element));
  if (entries[entry] === undefined) {
    throw new Error(`the template has no ${path.join('.')}.Statement.${statement}.${element}`);
  }
  const remaining = entries.toSpliced(entry, 1);
  (policy as Record<string, unknown>)['Statement'] =
    remaining.length === 0
      ? statements.toSpliced(statement, 1)
      : statements.with(statement, { ...(wanted as object), [element]: remaining });
  return copy;
}

function childOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as unknown[]) : [value];
}
