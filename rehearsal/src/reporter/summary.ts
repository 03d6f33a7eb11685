import type { RehearsalResult } from '../rehearsal';
import { requestsText } from '../report/totals';
import { printable } from './printable';

/** The last lines of a rehearsal, for people. */
export function summaryLines({ report, files }: RehearsalResult): string[] {
  const scenarios = report.scenarios.flatMap(({ name, passed, checks, traffic }) => [
    `${name}: ${passed ? 'passed' : 'FAILED'}. ${requestsText(traffic)}.`,
    ...checks
      .filter((check) => !check.passed)
      .map(({ expectation, actual }) => `  not true: ${expectation}\n    seen: ${actual}`),
  ]);
  return [
    '',
    ...report.unproven.map((text) => `Not proven by this run: ${text}`),
    ...scenarios,
    `Over all scenarios: ${requestsText(report.totals)}.`,
    `Report: ${files.page}`,
  ].map(printable);
}
