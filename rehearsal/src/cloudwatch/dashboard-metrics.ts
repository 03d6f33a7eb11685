import type { Metric } from './metric-store';

/** A metric that a widget shows. */
export interface ShownMetric {
  /** Title of the widget, or its position, e.g. `widget 3` */
  readonly widget: string;
  readonly metric: Metric;
}

/** What a dashboard shows, as far as it can be checked. */
export interface DashboardContent {
  readonly metrics: readonly ShownMetric[];
  /** ARNs of alarms, each with its widget */
  readonly alarms: readonly { readonly widget: string; readonly arn: string }[];
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads the body of a dashboard. Expressions have no metric of their own and are left out.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export function dashboardContent(body: Json): DashboardContent {
  const widgets = listOf(body['widgets'])
    .filter(isObject)
    .map((widget, index) => {
      const properties = isObject(widget['properties']) ? widget['properties'] : {};
      const title = properties['title'];
      return {
        name: typeof title === 'string' ? `widget '${title}'` : `widget ${index + 1}`,
        properties,
      };
    });
  return {
    metrics: widgets.flatMap(({ name, properties }) =>
      rowsOf(listOf(properties['metrics'])).map((metric) => ({ widget: name, metric })),
    ),
    alarms: widgets.flatMap(({ name, properties }) =>
      [
        ...listOf(properties['alarms']),
        ...listOf(isObject(properties['annotations']) ? properties['annotations']['alarms'] : []),
      ]
        .filter((arn) => typeof arn === 'string')
        .map((arn) => ({ widget: name, arn })),
    ),
  };
}

/** `.` in a row stands for the same position of the row before, `...` for all up to the last one. */
function rowsOf(rows: readonly unknown[]): Metric[] {
  let before: readonly string[] = [];
  return rows.filter(Array.isArray).flatMap((row: readonly unknown[]) => {
    const texts = row.filter((part) => typeof part === 'string');
    if (texts.length === 0) return [];
    const given = texts[0] === '...' ? texts.slice(1) : texts;
    const kept = texts[0] === '...' ? before.slice(0, before.length - given.length) : [];
    const full = [...kept, ...given].map((part, at) => (part === '.' ? (before[at] ?? '') : part));
    before = full;
    const [namespace = '', name = '', ...pairs] = full;
    const dimensions: Record<string, string> = {};
    for (let at = 0; at + 1 < pairs.length; at += 2)
      dimensions[pairs[at] ?? ''] = pairs[at + 1] ?? '';
    return [{ namespace, name, dimensions }];
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
