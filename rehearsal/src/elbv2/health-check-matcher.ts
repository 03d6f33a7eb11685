/** Whether a status code is the answer of a healthy target. */
export type HealthCheckMatcher = (status: number) => boolean;

/** `200`, `200,204` or `200-299`, also mixed, each code from 200 to `highest`. */
export function isMatcherText(text: string, highest: 499 | 599): boolean {
  return text.split(',').every((part) => {
    const range = /^(\d{3})(?:-(\d{3}))?$/.exec(part.trim());
    if (range === null) return false;
    const from = Number(range[1]);
    const to = Number(range[2] ?? range[1]);
    return from >= 200 && to <= highest && from <= to;
  });
}

/** The matcher of a target group's `Matcher.HttpCode`, which `isMatcherText` has accepted. */
export function healthCheckMatcher(text: string): HealthCheckMatcher {
  const ranges = text.split(',').map((part) => {
    const [from, to] = part.trim().split('-').map(Number);
    return { from: from ?? 0, to: to ?? from ?? 0 };
  });
  return (status) => ranges.some(({ from, to }) => status >= from && status <= to);
}
