import { RehearsalError } from '../errors';
import {
  type RequestContext,
  conditionHolds,
  contextValue,
  isKnownKey,
} from './condition-operators';
import { type PolicyStatement, describeStatement } from './policy-document';

/** What conditions and variables can ask of a request. */
interface ConditionedRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}

/**
 * Whether every condition of a statement holds.
 *
 * A condition on something that a rehearsal cannot know is refused: to take it as absent could let
 * through what AWS denies. It does not matter where another condition fails already.
 */
export function conditionsHold(statement: PolicyStatement, request: ConditionedRequest): boolean {
  const { action, context } = request;
  const conditions = Object.entries(statement.Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ operator, key, values })),
  );
  const isKnown = ({ key }: { key: string }) => isKnownKey(context, key, action);
  const holds = conditions.filter(isKnown).every(({ operator, key, values }) => {
    const wanted = values.map((value) => substituteVariables(value, statement, request));
    return conditionHolds(
      operator,
      key,
      wanted.filter((value) => value !== undefined),
      context,
    );
  });
  const unknown = conditions.find((condition) => !isKnown(condition));
  if (holds && unknown !== undefined) throw keyUnknown(unknown.key, statement, request);
  return holds;
}

/**
 * `${aws:PrincipalAccount}` and the like; undefined when the request lacks the key, and then the
 * text matches nothing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function substituteVariables(
  text: string,
  statement: PolicyStatement,
  request: ConditionedRequest,
): string | undefined {
  if (statement.policy.version === '2008-10-17') return text;
  const { context, action } = request;
  const missing: string[] = [];
  const result = text.replace(/\$\{([^}]*)\}/g, (whole, expression: string) => {
    const [, key = '', fallback] = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(expression) ?? [];
    if (!/^[\w-]+:/.test(key)) {
      throw new RehearsalError(
        'PolicyVariableUnknown',
        `${capitalized(describeStatement(statement))} uses '${whole}' in '${text}', which the rehearsal does not understand; it knows condition keys such as \${aws:PrincipalAccount}.`,
      );
    }
    if (!isKnownKey(context, key, action)) throw keyUnknown(key, statement, request);
    const value = contextValue(context, key)?.[0] ?? fallback;
    if (value === undefined) missing.push(key);
    return value ?? '';
  });
  return missing.length > 0 ? undefined : result;
}

function keyUnknown(key: string, statement: PolicyStatement, request: ConditionedRequest) {
  const { action, resource, context } = request;
  return new RehearsalError(
    'ConditionKeyUnknown',
    `${capitalized(describeStatement(statement))} asks for '${key}', which the rehearsal cannot know of the call ${action} on ${resource}; it knows ${Object.keys(context).join(', ')}. Leave the condition out of what you rehearse, or ask for one of these.`,
  );
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
