import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { FakeMachine, projectDirectory, type FakeCloud } from './fake-cloud';

interface Buildspec {
  env: { variables: Record<string, string>; 'exported-variables': string[] };
  phases: Record<string, { commands: string[] }>;
  artifacts: { files: string[] };
}

const buildspec = parse(readFileSync(join(projectDirectory, 'buildspec.yml'), 'utf8')) as Buildspec;

const REPOSITORY = 'ecs-codepipeline-practice/api';
const URI = `123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/${REPOSITORY}`;
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** What the build project and CodeBuild set. */
const PROJECT_VARIABLES = {
  AWS_DEFAULT_REGION: 'ap-northeast-2',
  AWS_ACCOUNT_ID: '123456789012',
  ECR_REPOSITORY_NAME: REPOSITORY,
  ECS_CLUSTER_NAME: 'ecs-codepipeline-practice-cluster',
  ECS_SERVICE_NAME: 'api-service',
  CONTAINER_NAME: 'api-container',
  CODEBUILD_RESOLVED_SOURCE_VERSION: COMMIT,
};

let machine: FakeMachine;
afterEach(() => machine.remove());

/**
 * One shell for all phases; a failed command ends its phase, and after a failed build phase only
 * post_build follows.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
 */
function buildScript(directory: string): string {
  const lines = ['CODEBUILD_BUILD_SUCCEEDING=1; export CODEBUILD_BUILD_SUCCEEDING'];
  for (const [phase, { commands }] of Object.entries(buildspec.phases)) {
    const files = commands.map((command, index) => {
      const file = join(directory, `${phase}-${index}.sh`);
      writeFileSync(file, `${command}\n`);
      return `. '${file}'`;
    });
    const runs =
      phase === 'post_build' ? '[ -z "$failed" ] || [ "$failed" = build ]' : '[ -z "$failed" ]';
    lines.push(
      `if ${runs}; then`,
      `  { ${files.join(' && ')}; } || { CODEBUILD_BUILD_SUCCEEDING=0; failed=\${failed:-${phase}}; }`,
      'fi',
    );
  }
  const exported = buildspec.env['exported-variables'].map((name) => `exported ${name}=$${name}`);
  return [...lines, `echo "failed phase: \${failed:-none}"`, `echo "${exported.join('\n')}"`].join(
    '\n',
  );
}

interface SetUp {
  cloud?: Partial<FakeCloud>;
  npm?: string;
  /** Runs the checks of apps/api/release, which have tests of their own */
  npx?: string;
  variables?: Record<string, string>;
}

/** Runs the buildspec's commands in an empty source directory; `build()` may be called again. */
function setUp({ cloud, npm = 'exit 0', npx = 'exit 0', variables }: SetUp = {}) {
  machine = new FakeMachine({
    repositories: {
      [REPOSITORY]: {
        repositoryUri: URI,
        imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        tags: {},
      },
    },
    ...cloud,
  });
  machine.install('npm', `echo "npm $*"\n${npm}`);
  machine.install('npx', `echo "npx $*"\n${npx}`);
  const source = join(machine.directory, 'src');
  const scripts = join(machine.directory, 'scripts');
  mkdirSync(source);
  mkdirSync(scripts);
  const imageDefinitions = join(source, 'imageDefinitions.json');
  return () => {
    const result = machine.run(['sh', '-c', buildScript(scripts)], source, {
      ...buildspec.env.variables,
      ...PROJECT_VARIABLES,
      ...variables,
    });
    return {
      ...result,
      failedPhase: /^failed phase: (.*)$/m.exec(result.stdout)?.[1],
      pushes: result.calls.filter((call) => call.startsWith('docker push')),
      imageDefinitions: existsSync(imageDefinitions)
        ? (JSON.parse(readFileSync(imageDefinitions, 'utf8')) as unknown)
        : undefined,
    };
  };
}

test('a build tests, pushes both tags and says which image the service should run', () => {
  const { failedPhase, stdout, stderr, calls, pushes, imageDefinitions } = setUp()();
  expect({ failedPhase, stderr }).toEqual({ failedPhase: 'none', stderr: '' });
  expect(stdout).toContain('npm test -- --selectProjects api cdk');
  expect(calls).toContain(
    `docker build --platform linux/arm64 --build-arg COMMIT=0123456 -f apps/api/Dockerfile -t ${URI}:0123456 -t ${URI}:latest .`,
  );
  expect(pushes).toEqual([`docker push ${URI}:latest`, `docker push ${URI}:0123456`]);
  expect(imageDefinitions).toEqual([{ name: 'api-container', imageUri: `${URI}:0123456` }]);
});

