import { isoTime } from '../../clock';
import type { EventStream } from '../../events';
import type { Authorizer } from '../../iam/authorizer';
import { ServiceException } from '../../service-exception';
import type { Standin, StandinCall } from '../standin';
import {
  CliFailure,
  configurationFailure,
  connectionFailure,
  EXIT_CODES,
  refusal,
  serviceFailure,
} from './cli-failure';
import { type CommandLine, parseCommandLine } from './command-line';
import { helpText } from './help';
import type { AwsServices, Operation, OperationResult } from './operation';
import { readOperationInput } from './operation-input';
import { operations } from './operations';
import { formatOutput } from './output';
import { findWaiter, waiters, waitUntilOver } from './waiters';

/** What VPC endpoints call the services whose commands have another name. */
const ENDPOINTS: Readonly<Record<string, string>> = { ecr: 'ecr.api', s3api: 's3' };

/** The version whose texts and exit codes are played. */
const VERSION = 'aws-cli/2.34.3 Python/3.13.11 Linux/6.1 source/x86_64.rehearsal';

export interface AwsStandinOptions extends AwsServices {
  readonly authorizer: Authorizer;
  readonly events: EventStream;
}

/**
 * Plays `aws`, the AWS CLI version 2: the calls of `operations`, made as the session's caller.
 * Whatever else a script asks for is refused by name and noted for the report.
 */
export function createAwsStandin(options: AwsStandinOptions): Standin {
  return async (call) => {
    try {
      call.stdout(await runCommandLine(call, options));
      return { exitCode: 0 };
    } catch (error) {
      if (!(error instanceof CliFailure)) throw error;
      call.stderr(error.output);
      if (error.refused !== undefined) {
        options.events.emit({
          kind: 'unproven',
          time: isoTime(options.clock.now()),
          message: `A script asked for '${error.refused}', which no rehearsal plays: the call failed.`,
        });
      }
      return { exitCode: error.exitCode };
    }
  };
}

async function runCommandLine(call: StandinCall, options: AwsStandinOptions): Promise<string> {
  const line = parseCommandLine(call.argv);
  const { words, globals } = line;
  if (globals['version'] !== undefined) return `${VERSION}\n`;
  if (words.at(-1) === 'help') return helpText(operations, words.slice(0, -1));
  const profile = globals['profile'] ?? call.env['AWS_PROFILE'];
  if (profile !== undefined && profile !== '') {
    throw new CliFailure(
      EXIT_CODES.general,
      `\naws: [ERROR]: The config profile (${profile}) could not be found\nA rehearsal has no profiles: leave --profile and AWS_PROFILE out of scripts, and set AWS_PROFILE where you call them.\n`,
    );
  }
  if (words[0] === 'configure') return configure(line, call);
  const waiter = findWaiter(words);
  const operation = findOperation(waiter ? [waiter.service, waiter.operation] : words);
  const input = readOperationInput(operation, line.options, words.slice(waiter ? 3 : 2), call);
  if (!operation.global) checkPlace(globals['region'], input['registryId'], call, options);
  const ask = () => perform(operation, input, call, options);
  if (waiter !== undefined) {
    await waitUntilOver(waiter, ask, options.clock, call.signal);
    return '';
  }
  const result = answerOf(operation, ask);
  return typeof result === 'string'
    ? result
    : formatOutput(result, globals['output'] ?? call.env['AWS_DEFAULT_OUTPUT'], globals['query']);
}

function findOperation([service = '', command = '']: readonly string[]): Operation {
  const operation = operations.find(
    (candidate) => candidate.service === service && candidate.command === command,
  );
  if (operation !== undefined) return operation;
  if (service === 'ecr' && command === 'get-login') {
    throw refusal(
      'aws ecr get-login',
      'Version 2 of the AWS CLI has no such command: use aws ecr get-login-password | docker login --username AWS --password-stdin.',
    );
  }
  const played = operations.filter((candidate) => candidate.service === service);
  const known =
    played.length > 0
      ? [
          ...played.map((candidate) => candidate.command),
          ...waiters
            .filter((waiter) => waiter.service === service)
            .map((waiter) => `wait ${waiter.command}`),
        ]
      : [...new Set(operations.map((candidate) => candidate.service))];
  throw refusal(
    ['aws', service, command].filter((word) => word !== '').join(' '),
    `It plays ${played.length > 0 ? `aws ${service}: ` : ''}${known.join(', ')}.`,
  );
}

/** `aws configure get region` reads the settings of the person; a build has none. */
function configure({ words, options }: CommandLine, { session }: StandinCall): string {
  const [, verb, key] = words;
  if (verb !== 'get' || key !== 'region' || words.length !== 3 || options.length > 0) {
    throw refusal(['aws', ...words].join(' '), 'It plays aws configure get region.');
  }
  if (session.caller.kind === 'operator') return `${session.region}\n`;
  throw new CliFailure(1, '');
}

/** @throws CliFailure without a region, and for a region or account that this run does not have */
function checkPlace(
  given: string | undefined,
  registryId: unknown,
  { session, env }: StandinCall,
  { images }: AwsServices,
): void {
  const configured = session.caller.kind === 'operator' ? session.region : undefined;
  const region = given ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? configured;
  if (region === undefined || region === '') {
    throw configurationFailure(
      'NoRegion',
      'You must specify a region. You can also configure your region by running "aws configure".',
    );
  }
  if (region !== images.region) {
    throw refusal(`--region ${region}`, `The stacks of this run are in ${images.region}.`);
  }
  if (registryId !== undefined && registryId !== session.account) {
    throw refusal('--registry-id', `This run has the account ${session.account} alone.`);
  }
}

/** @throws ServiceException, CliFailure when nothing answers */
function perform(
  operation: Operation,
  input: Record<string, unknown>,
  { session }: StandinCall,
  options: AwsStandinOptions,
): OperationResult {
  const barrier = session.barrierTo?.(ENDPOINTS[operation.service] ?? operation.service);
  if (barrier !== undefined) throw connectionFailure(operation.service, session.region, barrier);
  const context = { session, services: options };
  for (const [action, resource] of operation.access(input, context)) {
    const decision = options.authorizer.authorize({ caller: session.caller, action, resource });
    if (!decision.allowed) throw new ServiceException('AccessDeniedException', decision.message);
  }
  return operation.run(input, context);
}

function answerOf(operation: Operation, ask: () => OperationResult): OperationResult {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof ServiceException)) throw error;
    throw serviceFailure(operation.calls ?? operation.name, error);
  }
}
