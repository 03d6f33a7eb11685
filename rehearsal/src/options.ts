import { accessSync, constants, existsSync, mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { messageOf, RehearsalError } from './errors';
import { firstScenarios } from './scenarios';
import { parseSmtpAddress, type SmtpAddress } from './sns/smtp-relay';

/** What the command line asks for, complete and checked. */
export interface RehearsalOptions {
  /** Names of scenarios, or `all`; a good release and three bad ones when empty */
  readonly scenarios: readonly string[];
  readonly list: boolean;
  /** @default docker when an engine answers, else process */
  readonly engine: 'docker' | 'process' | undefined;
  /** Repository to rehearse. @default this one */
  readonly project: string;
  /** A cloud assembly that was synthesized before; otherwise the project's CDK app is synthesized */
  readonly assembly: string | undefined;
  /** Divides the waits that AWS settings impose. @default 1 */
  readonly speed: number;
  /** Requests per second. @default 20 */
  readonly rps: number;
  /** Where the report goes. @default rehearsal-report */
  readonly report: string;
  /** Resource types to go on without */
  readonly allowUnplayed: readonly string[];
  /** Values for parameters of the templates */
  readonly parameters: Readonly<Record<string, string>>;
  /** Mail server on this machine that gets a copy of every mail */
  readonly smtp?: SmtpAddress | undefined;
}

/** Places that defaults refer to. */
export interface OptionContext {
  /** Repository that the engine belongs to */
  readonly repository: string;
  /** Where the person called from; relative paths start here */
  readonly cwd: string;
}

interface RawOptions {
  scenario?: string[];
  list?: boolean;
  engine?: 'docker' | 'process';
  project?: string;
  assembly?: string;
  smtp?: SmtpAddress;
  speed: number;
  rps: number;
  report: string;
  allowUnplayed?: string[];
  parameter?: Record<string, string>;
}

/**
 * @param argv arguments without program and script
 * @returns the options, or the help text that was asked for
 * @throws RehearsalError `UsageInvalid`
 */
export function parseOptions(
  argv: readonly string[],
  context: OptionContext,
): RehearsalOptions | { readonly help: string } {
  const command = createCommand();
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return { help: command.helpInformation() };
    throw new RehearsalError(
      'UsageInvalid',
      `${error.message.replace(/^error: /, '')}\nSee 'npm run rehearse -- --help'.`,
    );
  }
  const raw = command.opts<RawOptions>();
  const place = (path: string) => resolve(context.cwd, path);
  return {
    scenarios: raw.scenario ?? [],
    list: raw.list ?? false,
    engine: raw.engine,
    project:
      raw.project === undefined ? context.repository : directory('--project', place(raw.project)),
    assembly: raw.assembly === undefined ? undefined : directory('--assembly', place(raw.assembly)),
    speed: raw.speed,
    rps: raw.rps,
    report: raw.list === true ? place(raw.report) : writable('--report', place(raw.report)),
    smtp: raw.smtp,
    allowUnplayed: raw.allowUnplayed ?? [],
    parameters: raw.parameter ?? {},
  };
}

function createCommand(): Command {
  // Without defaults of commander's, which the help would show as [] and {}.
  const collect = (value: string, previous: string[] | undefined) => [...(previous ?? []), value];
  return new Command('rehearse')
    .description(
      'Carries a git push through the synthesized pipeline to running containers, on this machine.',
    )
    .option(
      '--scenario <name>',
      `scenario to play, or all; may be repeated (default: ${firstScenarios.map(({ name }) => name).join(', ')})`,
      collect,
    )
    .option('--list', 'list the scenarios and end')
    .addOption(
      new Option(
        '--engine <name>',
        'where containers run (default: docker when it answers)',
      ).choices(['docker', 'process']),
    )
    .option('--project <dir>', 'another repository to rehearse')
    .option('--assembly <dir>', 'a cloud assembly (cdk.out) instead of synthesizing one')
    .option(
      '--speed <n>',
      'divide the waits that AWS settings impose, 1 to 100',
      numberFrom(1, 100),
      1,
    )
    .option('--rps <n>', 'requests per second, 1 to 1000', numberFrom(1, 1000), 20)
    .option('--report <dir>', 'where the report is written', 'rehearsal-report')
    .option(
      '--allow-unplayed <type>',
      'go on without this resource type, or this container image; may be repeated',
      collect,
    )
    .option(
      '--parameter <name=value>',
      'value of a template parameter, or of an SSM parameter (a path); may be repeated',
      assignment,
    )
    .option(
      '--smtp <host:port>',
      'mail server on this machine that gets every mail too',
      smtpAddress,
    )
    .allowExcessArguments(false)
    .configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
    .exitOverride();
}

function numberFrom(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() !== '' && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Expected a number from ${least} to ${most}.`);
  };
}

function assignment(value: string, previous?: Record<string, string>): Record<string, string> {
  const equals = value.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Expected NAME=value.');
  return { ...previous, [value.slice(0, equals)]: value.slice(equals + 1) };
}

function smtpAddress(value: string): SmtpAddress {
  const address = parseSmtpAddress(value);
  if (address !== undefined) return address;
  throw new InvalidArgumentError('Expected a port of this machine, e.g. 127.0.0.1:1025.');
}

function directory(option: string, path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new RehearsalError('UsageInvalid', `${option}: there is no directory '${path}'.`);
}

/** Tried at once: to find out at the end would cost the whole rehearsal. */
function writable(option: string, path: string): string {
  try {
    if (existsSync(path)) accessSync(path, constants.W_OK);
    else tryDirectory(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? messageOf(error);
    throw new RehearsalError(
      'UsageInvalid',
      `${option}: nothing can be written to '${path}' (${code}). Name a directory that you may write to.`,
    );
  }
  if (existsSync(path) && !statSync(path).isDirectory()) {
    throw new RehearsalError('UsageInvalid', `${option}: '${path}' is a file, not a directory.`);
  }
  return path;
}

/** Makes the first directory that is missing on the way to `path`, and removes it again. */
function tryDirectory(path: string): void {
  let missing = path;
  while (!existsSync(dirname(missing))) missing = dirname(missing);
  mkdirSync(missing);
  rmdirSync(missing);
}
