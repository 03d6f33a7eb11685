import { RehearsalError } from '../errors';
import type { StackArtifact } from './cloud-assembly';
import type { DeployLookups } from './dynamic-references';
import { matchesPattern } from '../untrusted-pattern';
import type { TemplateParameter } from './template';

/**
 * What `cdk bootstrap` of today leaves in the account: templates only ask that the number is not
 * too small, and a rehearsal has no bootstrap stack to be out of date.
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 */
const BOOTSTRAP_PARAMETER = /^\/cdk-bootstrap\/[^/]+\/version$/;
const BOOTSTRAP_VERSION = '33';

/**
 * Values of a template's parameters.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 *
 * @param given values by parameter name or by `Stack:Parameter`, which goes first
 * @throws RehearsalError `ParameterMissing`, `ParameterInvalid`, `SsmParameterNotFound`
 */
export function resolveParameters(
  stack: string,
  declared: Readonly<Record<string, TemplateParameter>>,
  given: Readonly<Record<string, string>>,
  lookups: DeployLookups,
): ReadonlyMap<string, string | readonly string[]> {
  return new Map(
    Object.entries(declared).map(([name, parameter]) => {
      const text = given[`${stack}:${name}`] ?? given[name] ?? parameter.Default;
      if (text === undefined) throw missing([{ stack, name, parameter }]);
      checkValue(stack, name, parameter, text);
      return [name, typedValue(stack, parameter.Type, text, lookups)];
    }),
  );
}

/**
 * All that somebody has to give, at once.
 *
 * @throws RehearsalError `ParameterMissing` naming each
 */
export function checkNothingMissing(
  stacks: readonly Pick<StackArtifact, 'stackName' | 'template' | 'parameters'>[],
  given: Readonly<Record<string, string>>,
): void {
  const without = stacks.flatMap(({ stackName, template, parameters }) =>
    Object.entries(template.Parameters)
      .filter(
        ([name, { Default }]) =>
          (given[`${stackName}:${name}`] ?? given[name] ?? parameters[name] ?? Default) ===
          undefined,
      )
      .map(([name, parameter]) => ({ stack: stackName, name, parameter })),
  );
  if (without.length > 0) throw missing(without);
}

interface MissingParameter {
  readonly stack: string;
  readonly name: string;
  readonly parameter: TemplateParameter;
}

function missing(parameters: readonly MissingParameter[]): RehearsalError {
  const [first] = parameters;
  const lines = parameters.map(
    ({ stack, name, parameter: { Type, Description, AllowedValues } }) => {
      const allowed = AllowedValues === undefined ? '' : `, one of ${AllowedValues.join(', ')}`;
      const meaning = Description === undefined ? '' : `: ${Description}`;
      return `  --parameter ${name}=value   (stack '${stack}', ${Type}${allowed})${meaning}`;
    },
  );
  return new RehearsalError(
    'ParameterMissing',
    [
      `Parameter '${first?.name ?? ''}' of stack '${first?.stack ?? ''}' has no default${parameters.length === 1 ? '' : `, and ${parameters.length - 1} more have none`}. Give values with:`,
      ...lines,
      'STACK:NAME=value gives one for a single stack.',
    ].join('\n'),
  );
}

function typedValue(
  stack: string,
  type: string,
  text: string,
  lookups: DeployLookups,
): string | readonly string[] {
  const ssmType = /^AWS::SSM::Parameter::Value<(.+)>$/.exec(type)?.[1];
  if (ssmType !== undefined) {
    return typedValue(stack, ssmType, storedValue(stack, text, lookups), lookups);
  }
  return type === 'CommaDelimitedList' || type.startsWith('List<')
    ? text.split(',').map((item) => item.trim())
    : text;
}

function storedValue(stack: string, name: string, lookups: DeployLookups): string {
  const value =
    lookups.ssmParameter(name) ?? (BOOTSTRAP_PARAMETER.test(name) ? BOOTSTRAP_VERSION : undefined);
  if (value === undefined) {
    throw new RehearsalError(
      'SsmParameterNotFound',
      `Stack '${stack}': Unable to fetch parameters [${name}] from parameter store for this account. Create the parameter before the stack is deployed (in deploy.sh), or say what it holds with --parameter ${name}=value.`,
    );
  }
  return value;
}

function checkValue(stack: string, name: string, parameter: TemplateParameter, text: string): void {
  const problem = problemOf(parameter, text, `parameter '${name}' of stack '${stack}'`);
  if (problem === undefined) return;
  throw new RehearsalError(
    'ParameterInvalid',
    `Parameter '${name}' of stack '${stack}' cannot be '${text}': ${parameter.ConstraintDescription ?? problem}.`,
  );
}

function problemOf(parameter: TemplateParameter, text: string, where: string): string | undefined {
  const { Type, AllowedValues, AllowedPattern } = parameter;
  const {
    MinLength = 0,
    MaxLength = Infinity,
    MinValue = -Infinity,
    MaxValue = Infinity,
  } = parameter;
  if (AllowedValues !== undefined && !AllowedValues.includes(text)) {
    return `it must be one of ${AllowedValues.join(', ')}`;
  }
  if (
    AllowedPattern !== undefined &&
    !matchesPattern(`^(?:${AllowedPattern})$`, text, `the AllowedPattern of ${where}`)
  ) {
    return `it must match ${AllowedPattern}`;
  }
  if (text.length < MinLength || text.length > MaxLength) {
    return `it must have ${MinLength} to ${MaxLength} characters`;
  }
  if (Type !== 'Number') return undefined;
  if (text.trim() === '' || Number.isNaN(Number(text))) return 'it must be a number';
  return Number(text) < MinValue || Number(text) > MaxValue
    ? `it must be from ${MinValue} to ${MaxValue}`
    : undefined;
}
