import { type EvaluationScope, type Intrinsic, Evaluation, NO_VALUE, shown } from './evaluation';
import { cidrBlocks } from './cidr-blocks';
import { conditionOf } from './conditions';
import { substitute } from './substitute';

/**
 * One method for each intrinsic function, under CloudFormation's name for it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 */
const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref(argument, at) {
    if (argument === 'AWS::NoValue') return NO_VALUE;
    const name = at.text(argument);
    return at.scope.ref(name) ?? at.fail(`there is no resource or parameter named '${name}'`);
  },

  'Fn::GetAtt'(argument, at) {
    const [logicalId, ...attribute] = Array.isArray(argument)
      ? [String(argument[0]), ...argument.slice(1).map((part) => at.text(part))]
      : at.text(argument).split('.');
    if (logicalId === undefined || attribute.length === 0) {
      return at.fail(`expected a logical id and an attribute, got ${shown(argument)}`);
    }
    return at.scope.getAttribute(logicalId, attribute.join('.'), at);
  },

  'Fn::Join'(argument, at) {
    const [delimiter, values] = at.arguments(argument, 2);
    const texts = at.list(values).map((value, index) => at.at(index).text(value));
    return at.joined(texts, at.text(delimiter));
  },

  'Fn::Split'(argument, at) {
    const [delimiter, source] = at.arguments(argument, 2);
    return at.text(source).split(at.text(delimiter));
  },

  'Fn::Select'(argument, at) {
    const [index, values] = at.arguments(argument, 2);
    const list = at.list(values);
    const position = at.text(index);
    const chosen: unknown = /^\d+$/.test(position) ? list[Number(position)] : undefined;
    if (chosen === undefined || chosen === null) {
      return at.fail(
        `Fn::Select cannot select nonexistent value at index ${position} of ${list.length} values`,
      );
    }
    return chosen;
  },

  'Fn::Sub'(argument, at) {
    if (!Array.isArray(argument)) return substitute(at.text(argument), {}, at);
    const [text, variables] = at.arguments(argument, 2);
    return substitute(at.text(text), variables as Record<string, unknown>, at);
  },

  'Fn::ImportValue'(argument, at) {
    const name = at.text(argument);
    return at.scope.importValue(name) ?? at.fail(`No export named ${name} found`);
  },

  'Fn::FindInMap'(argument, at) {
    const [map, top, second, options] = at.arguments(argument, 3, 4);
    const keys = [at.text(map), at.text(top), at.text(second)] as const;
    const value = keys.reduce<unknown>(ownValue, at.scope.mappings);
    if (value !== undefined) return value;
    const fallback = (options as { DefaultValue?: unknown } | undefined)?.DefaultValue;
    return fallback === undefined
      ? at.fail(`Mappings has nothing at ${keys.join(' / ')}`)
      : at.evaluate(fallback);
  },

  'Fn::If'(argument, at) {
    const [condition, whenTrue, whenFalse] = at.arguments(argument, 3);
    const name = String(condition);
    const holds = at.scope.condition(name) ?? at.fail(`there is no condition named '${name}'`);
    return holds ? at.at(1).evaluate(whenTrue) : at.at(2).evaluate(whenFalse);
  },

  'Fn::GetAZs'(argument, at) {
    const region = at.text(argument) || at.scope.region;
    // Which zones an account may use differs; three is what most regions have at least.
    return ['a', 'b', 'c'].map((zone) => region + zone);
  },

  'Fn::Cidr'(argument, at) {
    const [block, count, bits] = at.arguments(argument, 2, 3);
    const blocks = cidrBlocks(at.text(block), Number(at.text(count)), Number(at.text(bits ?? 8)));
    return blocks ?? at.fail(`cannot cut ${shown(argument)} into that many blocks`);
  },

  'Fn::Base64': (argument, at) => Buffer.from(at.text(argument)).toString('base64'),

  'Fn::Length': (argument, at) => at.list(argument).length,

  'Fn::ToJsonString': (argument, at) => JSON.stringify(at.evaluate(argument)),
};

/** Not what every object inherits, such as `constructor`. */
function ownValue(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

const INTRINSIC_TABLE = new Map(Object.entries(INTRINSICS));

/** A place in the template to evaluate from, e.g. `Outputs.Url.Value`. */
export function evaluationAt(path: string, scope: EvaluationScope): Evaluation {
  return new Evaluation(scope, path, INTRINSIC_TABLE);
}

/** The `Conditions` section: asks for conditions by name. Undefined for a name that it lacks. */
export function conditionsOf(
  section: Readonly<Record<string, unknown>>,
  scopeOf: () => EvaluationScope,
): (name: string) => boolean | undefined {
  const beingAsked = new Set<string>();
  const known = new Map<string, boolean>();
  return (name) => {
    if (known.has(name)) return known.get(name);
    if (!Object.hasOwn(section, name)) return undefined;
    const at = evaluationAt(`Conditions.${name}`, scopeOf());
    if (beingAsked.has(name)) at.fail(`Circular dependency in condition '${name}'`);
    beingAsked.add(name);
    const holds = conditionOf(section[name], at);
    beingAsked.delete(name);
    known.set(name, holds);
    return holds;
  };
}
