import { jest } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzip } from '../../src/archive/zip';
import type { Authorizer } from '../../src/iam/authorizer';
import { BuildFixture, buildProject } from '../_helpers/build-fixture';

// Real shells, on a machine that may be busy.
jest.setTimeout(60_000);

let fixture: BuildFixture;
beforeEach(async () => {
  fixture = await BuildFixture.create();
});
afterEach(() => fixture.remove());

const RELEASE = `
version: 0.2
env:
  variables: { GREETING: hello }
  exported-variables: [IMAGE_TAG]
phases:
  install:
    commands:
      - echo "$GREETING from $CODEBUILD_INITIATOR"
  pre_build:
    commands:
      - export IMAGE_TAG=$(echo $CODEBUILD_RESOLVED_SOURCE_VERSION | cut -c1-7)
      - cd packages
  build:
    commands:
      - pwd | sed "s,$CODEBUILD_SRC_DIR,SRC,"
  post_build:
    commands:
      - cd "$CODEBUILD_SRC_DIR"
      - printf '[{"tag":"%s"}]' "$IMAGE_TAG" > imageDefinitions.json
artifacts:
  files: [imageDefinitions.json, appspec.yml]
  discard-paths: yes
  secondary-artifacts:
    docs: { files: ['**/*.md'] }
`;

const failingIn = (phase: string) =>
  `
version: 0.2
phases:
  install: { commands: [echo installing] }
  pre_build: { commands: [echo testing] }
  build: { commands: [echo building] }
  post_build: { commands: ['echo "succeeding: $CODEBUILD_BUILD_SUCCEEDING"', 'touch out.txt'] }
artifacts: { files: [out.txt] }
`.replace(`  ${phase}: { commands: [`, `  ${phase}: { finally: [echo finally], commands: [false, `);

