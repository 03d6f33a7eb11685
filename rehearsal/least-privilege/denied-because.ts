import type { Outcome } from '../mutations/play-scenarios';
import { matchesAction } from '../src/iam/wildcards';
import type { Removal } from './removals';

/** Any call that is denied makes this untrue; what follows from it says more. */
const NO_CALL_DENIED = "the templates' policies allowed every call that was made";

/**
 * How a run without a permission became red; undefined when it did not, or when no call that the
 * permission is for was denied.
 */
export function deniedBecause(
  { exitCode, report, output }: Pick<Outcome, 'exitCode' | 'report' | 'output'>,
  removal: Removal,
): string | undefined {
  if (exitCode === 0) return undefined;
  const denied = [
    ...(report?.calls ?? []).flatMap(({ action, allowed }) => (allowed ? [] : [action])),
    // A run that cannot go on ends without a report.
    ...[...output.matchAll(/not authorized to perform: (\S+)/g)].map(([, action = '']) => action),
  ];
  const action = denied.find((one) =>
    removal.actions.some((pattern) => matchesAction(pattern, one)),
  );
  if (action === undefined) return undefined;
  const untrue = (report?.scenarios ?? []).flatMap(({ checks }) =>
    checks.filter(({ passed }) => !passed).map(({ expectation }) => expectation),
  );
  const first = untrue.find((expectation) => expectation !== NO_CALL_DENIED) ?? untrue[0];
  const ends = exitCode === undefined ? 'it does not come to an end' : 'it cannot go on';
  return `${action} is denied; ${first === undefined ? ends : `not true: ${first}`}`;
}
