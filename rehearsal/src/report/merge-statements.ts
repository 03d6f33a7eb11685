import type { PatternUse, StatementUse } from '../iam/policy-use';

/** The statements of several worlds as one list: each once, with its calls over all of them. */
export function mergeStatements(worlds: Iterable<readonly StatementUse[]>): StatementUse[] {
  const merged = new Map<string, StatementUse>();
  for (const use of [...worlds].flat()) {
    const key = [use.holder, use.kind, use.where, use.statement].join('\n');
    const before = merged.get(key);
    merged.set(key, before === undefined ? use : added(before, use));
  }
  return [...merged.values()];
}

function added(before: StatementUse, use: StatementUse): StatementUse {
  return {
    ...use,
    calls: before.calls + use.calls,
    actions: addedPatterns(before.actions, use.actions),
    resources: addedPatterns(before.resources, use.resources),
  };
}

function addedPatterns(before: readonly PatternUse[], uses: readonly PatternUse[]): PatternUse[] {
  const callsBefore = new Map(before.map(({ pattern, calls }) => [pattern, calls]));
  return uses.map(({ pattern, calls }) => ({
    pattern,
    calls: calls + (callsBefore.get(pattern) ?? 0),
  }));
}
