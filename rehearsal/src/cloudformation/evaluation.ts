import { RehearsalError } from '../errors';

/** What a template can refer to, as one stack sees it. */
export interface EvaluationScope {
  /** Name of the stack, for errors */
  readonly stack: string;
  readonly region: string;
  readonly mappings: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
  >;
  /** Value of a parameter, pseudo parameter or resource; undefined when there is no such name */
  ref(name: string): unknown;
  /** @throws RehearsalError when the resource or the attribute is not known */
  getAttribute(logicalId: string, attribute: string, at: Evaluation): unknown;
  /** Value of an export in this account and region; undefined when nobody exports the name */
  importValue(name: string): string | undefined;
  /** Undefined when the template has no such condition */
  condition(name: string): boolean | undefined;
}

/** `argument` is what stands beside the function's name, not evaluated yet. */
export type Intrinsic = (argument: unknown, at: Evaluation) => unknown;

/** What `{"Ref": "AWS::NoValue"}` returns; it removes the property or list item that it stands for. */
export const NO_VALUE = Symbol('AWS::NoValue');

/** CloudFormation takes templates of up to 1 MB; no text in one is longer. */
const LONGEST_TEXT = 1024 * 1024;
/** Levels of a value within a value. Real templates stay far below, and so does the call stack. */
const DEEPEST = 200;

/** A place in a template that is being evaluated. */
export class Evaluation {
  constructor(
    readonly scope: EvaluationScope,
    /** e.g. `Resources.Service.Properties.LoadBalancers.0` */
    readonly path: string,
    private readonly intrinsics: ReadonlyMap<string, Intrinsic>,
    private readonly depth = 0,
  ) {}

  at(key: string | number): Evaluation {
    if (this.depth === DEEPEST) this.fail(`values are nested in more than ${DEEPEST} levels`);
    return new Evaluation(this.scope, `${this.path}.${key}`, this.intrinsics, this.depth + 1);
  }

  /** The texts as one. Functions within functions could otherwise multiply a text without end. */
  joined(texts: readonly string[], delimiter = ''): string {
    const length = texts.reduce((sum, text) => sum + text.length + delimiter.length, 0);
    if (length > LONGEST_TEXT) this.fail(`the text has more than ${LONGEST_TEXT} characters`);
    return texts.join(delimiter);
  }

  /** The value with every intrinsic function replaced by its result. */
  evaluate(value: unknown): unknown {
    if (Array.isArray(value)) {
      return value
        .map((item, index) => this.at(index).evaluate(item))
        .filter((item) => item !== NO_VALUE);
    }
    if (typeof value !== 'object' || value === null) return value;
    const call = functionCall(value);
    if (call === undefined) {
      return Object.fromEntries(
        Object.entries(value)
          .map(([key, item]): [string, unknown] => [key, this.at(key).evaluate(item)])
          .filter(([, item]) => item !== NO_VALUE),
      );
    }
    const intrinsic = this.intrinsics.get(call.name);
    if (intrinsic === undefined || Object.keys(value).length > 1) this.refuse(call.name, intrinsic);
    return intrinsic(call.argument, this.at(call.name));
  }

  /** A text; numbers and booleans count as texts, as CloudFormation has it. */
  text(value: unknown): string {
    const result = this.evaluate(value);
    if (typeof result === 'string') return result;
    if (typeof result === 'number' || typeof result === 'boolean') return String(result);
    return this.fail(`expected a text, got ${shown(result)}`);
  }

  list(value: unknown): readonly unknown[] {
    const result = this.evaluate(value);
    return Array.isArray(result) ? result : this.fail(`expected a list, got ${shown(result)}`);
  }

  /** The function's arguments, not evaluated, when there are as many as it takes. */
  arguments(argument: unknown, least: number, most = least): readonly unknown[] {
    if (Array.isArray(argument) && argument.length >= least && argument.length <= most) {
      return argument;
    }
    const wanted = most === least ? `${least}` : `${least} to ${most}`;
    return this.fail(`expected a list of ${wanted} arguments, got ${shown(argument)}`);
  }

  fail(problem: string): never {
    throw new RehearsalError(
      'TemplateInvalid',
      `Stack '${this.scope.stack}', ${this.path}: ${problem}. Correct the CDK app (or the template) and synthesize it again.`,
    );
  }

  private refuse(name: string, intrinsic: Intrinsic | undefined): never {
    if (intrinsic !== undefined) {
      this.fail(`${name} must stand alone in its object, got other keys beside it`);
    }
    throw new RehearsalError(
      'IntrinsicUnknown',
      `Stack '${this.scope.stack}', ${this.path}: the rehearsal cannot evaluate '${name}' here. It can evaluate ${[...this.intrinsics.keys()].join(', ')}.`,
    );
  }
}

/** The first key that is a function's name; anything else is plain data. */
function functionCall(value: object): { name: string; argument: unknown } | undefined {
  const entry = Object.entries(value).find(
    ([key], _, { length }) => key.startsWith('Fn::') || (key === 'Ref' && length === 1),
  );
  return entry === undefined ? undefined : { name: entry[0], argument: entry[1] };
}

export function shown(value: unknown): string {
  return value === NO_VALUE ? 'AWS::NoValue' : JSON.stringify(value);
}