describe('a build', () => {
  test('goes through all phases in one shell and leaves artifacts and variables', async () => {
    const sourceDirectory = await fixture.source({
      'buildspec.yml': RELEASE,
      'packages/README.md': '# hi',
    });
    const result = await fixture.build(undefined, {
      sourceDirectory,
      resolvedSourceVersion: 'abc1234deadbeef',
      outputs: ['primary', 'docs'],
    });
    expect(result).toMatchObject({
      number: 1,
      status: 'SUCCEEDED',
      exportedVariables: { IMAGE_TAG: 'abc1234' },
    });
    expect(result).not.toHaveProperty('failure');
    expect(result.arn).toBe(`arn:aws:codebuild:ap-northeast-2:000000000000:build/${result.id}`);
    await unzip(result.artifacts.primary!, join(fixture.scratch, 'primary'));
    await unzip(result.artifacts.docs!, join(fixture.scratch, 'docs'));
    const imageDefinitions = join(fixture.scratch, 'primary/imageDefinitions.json');
    expect(await readFile(imageDefinitions, 'utf8')).toBe('[{"tag":"abc1234"}]');
    expect(await readdir(join(fixture.scratch, 'docs/packages'))).toEqual(['README.md']);
    expect(fixture.log).toEqual(
      expect.arrayContaining([
        'hello from codepipeline/api',
        'SRC/packages',
        '[Container] Entering phase PRE_BUILD',
        '[Container] Running command cd packages',
        '[Container] Phase complete: POST_BUILD State: SUCCEEDED',
        '[Container] Phase context status code:  Message: ',
        '[Container] Skipping invalid file path appspec.yml',
      ]),
    );
    expect(fixture.openSessions).toBe(0);
    expect(fixture.callers).toEqual([
      {
        kind: 'role',
        roleArn: 'arn:aws:iam::000000000000:role/build',
        sessionName: expect.stringMatching(/^AWSCodeBuild-/) as string,
      },
    ]);
    expect(existsSync(join(fixture.scratch, 'run/codebuild', result.id.split(':')[1]!))).toBe(
      false,
    );
  });

  test('is told on the event bus phase by phase', async () => {
    const first = await fixture.build(RELEASE.replace('- cd packages', '- true'));
    expect((await fixture.build(RELEASE)).number).toBe(2);
    const events = fixture.awsEvents.filter(({ resources }) => resources[0] === first.arn);
    expect(
      events.map((event) => [
        event['detail-type'],
        event.detail['completed-phase'] ?? event.detail['build-status'],
      ]),
    ).toEqual([
      ['CodeBuild Build State Change', 'IN_PROGRESS'],
      ...first.phases.map(({ phaseType }) => ['CodeBuild Build Phase Change', phaseType]),
      ['CodeBuild Build State Change', 'SUCCEEDED'],
    ]);
    expect(events.at(-1)?.detail).toMatchObject({
      'build-id': first.arn,
      'project-name': 'api-build',
      'current-phase': 'COMPLETED',
      'additional-information': {
        'build-complete': true,
        initiator: 'codepipeline/api',
        'build-start-time': 'Jan 1, 2026 12:00:00 AM',
        logs: { 'group-name': '/aws/codebuild/api-build' },
      },
    });
  });

  test('that fails in build still runs post_build, which can see it, and releases nothing', async () => {
    const result = await fixture.build(failingIn('build'), { outputs: ['primary'] });
    expect(result).toMatchObject({
      status: 'FAILED',
      artifacts: {},
      failure:
        'Build terminated with state: FAILED. Phase: BUILD, Code: COMMAND_EXECUTION_ERROR, ' +
        'Message: Error while executing command: false. Reason: exit status 1',
    });
    expect(fixture.log).toEqual(
      expect.arrayContaining([
        '[Container] Command did not exit successfully false exit status 1',
        'finally',
        '[Container] Phase complete: BUILD State: FAILED',
        'succeeding: 0',
        '[Container] Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED',
      ]),
    );
    expect(fixture.log).not.toContain('building');
  });

  test('that fails in pre_build builds and pushes nothing', async () => {
    const result = await fixture.build(failingIn('pre_build'));
    expect(result.phases.map(({ phaseType }) => phaseType)).toEqual([
      'SUBMITTED',
      'QUEUED',
      'PROVISIONING',
      'DOWNLOAD_SOURCE',
      'INSTALL',
      'PRE_BUILD',
      'FINALIZING',
    ]);
    expect(result.status).toBe('FAILED');
    expect(fixture.log).not.toContain('building');
  });

  test('whose artifacts are missing fails in UPLOAD_ARTIFACTS', async () => {
    const spec = 'version: 0.2\nphases: {build: {commands: [":"]}}\nartifacts: {files: [x]}\n';
    const result = await fixture.build(spec, { outputs: ['primary'] });
    expect(result.failure).toBe(
      'Build terminated with state: FAILED. Phase: UPLOAD_ARTIFACTS, Code: CLIENT_ERROR, ' +
        'Message: no matching artifact paths found',
    );
  });

  test.each([
    [undefined, 'YAML file does not exist'],
    [
      'version: 0.2\nphases:\n  build:\n    command: [x]\n',
      "unknown key 'phases.build.command' at line 4",
    ],
  ])('without a good buildspec fails in DOWNLOAD_SOURCE (%j)', async (buildspec, message) => {
    const result = await fixture.build(buildspec);
    expect(result.failure).toBe(
      `Build terminated with state: FAILED. Phase: DOWNLOAD_SOURCE, Code: YAML_FILE_ERROR, Message: ${message}`,
    );
  });

  test('that runs longer than its project allows is timed out, children and all', async () => {
    const running = fixture.build(
      'version: 0.2\nphases: {build: {commands: ["sleep 300 & echo started; wait"]}, post_build: {commands: [echo no]}}',
    );
    await fixture.logged('started');
    await fixture.clock.advance(30 * 60_000);
    const result = await running;
    expect(result.status).toBe('TIMED_OUT');
    expect(result.phases.slice(-2)).toMatchObject([
      { phaseType: 'BUILD', phaseStatus: 'TIMED_OUT', statusCode: 'BUILD_TIMED_OUT' },
      { phaseType: 'FINALIZING' },
    ]);
    expect(fixture.log).not.toContain('no');
  });

  test('can be stopped', async () => {
    const running = fixture.build(
      'version: 0.2\nphases: {build: {commands: ["echo started; sleep 300"]}}',
    );
    await fixture.logged('started');
    fixture.stop.abort();
    expect((await running).status).toBe('STOPPED');
    expect((await fixture.build(RELEASE)).status).toBe('STOPPED');
    expect(fixture.openSessions).toBe(0);
  });

  test('sees variables by precedence, and its log shows no secret', async () => {
    const variables = [
      { Name: 'A', Value: 'project' },
      { Name: 'TOKEN', Type: 'PARAMETER_STORE', Value: '/token' },
      { Name: 'PASSWORD', Type: 'SECRETS_MANAGER', Value: 'db' },
    ];
    const { environment } = buildProject();
    const result = await fixture.build(
      `
version: 0.2
env:
  variables: { A: buildspec, B: buildspec }
  exported-variables: [TOKEN]
phases: { build: { commands: ['echo "$A $B $C"', 'echo "$TOKEN $PASSWORD"', 'test "$TOKEN" = value-of-/token'] } }
`,
      {
        project: buildProject({
          Environment: {
            Type: environment.type,
            ComputeType: environment.computeType,
            Image: environment.image,
            PrivilegedMode: 'true',
            EnvironmentVariables: variables,
          },
        }),
        environmentOverrides: [{ name: 'C', type: 'PLAINTEXT', value: 'action' }],
      },
    );
    expect(result.status).toBe('SUCCEEDED');
    expect(fixture.log).toContain('project buildspec action');
    expect(fixture.log).toContain('*** ***');
    expect(result.exportedVariables).toEqual({});
  });

  test('sees nothing of the account of the person who rehearses', async () => {
    const hostEnvironment = {
      PATH: process.env.PATH,
      HOME: '/home/somebody',
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'wJalrEXAMPLE',
      AWS_PROFILE: 'production',
    };
    await fixture.build(
      'version: 0.2\nphases: {build: {commands: [env, "ls -A $HOME"]}}',
      {},
      { hostEnvironment },
    );
    const log = fixture.log.join('\n');
    expect(log).toMatch(/^AWS_REGION=ap-northeast-2$/m);
    expect(log).not.toMatch(/AKIAEXAMPLE|wJalrEXAMPLE|production|somebody/);
  });

  test('has no Docker daemon without privileged mode', async () => {
    const { environment } = buildProject();
    const result = await fixture.build(
      'version: 0.2\nphases: {build: {commands: [docker build .]}}',
      {
        project: buildProject({
          Environment: {
            Type: environment.type,
            ComputeType: environment.computeType,
            Image: environment.image,
          },
        }),
      },
    );
    expect(result.status).toBe('FAILED');
    expect(fixture.log).toContain(
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    );
  });

  test('does not begin when its role may not write the log', async () => {
    const authorizer: Authorizer = {
      authorize: ({ action, resource }) =>
        action === 'logs:CreateLogStream'
          ? { allowed: false, message: `no ${action} on ${resource}` }
          : { allowed: true },
    };
    const result = await fixture.build(RELEASE, {}, { authorizer });
    expect(result.failure).toMatch(
      /Phase: PROVISIONING, Code: ACCESS_DENIED, .*no logs:CreateLogStream on arn:aws:logs:ap-northeast-2:000000000000:log-group:\/aws\/codebuild\/api-build:log-stream:/,
    );
    expect(fixture.log).toEqual([]);
  });

  test('that a rehearsal cannot play is refused, and leaves nothing behind', async () => {
    await expect(
      fixture.build('version: 0.2\nenv: {shell: cmd.exe}\nphases: {build: {commands: [x]}}'),
    ).rejects.toMatchObject({ code: 'BuildspecNotPlayed' });
    expect(fixture.openSessions).toBe(0);
    expect(await readdir(join(fixture.scratch, 'run/codebuild'))).toEqual(['numbers']);
  });

  test('names what it leaves unproven', async () => {
    await fixture.build(
      `
version: 0.2
run-as: root
phases:
  install: { runtime-versions: { nodejs: 18 }, on-failure: RETRY-2 }
  build: { run-as: builder }
batch: { fast-fail: true }
proxy: { logs: yes }
`,
    );
    expect(fixture.unproven()).toEqual([
      expect.stringMatching(/^the build ran in a shell of this machine/),
      "'on-failure: RETRY-2' of the phase install is not played: a failed build fails at once",
      "the commands that 'builder' runs (run-as) ran as the person who rehearses, as all others did",
      "the buildspec's batch was not used: the action starts one build",
      "the buildspec's proxy was not used",
      `the build ran with nodejs ${process.versions.node} of this machine; CodeBuild would use nodejs 18`,
    ]);
  });

  test('in an image of its own installs no runtimes', async () => {
    const { environment } = buildProject();
    const project = buildProject({
      Environment: {
        Type: environment.type,
        ComputeType: environment.computeType,
        Image: 'public.ecr.aws/docker/library/node:22',
      },
    });
    const spec = 'version: 0.2\nphases: {install: {runtime-versions: {cobol: 1}}}';
    expect((await fixture.build(spec, { project })).status).toBe('SUCCEEDED');
    expect(fixture.log).toContain(
      '[Container] Skipping install of runtimes. Runtime version selection is not supported by this build image.',
    );
  });
});
