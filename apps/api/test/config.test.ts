import { ConfigError, loadConfig } from '../src/config';

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

test('an empty environment gives a service on port 3000 of this machine only', () => {
  expect(loadConfig({})).toMatchObject({
    service: 'ecs-codepipeline-practice-api',
    commit: 'unknown',
    host: '127.0.0.1',
    port: 3000,
    logLevel: 'info',
  });
});

test('the version is the one in package.json', () => {
  expect(loadConfig({}).version).toMatch(/^\d+\.\d+\.\d+$/);
});

test('a variable that is set but empty counts as unset', () => {
  expect(loadConfig({ PORT: '', COMMIT: ' ' })).toMatchObject({ port: 3000, commit: 'unknown' });
});

test('every timeout leaves room for the one it depends on', () => {
  const { headersTimeoutMs, requestTimeoutMs, shutdown } = loadConfig({});
  expect(requestTimeoutMs).toBeGreaterThan(headersTimeoutMs);
  expect(shutdown.deadlineMs).toBeGreaterThan(shutdown.graceMs);
});

test('a whole request cannot have less time than its headers', () => {
  expect(problemsOf({ REQUEST_TIMEOUT_MS: '9999' })).toEqual([
    "REQUEST_TIMEOUT_MS must not be below HEADERS_TIMEOUT_MS (10000), got '9999'",
  ]);
});

test.each(['abc', '-1', '65536', '3000.5', '0x10', '1e3', '80 80'])(
  'PORT=%s is refused',
  (PORT) => {
    expect(problemsOf({ PORT })).toEqual([
      `PORT must be a whole number from 0 to 65535, got '${PORT}'`,
    ]);
  },
);

test('all problems are reported together', () => {
  expect(problemsOf({ PORT: 'abc', LOG_LEVEL: 'loud', SHUTDOWN_GRACE_MS: '30000' })).toEqual([
    "PORT must be a whole number from 0 to 65535, got 'abc'",
    "LOG_LEVEL must be one of debug, info, error, got 'loud'",
    "SHUTDOWN_DEADLINE_MS must be above SHUTDOWN_GRACE_MS (30000), got '25000'",
  ]);
});
