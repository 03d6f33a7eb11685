import { version } from '../package.json';

/** The name under which the service reports itself, in `GET /` and in each log line. */
export const SERVICE_NAME = 'ecs-codepipeline-practice-api';

/** `debug` also logs successful health checks; `error` logs only failures of the service itself. */
export const LOG_LEVELS = ['debug', 'info', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Everything that the service can be told from outside. Times are milliseconds. */
export interface Config {
  readonly service: string;
  /** Version of apps/api/package.json; esbuild puts it into the bundle. */
  readonly version: string;
  /** `COMMIT`: the commit that the image was built from. @default 'unknown' */
  readonly commit: string;
  /** `HOST`: address to listen on; the image sets 0.0.0.0. @default '127.0.0.1' */
  readonly host: string;
  /** `PORT`: 0 takes any free port. @default 3000 */
  readonly port: number;
  /** `LOG_LEVEL`. @default 'info' */
  readonly logLevel: LogLevel;
  /**
   * `KEEP_ALIVE_TIMEOUT_MS`: how long an idle connection stays open. It must exceed the load
   * balancer's idle timeout (60 s), or the load balancer reuses a connection that was just closed
   * here and answers 502. @default 65000
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
   */
  readonly keepAliveTimeoutMs: number;
  /**
   * `HEADERS_TIMEOUT_MS`: time for a request's headers, from its first byte. A client that sends
   * them byte by byte is cut then. The load balancer sends them in one go. @default 10000
   */
  readonly headersTimeoutMs: number;
  /**
   * `REQUEST_TIMEOUT_MS`: time for a whole request, its body included, from its first byte; the
   * answer may take longer. @default 30000
   */
  readonly requestTimeoutMs: number;
  readonly shutdown: ShutdownTimes;
}

export interface ShutdownTimes {
  /**
   * `SHUTDOWN_GRACE_MS`: how long requests are still accepted after SIGTERM, for those that the
   * load balancer sent before it noticed. @default 250
   */
  readonly graceMs: number;
  /**
   * `SHUTDOWN_DEADLINE_MS`: when to give up on requests in flight, counted from SIGTERM. It must be
   * below the task's stopTimeout (30 s), or SIGKILL comes first. @default 25000
   */
  readonly deadlineMs: number;
}

/** The environment cannot be used. The message lists every problem, one per line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(['The service cannot start with this environment:', ...problems].join('\n  - '));
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration from an environment, such as `process.env`. A variable that is empty
 * counts as unset.
 * @throws {ConfigError} naming every variable that cannot be used, its value and what is allowed
 */
export function loadConfig(env: Environment): Config {
  const problems: string[] = [];

  const text = (name: string, fallback: string): string => env[name]?.trim() || fallback;

  const integer = (name: string, fallback: number, min: number, max: number): number => {
    const value = text(name, String(fallback));
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= min && number <= max) return number;
    problems.push(`${name} must be a whole number from ${min} to ${max}, got '${value}'`);
    return fallback;
  };

  const oneOf = <T extends string>(name: string, fallback: T, allowed: readonly T[]): T => {
    const value = text(name, fallback);
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) {
      problems.push(`${name} must be one of ${allowed.join(', ')}, got '${value}'`);
    }
    return found ?? fallback;
  };

  const config: Config = {
    service: SERVICE_NAME,
    version,
    commit: text('COMMIT', 'unknown'),
    host: text('HOST', '127.0.0.1'),
    port: integer('PORT', 3000, 0, 65_535),
    logLevel: oneOf('LOG_LEVEL', 'info', LOG_LEVELS),
    keepAliveTimeoutMs: integer('KEEP_ALIVE_TIMEOUT_MS', 65_000, 1_000, 4_000_000),
    headersTimeoutMs: integer('HEADERS_TIMEOUT_MS', 10_000, 1, 4_000_000),
    requestTimeoutMs: integer('REQUEST_TIMEOUT_MS', 30_000, 1, 4_000_000),
    shutdown: {
      graceMs: integer('SHUTDOWN_GRACE_MS', 250, 0, 60_000),
      deadlineMs: integer('SHUTDOWN_DEADLINE_MS', 25_000, 1, 120_000),
    },
  };
  const { graceMs, deadlineMs } = config.shutdown;
  if (deadlineMs <= graceMs) {
    problems.push(
      `SHUTDOWN_DEADLINE_MS must be above SHUTDOWN_GRACE_MS (${graceMs}), got '${deadlineMs}'`,
    );
  }

  const { headersTimeoutMs, requestTimeoutMs } = config;
  if (requestTimeoutMs < headersTimeoutMs) {
    problems.push(
      `REQUEST_TIMEOUT_MS must not be below HEADERS_TIMEOUT_MS (${headersTimeoutMs}), got '${requestTimeoutMs}'`,
    );
  }

  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}