test('the image tag is exported for the actions that follow', () => {
  expect(setUp()().stdout).toContain('exported IMAGE_TAG=0123456');
});

test('the image is built for the architecture that the build project names', () => {
  const { calls } = setUp({ variables: { IMAGE_PLATFORM: 'linux/amd64' } })();
  expect(calls.find((call) => call.startsWith('docker build'))).toContain('--platform linux/amd64');
});

test('building the same commit again uses the image that is there', () => {
  const build = setUp();
  build();
  const again = build();
  expect(again.failedPhase).toBe('none');
  expect(again.stdout).toContain(`${URI}:0123456 was built before and is used again.`);
  expect(again.pushes).toEqual([]);
  expect(again.imageDefinitions).toEqual([{ name: 'api-container', imageUri: `${URI}:0123456` }]);
  expect(machine.cloud.builds).toBe(1);
});

test.each(['latest', '0123456'])('a push of %s that broke off is made good by a retry', (tag) => {
  const build = setUp({ cloud: { pushFails: [tag] } });
  const { failedPhase, imageDefinitions } = build();
  expect({ failedPhase, imageDefinitions }).toEqual({
    failedPhase: 'post_build',
    imageDefinitions: undefined,
  });
  machine.cloud = { ...machine.cloud, pushFails: [] };
  expect(build().failedPhase).toBe('none');
  expect(machine.cloud.repositories[REPOSITORY]!.tags).toEqual({ '0123456': 2, latest: 2 });
});

test('an image in which a scan finds a critical vulnerability is pushed and not released', () => {
  const { failedPhase, pushes, stdout, imageDefinitions } = setUp({
    npx: 'case "$*" in *check-image-scan*) exit 1;; esac',
  })();
  expect({ failedPhase, imageDefinitions }).toEqual({
    failedPhase: 'post_build',
    imageDefinitions: undefined,
  });
  expect(pushes).toHaveLength(2);
  expect(stdout).toContain(`check-image-scan.ts ${REPOSITORY} 0123456`);
});

describe('nothing is pushed, and no image definitions are written,', () => {
  test.each<[string, string, SetUp, string]>([
    ['when npm ci fails', 'install', { npm: '[ "$1" != ci ]' }, ''],
    ['when a test fails', 'pre_build', { npm: '[ "$1" != test ]' }, ''],
    [
      'when a dependency has a critical vulnerability',
      'pre_build',
      { npx: 'case "$*" in *check-dependencies*) exit 1;; esac' },
      '',
    ],
    [
      'when the registry gives no password',
      'pre_build',
      { cloud: { denied: ['ecr:get-login-password'] } },
      'is not authorized to perform: ecr:get-login-password',
    ],
    [
      'when the images cannot be looked up',
      'pre_build',
      { cloud: { denied: ['ecr:batch-get-image'] } },
      'is not authorized to perform: ecr:batch-get-image',
    ],
    [
      'when there is no commit id',
      'pre_build',
      { variables: { CODEBUILD_RESOLVED_SOURCE_VERSION: '' } },
      'CODEBUILD_RESOLVED_SOURCE_VERSION is empty',
    ],
    [
      'when the image is not built',
      'build',
      { cloud: { buildFails: true } },
      'The build failed, so nothing is pushed.',
    ],
  ])('%s', (_case, phase, options, message) => {
    const { failedPhase, pushes, imageDefinitions, stderr } = setUp(options)();
    expect({ failedPhase, pushes, imageDefinitions }).toEqual({
      failedPhase: phase,
      pushes: [],
      imageDefinitions: undefined,
    });
    expect(stderr).toContain(message);
  });
});

test('every command is one line, since of more lines only the last one could fail', () => {
  machine = new FakeMachine();
  const commands = Object.values(buildspec.phases).flatMap((phase) => phase.commands);
  expect(commands.length).toBeGreaterThan(10);
  for (const command of commands) expect(command).not.toContain('\n');
});
