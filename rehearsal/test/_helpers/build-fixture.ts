import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  type BuildDependencies,
  type BuildRequest,
  type BuildResult,
  runBuild,
} from '../../src/codebuild/build';
import { type BuildProject, readBuildProject } from '../../src/codebuild/project-definition';
import type { AwsEvent, RehearsalEvent } from '../../src/events';
import type { Caller } from '../../src/iam/authorizer';
import { ManualClock } from './manual-clock';
import { recordingEvents } from './recording-events';

/** A project as a template defines it, changed by `properties`. */
export function buildProject(properties: Readonly<Record<string, unknown>> = {}): BuildProject {
  return readBuildProject({
    stack: 'CicdStack',
    logicalId: 'BuildProject',
    type: 'AWS::CodeBuild::Project',
    physicalId: 'api-build',
    attributes: {},
    region: 'ap-northeast-2',
    account: '000000000000',
    properties: {
      Name: 'api-build',
      ServiceRole: 'arn:aws:iam::000000000000:role/build',
      TimeoutInMinutes: 30,
      Environment: {
        Type: 'ARM_CONTAINER',
        ComputeType: 'BUILD_GENERAL1_SMALL',
        Image: 'aws/codebuild/amazonlinux-aarch64-standard:3.0',
        PrivilegedMode: true,
      },
      Source: { Type: 'CODEPIPELINE' },
      Artifacts: { Type: 'CODEPIPELINE' },
      ...properties,
    },
  });
}

/** A place where builds run, with a fake session of stand-in programs. */
export class BuildFixture {
  readonly clock = new ManualClock();
  readonly stop = new AbortController();
  readonly recorded = recordingEvents();
  readonly callers: Caller[] = [];
  openSessions = 0;

  private constructor(readonly scratch: string) {}

  static async create(): Promise<BuildFixture> {
    return new BuildFixture(await realpath(await mkdtemp(join(tmpdir(), 'build-'))));
  }

  get deps(): BuildDependencies {
    return {
      clock: this.clock,
      events: this.recorded.stream,
      account: '000000000000',
      region: 'ap-northeast-2',
      openSession: (caller) => {
        this.callers.push(caller);
        this.openSessions += 1;
        const env = { PATH: process.env.PATH ?? '', STANDIN_TOKEN: 't' };
        return Promise.resolve({ env, close: () => (this.openSessions -= 1) });
      },
      variables: {
        parameter: (name) => Promise.resolve(`value-of-${name}`),
        secret: (id) => Promise.resolve(`secret-of-${id}`),
      },
      runDirectory: join(this.scratch, 'run'),
      cacheDirectory: join(this.scratch, 'cache'),
      hostEnvironment: { PATH: process.env.PATH },
      signal: this.stop.signal,
    };
  }

  /** Writes the files into a new source directory. */
  async source(files: Readonly<Record<string, string>>): Promise<string> {
    const directory = await mkdtemp(join(this.scratch, 'src-'));
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), content);
    }
    return directory;
  }

  async build(
    buildspec: string | undefined,
    request: Partial<BuildRequest> = {},
    deps: Partial<BuildDependencies> = {},
  ): Promise<BuildResult> {
    const files = buildspec === undefined ? {} : { 'buildspec.yml': buildspec };
    return runBuild(
      {
        project: buildProject(),
        sourceDirectory: await this.source(files),
        environmentOverrides: [],
        initiator: 'codepipeline/api',
        artifactDirectory: join(this.scratch, 'artifacts'),
        outputs: [],
        ...request,
      },
      { ...this.deps, ...deps },
    );
  }

  /** What the commands and the agent wrote, without the agent's times. */
  get log(): string[] {
    return this.recorded.events
      .filter((event) => event.kind === 'log')
      .map(({ message }) => message.replace(/^\[Container\] \S+ \S+ /, '[Container] '));
  }

  get awsEvents(): AwsEvent[] {
    return this.recorded.events.filter((event) => event.kind === 'aws');
  }

  /** Resolves when a command has written this line. */
  async logged(line: string): Promise<void> {
    while (!this.log.includes(line)) await setImmediate();
  }

  unproven(): string[] {
    const isUnproven = (event: RehearsalEvent) => event.kind === 'unproven';
    return this.recorded.events.filter(isUnproven).map(({ message }) => message);
  }

  async remove(): Promise<void> {
    await rm(this.scratch, { recursive: true, force: true });
  }
}
