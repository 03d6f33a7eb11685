import type { Report } from './report';

/** How many requests were sent and failed, and for how many of those no release is to blame. */
export function totalsText({ totals }: Pick<Report, 'totals'>): string {
  const { sent, failed, failedWithKilledTasks: killed } = totals;
  const ofKilled = killed === 0 ? '' : `, ${killed} of them with tasks that a scenario killed`;
  return `${sent} requests, ${failed} failed${ofKilled}`;
}
