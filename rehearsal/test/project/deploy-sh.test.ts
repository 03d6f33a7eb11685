import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeMachine, projectDirectory, type FakeCloud } from './fake-cloud';

const REPOSITORY = 'ecs-codepipeline-practice/api';
const PARAMETER = '/ecs-codepipeline-practice/api/image-tag';
const URI = `123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/${REPOSITORY}`;

let machine: FakeMachine;
afterEach(() => machine.remove());

/** A machine with a clone of one commit, in which deploy.sh can be run. */
function setUp(cloud: Partial<FakeCloud> = {}) {
  machine = new FakeMachine(cloud);
  const clone = join(machine.directory, 'a clone');
  mkdirSync(clone);
  copyFileSync(join(projectDirectory, 'deploy.sh'), join(clone, 'deploy.sh'));
  const git = (...args: string[]) => machine.run(['git', ...args], clone).stdout.trim();
  git('init', '--quiet');
  git('add', '.');
  git('-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'first');
  const commit = git('rev-parse', 'HEAD');
  const deploy = (args: string[] = [], env: Record<string, string> = {}) =>
    machine.run(['sh', 'deploy.sh', ...args], clone, env);
  return { clone, commit, tag: commit.slice(0, 7), deploy };
}

const updateCloud = (change: Partial<FakeCloud>) => {
  machine.cloud = { ...machine.cloud, ...change };
};

test('the first run creates the repository, pushes the image and records its tag', () => {
  const { tag, deploy } = setUp();
  const { status, stdout, stderr, calls } = deploy();
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain(
    `Account 123456789012, region ap-northeast-2, commit ${tag}, platform linux/arm64`,
  );
  expect(stdout).toContain('npm run -w cdk -- deploy --all');

  const { repositories, parameters } = machine.cloud;
  expect(repositories[REPOSITORY]).toMatchObject({
    repositoryUri: URI,
    imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    scan: 'scanOnPush=true',
    tags: { [tag]: 1, latest: 1 },
  });
  expect(parameters).toEqual({ [PARAMETER]: tag });
  expect(calls).toContain(
    `docker build --platform linux/arm64 --build-arg COMMIT=${tag} -f apps/api/Dockerfile -t ${URI}:${tag} -t ${URI}:latest .`,
  );
});

test('the lifecycle policy expires only images that no tag names', () => {
  setUp().deploy();
  const { rules } = machine.cloud.repositories[REPOSITORY]!.lifecyclePolicy as {
    rules: { selection: { tagStatus: string } }[];
  };
  expect(rules.map(({ selection }) => selection.tagStatus)).toEqual(['untagged']);
});

test('a second run changes nothing', () => {
  const { tag, deploy } = setUp();
  deploy();
  const before = machine.cloud;
  const { status, stdout, calls } = deploy();
  expect(status).toBe(0);
  expect(stdout).toContain(`Image ${tag} is there: nothing to build.`);
  expect(machine.cloud).toEqual(before);
  expect(calls.join('\n')).not.toMatch(/docker (build|push)|create-|put-/);
});

test('the tag that the pipeline has recorded since is left alone', () => {
  const { deploy } = setUp({ parameters: { [PARAMETER]: 'fedcba9' } });
  const { status, stdout } = deploy();
  expect(status).toBe(0);
  expect(stdout).toContain(`${PARAMETER} is there, with fedcba9`);
  expect(machine.cloud.parameters).toEqual({ [PARAMETER]: 'fedcba9' });
});

test.each(['latest', 'the commit'])(
  'a push of %s that broke off is made good by the next run',
  (broken) => {
    const { tag, deploy } = setUp();
    updateCloud({ pushFails: [broken === 'latest' ? 'latest' : tag] });
    const first = deploy();
    expect(first.status).toBe(1);
    expect(first.stderr).toContain('Error: the image was not pushed');
    expect(machine.cloud.parameters).toEqual({});
    updateCloud({ pushFails: [] });
    expect(deploy().status).toBe(0);
    expect(Object.keys(machine.cloud.repositories[REPOSITORY]!.tags).sort()).toEqual(
      [tag, 'latest'].sort(),
    );
    expect(machine.cloud.parameters).toEqual({ [PARAMETER]: tag });
  },
);

test('a repository whose tags can be overwritten is used, with a warning that says how to change it', () => {
  const { deploy } = setUp({
    repositories: { [REPOSITORY]: { repositoryUri: URI, imageTagMutability: 'MUTABLE', tags: {} } },
  });
  const { status, stderr } = deploy();
  expect(status).toBe(0);
  expect(stderr).toContain('its tags are MUTABLE instead of IMMUTABLE_WITH_EXCLUSION');
  expect(stderr).toContain('aws ecr put-image-tag-mutability --region ap-northeast-2');
});

test('changes that are not committed are warned about', () => {
  const { clone, tag, deploy } = setUp();
  writeFileSync(join(clone, 'notes.txt'), 'later');
  const { status, stderr } = deploy();
  expect(status).toBe(0);
  expect(stderr).toBe(
    `Warning: there are changes that are not committed. An image built now holds them, under the id of commit ${tag}.\n`,
  );
});

describe('region and platform', () => {
  const regionOf = ({ calls }: { calls: string[] }) =>
    /--password-stdin \d+\.dkr\.ecr\.(\S+)\.amazonaws\.com/.exec(calls.join('\n'))?.[1];

  test.each<[string, string[], Record<string, string>, string]>([
    ['--region', ['--region', 'eu-west-1'], { AWS_REGION: 'ap-northeast-2' }, ''],
    ['--region=', ['--region=eu-west-1'], {}, 'ap-northeast-2'],
    ['AWS_REGION', [], { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'ap-northeast-2' }, ''],
    ['AWS_DEFAULT_REGION', [], { AWS_DEFAULT_REGION: 'eu-west-1' }, 'ap-northeast-2'],
    ["the CLI's profile", [], {}, 'eu-west-1'],
  ])('the region comes from %s', (_source, args, env, configuredRegion) => {
    const { deploy } = setUp({ configuredRegion });
    expect(regionOf(deploy(args, env))).toBe('eu-west-1');
  });

  test('without any of them it is ap-northeast-2', () => {
    expect(regionOf(setUp().deploy())).toBe('ap-northeast-2');
  });

  test.each([
    ['--platform', ['--platform', 'linux/amd64'], {}],
    ['IMAGE_PLATFORM', [], { IMAGE_PLATFORM: 'linux/amd64' }],
  ])('the platform can be chosen by %s', (_source, args, env) => {
    const { calls } = setUp().deploy(args, env);
    expect(calls.find((call) => call.startsWith('docker build'))).toContain(
      '--platform linux/amd64',
    );
  });

  test.each([
    [
      ['--region', 'mars'],
      "'mars' is not the name of an AWS region, which looks like ap-northeast-2",
    ],
    [['--region'], '--region needs a value'],
    [['--platform', 'arm'], "the platform must be linux/arm64 or linux/amd64, got 'arm'"],
    [['--force'], "'--force' is not an option of deploy.sh"],
  ])('%j is refused before anything is done', (args, message) => {
    const { status, stderr, calls } = setUp().deploy(args);
    expect({ status, stderr, calls }).toEqual({
      status: 2,
      stderr: `Error: ${message}\nSee 'sh deploy.sh --help'.\n`,
      calls: [],
    });
  });

  test('a region that does not exist is named', () => {
    const { status, stderr } = setUp().deploy(['--region', 'xx-nowhere-9']);
    expect(status).toBe(1);
    expect(stderr).toContain("Error: AWS does not answer in region 'xx-nowhere-9'.");
  });
});

test('--help explains without doing anything', () => {
  const { status, stdout, calls } = setUp().deploy(['--help']);
  expect({ status, calls }).toEqual({ status: 0, calls: [] });
  expect(stdout).toMatch(/^Usage: sh deploy\.sh /);
  expect(stdout).toContain('--platform PLATFORM');
});

describe('what is missing is said, with the next step', () => {
  const changesOf = (calls: string[]) =>
    calls.filter((call) => /create-|put-|docker (build|push)/.test(call));

  test.each(['git', 'docker', 'aws'])('%s is not installed', (program) => {
    const { deploy } = setUp();
    machine.uninstall(program);
    const { status, stderr, calls } = deploy();
    expect({ status, calls }).toEqual({ status: 1, calls: [] });
    expect(stderr).toMatch(
      new RegExp(`^Error: '${program}' was not found on PATH. Install .*https://`),
    );
  });

  test('Docker does not answer', () => {
    const { status, stderr, calls } = setUp({ dockerAnswers: false }).deploy();
    expect({ status, changes: changesOf(calls) }).toEqual({ status: 1, changes: [] });
    expect(stderr).toContain('Error: Docker does not answer. Start Docker, then run this again.');
    expect(stderr).toContain('Is the docker daemon running?');
  });

  test('there are no credentials', () => {
    const { status, stderr, calls } = setUp({ credentials: false }).deploy();
    expect({ status, changes: changesOf(calls) }).toEqual({ status: 1, changes: [] });
    expect(stderr).toBe(
      "Error: AWS accepts no credentials from here. Run 'aws configure' or 'aws sso login', or set AWS_PROFILE.\n" +
        'Unable to locate credentials. You can configure credentials by running "aws configure".\n',
    );
  });

  test('there is no commit', () => {
    machine = new FakeMachine();
    copyFileSync(join(projectDirectory, 'deploy.sh'), join(machine.directory, 'deploy.sh'));
    const { status, stderr } = machine.run(['sh', 'deploy.sh'], machine.directory);
    expect(status).toBe(1);
    expect(stderr).toContain('Error: no commit here to build an image from.');
  });

  test('the AWS CLI is too old to exclude a tag from immutability', () => {
    const { status, stderr, calls } = setUp({ cliVersion: '2.15.30' }).deploy();
    expect(status).toBe(1);
    expect(stderr).toContain('Error: this AWS CLI is too old: aws-cli/2.15.30');
    expect(stderr).toContain('2.27.57 or newer (of version 1: 1.41.11)');
    expect(stderr).not.toContain('usage:');
    expect(calls.join('\n')).not.toMatch(/docker (build|push)|put-parameter/);
  });

  test.each([
    ['ecr:describe-repositories', `the ECR repository ${REPOSITORY} could not be looked up`],
    ['ecr:create-repository', `the ECR repository ${REPOSITORY} could not be created`],
    ['ecr:get-lifecycle-policy', `the lifecycle policy of ${REPOSITORY} could not be read`],
    ['ecr:put-lifecycle-policy', `the lifecycle policy of ${REPOSITORY} could not be set`],
    ['ecr:batch-get-image', `the images of ${REPOSITORY} could not be read`],
    ['ecr:get-login-password', 'no password for the registry'],
    ['ssm:get-parameter', `the SSM parameter ${PARAMETER} could not be read`],
    ['ssm:put-parameter', `the SSM parameter ${PARAMETER} could not be written`],
  ])('%s is not permitted', (call, message) => {
    const { status, stderr } = setUp({ denied: [call] }).deploy();
    expect(status).toBe(1);
    expect(stderr).toContain(`Error: ${message}`);
    expect(stderr).toContain(`is not authorized to perform: ${call}`);
  });

  test('the build fails', () => {
    const { status, stderr } = setUp({ buildFails: true }).deploy();
    expect(status).toBe(1);
    expect(stderr).toContain('Error: the image was not built');
    expect(machine.cloud.repositories[REPOSITORY]!.tags).toEqual({});
    expect(machine.cloud.parameters).toEqual({});
  });
});

test('nothing is left in the directory for temporary files', () => {
  const { deploy } = setUp();
  const before = readdirSync(machine.directory).sort();
  deploy();
  expect(readdirSync(machine.directory).sort()).toEqual([...before, 'calls.jsonl'].sort());
});

const shellcheckIsHere = spawnSync('shellcheck', ['--version']).status === 0;
(shellcheckIsHere ? test : test.skip)(
  'shellcheck finds nothing (skipped where it is not installed)',
  () => {
    machine = new FakeMachine();
    execFileSync('shellcheck', ['--shell=sh', join(projectDirectory, 'deploy.sh')]);
  },
);
