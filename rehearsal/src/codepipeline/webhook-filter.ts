import { RehearsalError } from '../errors';
import type { WebhookDefinition } from './webhook-definition';

/** A member or an index: `.ref`, `['ref']`, `["ref"]`, `[0]`. */
const STEP = /\.([A-Za-z_][\w-]*)|\[(?:'([^']*)'|"([^"]*)"|(\d+))\]/y;

/**
 * Whether every filter of the webhook matches the payload. `{Name}` in a filter stands for that
 * key of the source action's configuration. Without `MatchEquals` it is enough that the path
 * leads somewhere.
 * https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_WebhookFilterRule.html
 */
export function matchesFilters(
  webhook: Pick<WebhookDefinition, 'filters'>,
  payload: unknown,
  sourceConfiguration: Readonly<Record<string, string>>,
): boolean {
  return webhook.filters.every(({ jsonPath, matchEquals }) => {
    const value = valueAt(parseJsonPath(jsonPath), payload);
    if (matchEquals === undefined) return value !== undefined;
    const expected = matchEquals.replace(
      /\{([^{}]+)\}/g,
      (reference, key: string) => sourceConfiguration[key] ?? reference,
    );
    const isScalar = ['string', 'number', 'boolean'].includes(typeof value);
    return isScalar && String(value) === expected;
  });
}

/**
 * The keys of a path such as `$.ref` or `$.commits[0]['id']`, which is what webhooks use.
 *
 * @throws RehearsalError `WebhookFilterUnplayed` for the rest of JSONPath
 */
export function parseJsonPath(jsonPath: string): string[] {
  const steps = new RegExp(STEP);
  const keys: string[] = [];
  steps.lastIndex = 1;
  while (jsonPath.startsWith('$') && steps.lastIndex < jsonPath.length) {
    const match = steps.exec(jsonPath);
    if (match === null) break;
    keys.push(match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
    if (steps.lastIndex === jsonPath.length) return keys;
  }
  throw new RehearsalError(
    'WebhookFilterUnplayed',
    `the webhook filter path '${jsonPath}' is not played; played are members and indexes such as '$.ref' or '$.commits[0].id'.`,
  );
}

function valueAt(keys: readonly string[], payload: unknown): unknown {
  return keys.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined,
    payload,
  );
}
