import { RehearsalError } from '../errors';
import type { DeployLookups } from './dynamic-references';
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
      if (text === undefined) {
        throw new RehearsalError(
          'ParameterMissing',
          `Parameter '${name}' of stack '${stack}' has no default: give it with --parameter ${name}=value (--parameter ${stack}:${name}=value for this stack alone).`,
        );
      }
      checkValue(stack, name, parameter, text);
      return [name, typedValue(stack, parameter.Type, text, lookups)];
    }),
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
      `Stack '${stack}': Unable to fetch parameters [${name}] from parameter store for this account. Create the parameter before the stack is deployed.`,
    );
  }
  return value;
}

function checkValue(stack: string, name: string, parameter: TemplateParameter, text: string): void {
  const { AllowedValues, AllowedPattern, ConstraintDescription } = parameter;
  const problem =
    AllowedValues !== undefined && !AllowedValues.includes(text)
      ? `it must be one of ${AllowedValues.join(', ')}`
      : AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(text)
        ? `it must match ${AllowedPattern}`
        : parameter.Type === 'Number' && (text.trim() === '' || Number.isNaN(Number(text)))
          ? 'it must be a number'
          : undefined;
  if (problem !== undefined) {
    throw new RehearsalError(
      'ParameterInvalid',
      `Parameter '${name}' of stack '${stack}' cannot be '${text}': ${ConstraintDescription ?? problem}.`,
    );
  }
}
