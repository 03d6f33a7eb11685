import { withReachability } from '../../src/standins/docker-reachability';
import type { StandinSession } from '../../src/standins/standin';

const HOST = '000000000000.dkr.ecr.eu-west-1.amazonaws.com';

/** Calls docker from a network that does not lead to some services. */
async function docker(line: string, unreachable?: readonly string[]) {
  const errors: string[] = [];
  const passed: string[] = [];
  const session: StandinSession = {
    caller: { kind: 'operator' },
    region: 'eu-west-1',
    account: '000000000000',
    ...(unreachable && {
      barrierTo: (service: string) => (unreachable.includes(service) ? 'no way' : undefined),
    }),
  };
  const outcome = await withReachability(({ argv }) => {
    passed.push(argv.join(' '));
    return Promise.resolve({ exitCode: 0 });
  })({
    session,
    argv: line.split(' '),
    cwd: '/',
    env: {},
    stdin: '',
    stdout: () => undefined,
    stderr: (text) => errors.push(text),
  });
  return { outcome, errors, passed };
}

test.each([
  [`login --username AWS --password-stdin ${HOST}`, ['ecr.dkr']],
  [`login -u AWS -p x https://${HOST}`, ['ecr.dkr']],
  [`push ${HOST}/api:1`, ['ecr.dkr']],
  [`image push ${HOST}/api:1`, ['s3']],
  [`pull 000000000000.dkr-ecr.eu-west-1.on.aws/api:1`, ['s3']],
])('docker %s times out where the network does not lead to %j', async (line, unreachable) => {
  const { outcome, errors, passed } = await docker(line, unreachable);

  expect(outcome).toEqual({ exitCode: 1 });
  expect(errors).toEqual([
    `Error response from daemon: Get "https://${HOST}/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers) (no way)\n`,
  ]);
  expect(passed).toEqual([]);
});

test.each([
  ['what stays on the machine', `build -t ${HOST}/api:1 .`, ['ecr.dkr', 's3']],
  ['another registry', 'pull registry.example/api:1', ['ecr.dkr', 's3']],
  ['a login, which needs no layers', `login ${HOST}`, ['s3']],
  ['everything outside of a VPC', `push ${HOST}/api:1`, undefined],
])('docker goes on with %s', async (_what, line, unreachable) => {
  expect(await docker(line, unreachable)).toMatchObject({ errors: [], passed: [line] });
});
