import type { RequestCounts } from './report';

/** Over all scenarios. */
export function totalsOf(traffic: readonly RequestCounts[]): RequestCounts {
  const sum = (count: keyof RequestCounts) =>
    traffic.reduce((total, { [count]: value }) => total + value, 0);
  return {
    sent: sum('sent'),
    failed: sum('failed'),
    failedWithKilledTasks: sum('failedWithKilledTasks'),
    failedWithBrokenVersion: sum('failedWithBrokenVersion'),
  };
}

/** How many requests were sent and failed, and how many of those had to. */
export function requestsText(counts: RequestCounts): string {
  const { sent, failed, failedWithKilledTasks: killed, failedWithBrokenVersion: broken } = counts;
  return [
    `${sent} requests`,
    `${failed} failed`,
    ...(killed === 0 ? [] : [`${killed} of them with tasks that a scenario killed`]),
    ...(broken === 0 ? [] : [`${broken} of them answered by a version that a scenario broke`]),
  ].join(', ');
}
