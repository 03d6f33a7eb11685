import { RehearsalError } from '../errors';
import type { WebhookDefinition } from './webhook-definition';

/**
 * Whether every filter of the webhook matches the payload. `{Name}` in a filter stands for that
 * key of the source action's configuration.
 * https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_WebhookFilterRule.html
 */
export function matchesFilters(
  webhook: Pick<WebhookDefinition, 'filters'>,
  payload: unknown,
  sourceConfiguration: Readonly<Record<string, string>>,
): boolean {
  return webhook.filters.every(({ jsonPath, matchEquals }) => {
    const expected = matchEquals.replace(
      /\{([^{}]+)\}/g,
      (reference, key: string) => sourceConfiguration[key] ?? reference,
    );
    return valueAt(jsonPath, payload) === expected;
  });
}

/** Plain member paths such as `$.ref` or `$.repository.name`, which is what webhooks use. */
function valueAt(jsonPath: string, payload: unknown): unknown {
  if (!/^\$(\.[A-Za-z_][\w-]*)+$/.test(jsonPath)) {
    throw new RehearsalError(
      'WebhookFilterUnplayed',
      `the webhook filter path '${jsonPath}' is not played; played are member paths such as '$.ref'.`,
    );
  }
  return jsonPath
    .slice(2)
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined,
      payload,
    );
}
