import { RehearsalError } from '../errors';
import type { AnswerAction, ForwardAction } from './listener-action';
import type { ListenerDefinition } from './listener-definition';
import type { ListenerRuleDefinition } from './listener-rule-definition';
import { type RoutedRequest, ruleFor } from './listener-rules';
import type { Refusal } from './request-limits';
import { type TransformedRequest, transformedRequest } from './rule-transform';

/** What a listener does with one request. */
export type RequestRoute =
  | { readonly action: AnswerAction }
  | {
      readonly action: ForwardAction;
      /** What the target is asked for */
      readonly forwarded: TransformedRequest;
    };

/**
 * @returns a refusal when a transform fails, as on AWS, or a pattern takes too long: AWS's take no
 *   longer than their length, but none is left to match as it likes here
 */
export function routeOf(
  request: RoutedRequest,
  { defaultAction }: Pick<ListenerDefinition, 'defaultAction'>,
  rules: readonly ListenerRuleDefinition[],
): RequestRoute | Refusal {
  try {
    const rule = ruleFor(request, rules);
    const action = rule?.action ?? defaultAction;
    return action.type === 'forward'
      ? { action, forwarded: transformedRequest(request, rule?.transforms ?? []) }
      : { action };
  } catch (error) {
    if (error instanceof RehearsalError) return { status: 500, error: error.message };
    throw error;
  }
}
