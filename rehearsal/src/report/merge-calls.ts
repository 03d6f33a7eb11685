import type { CallReport } from './report';

/** The calls of several worlds as one list: the same kind of call once, counted together. */
export function mergeCalls(worlds: Iterable<readonly CallReport[]>): CallReport[] {
  const merged = new Map<string, CallReport>();
  for (const call of [...worlds].flat()) {
    const { principal, action, resource, allowed } = call;
    const key = [principal, action, resource, allowed].join('\n');
    const count = (merged.get(key)?.count ?? 0) + call.count;
    merged.set(key, { ...call, count });
  }
  return [...merged.values()];
}
