import type { PolicyDocument, PolicyPlace, PolicyStatement } from './policy-document';
import { type PolicyRequest, matchedPatterns } from './policy-evaluation';

/** One statement of the templates, and what the calls of a run made of it. */
export interface StatementUse {
  /** ARN of the role or resource that the policy belongs to */
  readonly holder: string;
  readonly kind: 'identity-based policy' | 'role trust policy' | 'resource-based policy';
  /** For people, e.g. `AWS::IAM::Policy 'BuildPolicy' in stack 'Cicd'` */
  readonly where: string;
  /** Null for a policy that AWS wrote */
  readonly place: PolicyPlace | null;
  /** Position in its policy, from 0 */
  readonly statement: number;
  readonly sid: string | null;
  readonly effect: 'Allow' | 'Deny';
  /** Calls that it allowed, or denied */
  readonly calls: number;
  /** Entries of its Action element; empty where it has NotAction */
  readonly actions: readonly PatternUse[];
  /** Entries of its Resource element; empty where it has NotResource, or none */
  readonly resources: readonly PatternUse[];
}

export interface PatternUse {
  readonly pattern: string;
  /** Calls that matched it */
  readonly calls: number;
}

interface Counts {
  calls: number;
  readonly patterns: Map<string, number>;
}

/** Counts which statements decided the calls of a run. */
export class PolicyUse {
  private readonly counts = new Map<string, Counts>();

  count(holder: string, statement: PolicyStatement, request: PolicyRequest): void {
    const key = keyOf(holder, statement);
    const counts = this.counts.get(key) ?? { calls: 0, patterns: new Map<string, number>() };
    this.counts.set(key, counts);
    counts.calls += 1;
    const { actions, resources } = matchedPatterns(statement, request);
    for (const pattern of [
      ...actions.map((action) => patternKey('Action', action)),
      ...resources.map((resource) => patternKey('Resource', resource)),
    ]) {
      counts.patterns.set(pattern, (counts.patterns.get(pattern) ?? 0) + 1);
    }
  }

  /** The statements of one holder's policies, used or not. */
  of(
    holder: string,
    kind: StatementUse['kind'],
    documents: readonly PolicyDocument[],
  ): StatementUse[] {
    return documents
      .flatMap(({ Statement }) => Statement)
      .map((statement) => {
        const counts = this.counts.get(keyOf(holder, statement));
        const usesOf = (element: 'Action' | 'Resource') =>
          (statement[element] ?? []).map((pattern) => ({
            pattern,
            calls: counts?.patterns.get(patternKey(element, pattern)) ?? 0,
          }));
        return {
          holder,
          kind,
          where: statement.policy.where,
          place: statement.policy.place ?? null,
          statement: statement.index,
          sid: statement.Sid ?? null,
          effect: statement.Effect,
          calls: counts?.calls ?? 0,
          actions: usesOf('Action'),
          resources: usesOf('Resource'),
        };
      });
  }
}

function keyOf(holder: string, { index, policy }: PolicyStatement): string {
  return [holder, policy.where, index].join('\n');
}

function patternKey(element: 'Action' | 'Resource', pattern: string): string {
  return `${element} ${pattern}`;
}
