import type { RequestCounts } from './report';

/** Over all scenarios. */
export function totalsOf(traffic: readonly RequestCounts[]): RequestCounts {
  const sum = (count: keyof RequestCounts) =>
    traffic.reduce((total, { [count]: value }) => total + value, 0);
  return {
    sent: sum('sent'),
    failed: sum('failed'),
    resent: sum('resent'),
    failedWithKilledTasks: sum('failedWithKilledTasks'),
    failedWithBrokenVersion: sum('failedWithBrokenVersion'),
  };
}

/** How many requests were sent and failed, and how many of those had to. */
export function requestsText(counts: RequestCounts): string {
  const { failedWithKilledTasks: killed, failedWithBrokenVersion: broken } = counts;
  const { sent, failed, resent } = counts;
  return [
    `${sent} requests`,
    `${failed} failed`,
    ...(killed === 0 ? [] : [`${killed} of them with tasks that a scenario killed`]),
    ...(broken === 0 ? [] : [`${broken} of them answered by a version that a scenario broke`]),
    ...(resent === 0 ? [] : [`${resent} sent again because their connection ended with its task`]),
  ].join(', ');
}
