import type { ServiceException } from '../../service-exception';

/** https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-returncodes.html */
export const EXIT_CODES = { usage: 252, configuration: 253, service: 254, general: 255 } as const;

/** The AWS CLI ends with an error: what it prints and its exit code. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';

  /**
   * @param output all of what goes to standard error
   * @param refused what a script asked for that no rehearsal plays; the report names it
   */
  constructor(
    readonly exitCode: number,
    readonly output: string,
    readonly refused?: string,
  ) {
    super(output);
  }
}

const USAGE = `
usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]
To see help text, you can run:

  aws help
  aws <command> help
  aws <command> <subcommand> help

`;

/** A command line that the CLI cannot parse, with the usage lines that follow. */
export function usageFailure(problem: string): CliFailure {
  return new CliFailure(EXIT_CODES.usage, `${validationLine(problem)}${USAGE}`);
}

/** A parameter that the CLI does not take. */
export function parameterFailure(problem: string): CliFailure {
  return new CliFailure(EXIT_CODES.usage, validationLine(problem));
}

function validationLine(problem: string): string {
  return `\naws: [ERROR]: An error occurred (ParamValidation): ${problem}\n`;
}

/** A failure of the CLI's settings, e.g. no region. */
export function configurationFailure(code: string, message: string): CliFailure {
  return new CliFailure(
    EXIT_CODES.configuration,
    `\naws: [ERROR]: An error occurred (${code}): ${message}\n`,
  );
}

/** Nothing answered, in the words of botocore; what is in brackets it does not know. */
export function connectionFailure(service: string, region: string, barrier: string): CliFailure {
  const host = `${service === 'ecr' ? 'api.ecr' : service}.${region}.amazonaws.com`;
  return new CliFailure(
    EXIT_CODES.general,
    `\naws: [ERROR]: Connect timeout on endpoint URL: "https://${host}/" (${barrier})\n`,
  );
}

/** The service answered with an error. */
export function serviceFailure(operation: string, error: ServiceException): CliFailure {
  return new CliFailure(
    EXIT_CODES.service,
    `\naws: [ERROR]: An error occurred (${error.code}) when calling the ${operation} operation: ${error.message}\n`,
  );
}

/** `aws … wait` gave up, in the words of botocore. */
export function waiterFailure(waiter: string, reason: string): CliFailure {
  return new CliFailure(EXIT_CODES.general, `\naws: [ERROR]: Waiter ${waiter} failed: ${reason}\n`);
}

/** Something that exists on AWS, or may, and that no rehearsal plays. */
export function refusal(what: string, nextMove: string): CliFailure {
  return new CliFailure(
    EXIT_CODES.usage,
    `\naws: the rehearsal does not play '${what}'. ${nextMove}\n`,
    what,
  );
}
