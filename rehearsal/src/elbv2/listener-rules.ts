import { matchesWildcard } from '../wildcard';
import type { ListenerAction } from './listener-action';
import type {
  ListenerCondition,
  ListenerDefinition,
  ListenerRuleDefinition,
} from './listener-definition';

/** What conditions look at. */
export interface RequestLine {
  readonly method: string;
  /** Of the Host header; empty when there is none */
  readonly host: string;
  /** Without the query */
  readonly path: string;
}

/**
 * The action for a request: of the first rule by priority whose conditions all hold, else the
 * listener's default.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
 */
export function actionFor(
  request: RequestLine,
  listener: Pick<ListenerDefinition, 'defaultAction'>,
  rules: readonly ListenerRuleDefinition[],
): ListenerAction {
  const matching = rules
    .filter(({ conditions }) => conditions.every((condition) => holds(condition, request)))
    .sort((a, b) => a.priority - b.priority);
  return matching[0]?.action ?? listener.defaultAction;
}

function holds(condition: ListenerCondition, request: RequestLine): boolean {
  switch (condition.field) {
    case 'http-request-method':
      return condition.values.includes(request.method);
    case 'path-pattern':
      return condition.values.some((pattern) => matchesWildcard(pattern, request.path));
    case 'host-header':
      return condition.values.some((pattern) =>
        matchesWildcard(pattern.toLowerCase(), hostOf(request).toLowerCase()),
      );
  }
}

function hostOf({ host }: RequestLine): string {
  return host.replace(/:\d+$/, '');
}
