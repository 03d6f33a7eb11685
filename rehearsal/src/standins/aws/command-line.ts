import { refusal, usageFailure } from './cli-failure';

/** https://docs.aws.amazon.com/cli/latest/reference/index.html#options */
const GLOBAL_OPTIONS: Readonly<
  Record<string, { value: boolean; treatment: 'played' | 'no effect' | 'unplayed' }>
> = {
  region: { value: true, treatment: 'played' },
  output: { value: true, treatment: 'played' },
  query: { value: true, treatment: 'played' },
  profile: { value: true, treatment: 'played' },
  version: { value: false, treatment: 'played' },
  color: { value: true, treatment: 'no effect' },
  'ca-bundle': { value: true, treatment: 'no effect' },
  'cli-read-timeout': { value: true, treatment: 'no effect' },
  'cli-connect-timeout': { value: true, treatment: 'no effect' },
  'no-paginate': { value: false, treatment: 'no effect' },
  'no-cli-pager': { value: false, treatment: 'no effect' },
  'no-cli-auto-prompt': { value: false, treatment: 'no effect' },
  'cli-auto-prompt': { value: false, treatment: 'unplayed' },
  'cli-binary-format': { value: true, treatment: 'unplayed' },
  'cli-error-format': { value: true, treatment: 'unplayed' },
  'endpoint-url': { value: true, treatment: 'unplayed' },
  'no-verify-ssl': { value: false, treatment: 'unplayed' },
  'no-sign-request': { value: false, treatment: 'unplayed' },
  debug: { value: false, treatment: 'unplayed' },
};

/** An option of an operation with all that follows it up to the next option. */
export interface GivenOption {
  /** Without the two hyphens */
  readonly name: string;
  readonly values: readonly string[];
}

export interface CommandLine {
  /** Service, command and whatever else is not an option */
  readonly words: readonly string[];
  readonly options: readonly GivenOption[];
  /** Global options by name; a flag has an empty value */
  readonly globals: Readonly<Record<string, string | undefined>>;
}

/**
 * Splits the arguments of `aws` into words, global options and options of the operation.
 *
 * @throws CliFailure for a global option without its value, or one that no rehearsal plays
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const words: string[] = [];
  const options: { name: string; values: string[] }[] = [];
  const globals: Record<string, string> = {};
  for (let index = 0; index < argv.length; index += 1) {
    const token = argv[index] ?? '';
    const option = /^--([^=]+)(?:=(.*))?$/s.exec(token);
    const [, name = '', inline] = option ?? [];
    const global = GLOBAL_OPTIONS[name];
    if (global !== undefined) {
      if (global.treatment === 'unplayed') throw refusal(`--${name}`, 'Leave the option out.');
      globals[name] = inline ?? '';
      if (!global.value || inline !== undefined) continue;
      const value = argv[index + 1];
      if (value === undefined || isOption(value)) throw expectedOneArgument(name);
      globals[name] = value;
      index += 1;
    } else if (option) {
      options.push({ name, values: inline === undefined ? [] : [inline] });
    } else if (words.length < 2 || options.length === 0) {
      words.push(token);
    } else {
      options.at(-1)?.values.push(token);
    }
  }
  return { words, options, globals };
}

/** As Python's argparse tells options from values: a lone hyphen and a negative number are values. */
function isOption(token: string): boolean {
  return /^-./.test(token) && !/^-\d/.test(token);
}

export function expectedOneArgument(name: string) {
  return usageFailure(`argument --${name}: expected one argument`);
}
