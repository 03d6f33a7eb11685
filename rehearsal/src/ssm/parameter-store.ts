import { type Clock, isoTime } from '../clock';
import type { EventStream } from '../events';
import { matchesPattern } from '../untrusted-pattern';
import { ServiceException } from '../service-exception';

export const PARAMETER_TYPES = ['String', 'StringList', 'SecureString'] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Parameter.html */
export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  /** In the clear, also for a SecureString */
  readonly value: string;
  readonly version: number;
  /** Milliseconds since the epoch */
  readonly modifiedAt: number;
  readonly arn: string;
}

export interface PutParameter {
  readonly name: string;
  readonly value: string;
  /** Needed for a parameter that is new */
  readonly type?: string;
  /** @default false */
  readonly overwrite?: boolean;
  readonly description?: string;
  /** Regular expression that the value must match */
  readonly allowedPattern?: string;
}

/** Bytes of a value in the standard tier */
const MAX_VALUE = 4096;

/** The parameters of one account and region. */
export class ParameterStore {
  private readonly histories = new Map<string, Parameter[]>();

  constructor(
    readonly account: string,
    readonly region: string,
    private readonly clock: Clock,
    private readonly events: EventStream,
  ) {}

  /** ARN that a parameter of this name has, whether it exists or not; an ARN stays as it is */
  parameterArn(name: string): string {
    if (name.startsWith('arn:')) return name;
    const bare = name.replace(/^\//, '').replace(/:[^:]*$/, '');
    return `arn:aws:ssm:${this.region}:${this.account}:parameter/${bare}`;
  }

  /** By name, `name:version` or ARN; undefined when there is none */
  find(selector: string): Parameter | undefined {
    const prefix = `arn:aws:ssm:${this.region}:${this.account}:parameter/`;
    const name = selector.startsWith(prefix) ? selector.slice(prefix.length) : selector;
    const [, bare = name, version] = /^(.*?)(?::(\d+))?$/.exec(name) ?? [];
    const history = this.histories.get(bare) ?? this.histories.get(`/${bare}`) ?? [];
    return version === undefined
      ? history.at(-1)
      : history.find((parameter) => parameter.version === Number(version));
  }

  /**
   * Creates a parameter, or a new version of it.
   *
   * @throws ServiceException `ParameterAlreadyExists`, `ValidationException`,
   *   `HierarchyTypeMismatchException`, `ParameterPatternMismatchException`
   */
  put(request: PutParameter): Parameter {
    const { name, value } = request;
    checkName(name);
    const history = this.histories.get(name) ?? [];
    const existing = history.at(-1);
    if (existing !== undefined && request.overwrite !== true) {
      throw new ServiceException(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    }
    const type = typeOf(request.type, existing);
    checkValue(request);
    const parameter: Parameter = {
      name,
      type,
      value,
      version: (existing?.version ?? 0) + 1,
      modifiedAt: this.clock.now(),
      arn: this.parameterArn(name),
    };
    this.histories.set(name, [...history, parameter]);
    this.emitChange(existing === undefined ? 'Create' : 'Update', parameter, request.description);
    return parameter;
  }

  /** https://docs.aws.amazon.com/systems-manager/latest/userguide/reference-eventbridge-events.html */
  private emitChange(operation: string, { name, type, arn }: Parameter, description = ''): void {
    this.events.emit({
      kind: 'aws',
      source: 'aws.ssm',
      'detail-type': 'Parameter Store Change',
      account: this.account,
      region: this.region,
      time: isoTime(this.clock.now()),
      resources: [arn],
      detail: { operation, name, type, description },
    });
  }
}

function checkName(name: string): void {
  if (!/^[a-zA-Z0-9_.\-/]{1,1011}$/.test(name)) {
    throw validation(
      'Parameter name must contain only letters, digits, and the characters . - _ / (at most 1011)',
    );
  }
  if (name.includes('/') && !name.startsWith('/')) {
    throw validation('Parameter name must be a fully qualified name.');
  }
  if (/^\/?(aws|ssm)/i.test(name)) {
    throw validation('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
  }
}

function checkValue({ name, value, allowedPattern }: PutParameter): void {
  if (value === '') {
    throw validation(
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
    );
  }
  if (Buffer.byteLength(value) > MAX_VALUE) {
    throw validation(
      `Standard tier parameters support a maximum parameter value of ${MAX_VALUE} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.`,
    );
  }
  if (
    allowedPattern !== undefined &&
    !matchesPattern(allowedPattern, value, `the AllowedPattern of parameter '${name}'`)
  ) {
    throw new ServiceException(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${allowedPattern}`,
    );
  }
}

function typeOf(requested: string | undefined, existing: Parameter | undefined): ParameterType {
  const type = PARAMETER_TYPES.find((known) => known === (requested ?? existing?.type));
  if (requested === undefined && type === undefined) {
    throw validation('A parameter type is required when you create a parameter.');
  }
  if (type === undefined) {
    throw validation(
      `1 validation error detected: Value '${requested ?? ''}' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [${PARAMETER_TYPES.join(', ')}]`,
    );
  }
  if (existing !== undefined && type !== existing.type) {
    throw new ServiceException(
      'HierarchyTypeMismatchException',
      `The parameter type ${existing.type} cannot be changed to ${type}; delete the parameter and create it again.`,
    );
  }
  return type;
}

function validation(message: string): ServiceException {
  return new ServiceException('ValidationException', message);
}
