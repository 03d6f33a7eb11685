import { contains } from '../ec2/ip-ranges';
import { literal, matchesTokens, matchesWildcard, tokensOf } from '../wildcard';
import type { ListenerRuleDefinition } from './listener-rule-definition';
import type { ListenerCondition } from './rule-condition';

/** What conditions look at. */
export interface RoutedRequest {
  readonly method: string;
  /** The Host header with its port; empty when there is none */
  readonly host: string;
  /** Path and query, as the client wrote them */
  readonly url: string;
  /** Names and values in turn */
  readonly headers: readonly string[];
  /** Of whoever connected to the load balancer */
  readonly clientAddress: string;
}

/**
 * The first rule by priority whose conditions all hold; undefined for the listener's default.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
 *
 * @throws RehearsalError `PatternInvalid` when a regular expression takes too long
 */
export function ruleFor(
  request: RoutedRequest,
  rules: readonly ListenerRuleDefinition[],
): ListenerRuleDefinition | undefined {
  return rules
    .toSorted((a, b) => a.priority - b.priority)
    .find(({ conditions }) => conditions.every((condition) => holds(condition, request)));
}

/**
 * Methods, paths and regular expressions tell cases apart; host names, headers and queries do not.
 * A regular expression on the host sees its port too. Whether AWS decodes a query before it
 * compares is not documented; it is compared as it came.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
function holds(condition: ListenerCondition, request: RoutedRequest): boolean {
  switch (condition.field) {
    case 'http-request-method':
      return condition.values.includes(request.method);
    case 'source-ip':
      return condition.values.some((block) => contains(block, request.clientAddress));
    case 'path-pattern': {
      const [path = ''] = request.url.split('?');
      return (
        condition.values.some((pattern) => matchesWildcard(pattern, path)) ||
        condition.patterns.some((pattern) => pattern.find(path))
      );
    }
    case 'host-header': {
      const name = request.host.replace(/:\d+$/, '');
      return (
        condition.values.some((pattern) => matchesWildcardIgnoringCase(pattern, name)) ||
        condition.patterns.some((pattern) => pattern.find(request.host))
      );
    }
    case 'http-header':
      return headerValues(request.headers, condition.name).some(
        (value) =>
          condition.values.some((pattern) => matchesWildcardIgnoringCase(pattern, value)) ||
          condition.patterns.some((pattern) => pattern.find(value)),
      );
    case 'query-string': {
      const pairs = queryPairs(request.url);
      return condition.pairs.some(({ key, value }) =>
        pairs.some(
          (pair) =>
            (key === undefined || matchesQuery(key, pair.key)) && matchesQuery(value, pair.value),
        ),
      );
    }
  }
}

function headerValues(headers: readonly string[], name: string): string[] {
  return headers.filter(
    (_, index) => index % 2 === 1 && headers[index - 1]?.toLowerCase() === name.toLowerCase(),
  );
}

function queryPairs(url: string): { readonly key: string; readonly value: string }[] {
  const [, query = ''] = /\?([^#]*)/.exec(url) ?? [];
  return query.split('&').map((pair) => {
    const [, key = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
    return { key, value };
  });
}

function matchesWildcardIgnoringCase(pattern: string, text: string): boolean {
  return matchesWildcard(pattern.toLowerCase(), text.toLowerCase());
}

/** As `matchesWildcardIgnoringCase`; `\*` and `\?` stand for the characters themselves. */
function matchesQuery(pattern: string, text: string): boolean {
  const parts = pattern.toLowerCase().match(/\\[*?]|[^]/gu) ?? [];
  const tokens = parts.flatMap((part) =>
    part.length > 1 && part.startsWith('\\') ? [literal(part.slice(1))] : tokensOf(part),
  );
  return matchesTokens(tokens, text.toLowerCase());
}
