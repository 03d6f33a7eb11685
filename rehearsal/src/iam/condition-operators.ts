import { BlockList, isIP } from 'node:net';
import { RehearsalError } from '../errors';
import { matchesWildcard } from '../wildcard';
import { matchesArn } from './wildcards';

/**
 * Values of the request by condition key; keys are not case sensitive. Undefined: AWS would not send
 * the key either. About a key that is not listed nothing is known.
 */
export type RequestContext = Readonly<Record<string, string | readonly string[] | undefined>>;

type Comparison = (wanted: string, actual: string) => boolean;

const numeric =
  (compare: (actual: number, wanted: number) => boolean): Comparison =>
  (wanted, actual) =>
    compare(Number(actual), Number(wanted));

/** ISO 8601, or seconds since the epoch. */
const instant = (text: string) => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));
const date =
  (compare: (actual: number, wanted: number) => boolean): Comparison =>
  (wanted, actual) =>
    compare(instant(actual), instant(wanted));

/** An address, or a range in CIDR notation. */
const isInRange: Comparison = (wanted, actual) => {
  const [network = '', prefix] = wanted.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(network) === 0 || isIP(actual) !== isIP(network)) return false;
  const range = new BlockList();
  range.addSubnet(network, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  return range.check(actual, family);
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  StringEquals: (wanted, actual) => wanted === actual,
  StringEqualsIgnoreCase: (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase(),
  StringLike: matchesWildcard,
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
  Bool: (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase(),
  NumericEquals: numeric((actual, wanted) => actual === wanted),
  NumericLessThan: numeric((actual, wanted) => actual < wanted),
  NumericLessThanEquals: numeric((actual, wanted) => actual <= wanted),
  NumericGreaterThan: numeric((actual, wanted) => actual > wanted),
  NumericGreaterThanEquals: numeric((actual, wanted) => actual >= wanted),
  DateEquals: date((actual, wanted) => actual === wanted),
  DateLessThan: date((actual, wanted) => actual < wanted),
  DateLessThanEquals: date((actual, wanted) => actual <= wanted),
  DateGreaterThan: date((actual, wanted) => actual > wanted),
  DateGreaterThanEquals: date((actual, wanted) => actual >= wanted),
  IpAddress: isInRange,
};

/** Operators that hold when the comparison fails for every value of the policy. */
const NEGATIONS: ReadonlyMap<string, string> = new Map([
  ['StringNotEquals', 'StringEquals'],
  ['StringNotEqualsIgnoreCase', 'StringEqualsIgnoreCase'],
  ['StringNotLike', 'StringLike'],
  ['ArnNotEquals', 'ArnEquals'],
  ['ArnNotLike', 'ArnLike'],
  ['NumericNotEquals', 'NumericEquals'],
  ['DateNotEquals', 'DateEquals'],
  ['NotIpAddress', 'IpAddress'],
]);

/**
 * One line of a Condition element.
 *
 * @param operator e.g. `StringEquals`, `ArnLikeIfExists`, `ForAnyValue:StringLike`
 * @param wanted the policy's values
 * @throws RehearsalError `ConditionOperatorUnknown`: what is not understood is neither allowed nor denied
 */
export function conditionHolds(
  operator: string,
  key: string,
  wanted: readonly string[],
  context: RequestContext,
): boolean {
  const actual = contextValue(context, key);
  if (operator === 'Null') return wanted.includes(String(actual === undefined));

  const { quantifier, name, ifExists } = parseOperator(operator);
  const negated = NEGATIONS.get(name);
  const comparison = COMPARISONS[negated ?? name];
  if (comparison === undefined) {
    throw new RehearsalError(
      'ConditionOperatorUnknown',
      `A policy uses the condition operator '${operator}' on '${key}', which the rehearsal does not understand; it knows Null, ${[...Object.keys(COMPARISONS), ...NEGATIONS.keys()].join(', ')}, with IfExists, ForAnyValue: and ForAllValues:.`,
    );
  }
  const matches = (value: string) =>
    wanted.some((one) => comparison(one, value)) !== (negated !== undefined);
  // A negated operator holds, and a plain one does not, when the request lacks the key.
  if (actual === undefined)
    return ifExists || (quantifier ? quantifier === 'all' : negated !== undefined);
  return quantifier === 'all' ? actual.every(matches) : actual.some(matches);
}

/** The values of a condition key; undefined when the request does not have it. */
export function contextValue(context: RequestContext, key: string): readonly string[] | undefined {
  const value = contextEntry(context, key)?.[1];
  return typeof value === 'string' ? [value] : value;
}

/**
 * Whether a rehearsal can tell what AWS would send for the key. A key that belongs to another
 * service than the one called is never sent.
 */
export function isKnownKey(context: RequestContext, key: string, action: string): boolean {
  const service = key.slice(0, key.indexOf(':')).toLowerCase();
  const isForeign = service !== 'aws' && service !== action.slice(0, action.indexOf(':'));
  return isForeign || contextEntry(context, key) !== undefined;
}

function contextEntry(context: RequestContext, key: string) {
  return Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase());
}

function parseOperator(operator: string): {
  quantifier: 'any' | 'all' | undefined;
  name: string;
  ifExists: boolean;
} {
  const [, prefix, name = operator, suffix] =
    /^(ForAnyValue:|ForAllValues:)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  const quantifier = prefix === undefined ? undefined : prefix === 'ForAllValues:' ? 'all' : 'any';
  return { quantifier, name, ifExists: suffix !== undefined };
}
