import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectDirectory = fileURLToPath(new URL('../../..', import.meta.url));
const fixtures = fileURLToPath(new URL('fixtures', import.meta.url));

/** What deploy.sh and buildspec.yml may use besides aws and docker; nothing else is on PATH. */
const PROGRAMS = ['sh', 'git', 'node', 'dirname', 'mktemp', 'rm', 'grep', 'cat'];

export interface FakeRepository {
  repositoryUri: string;
  imageTagMutability: string;
  scan?: string;
  lifecyclePolicy?: unknown;
  /** Tag to the number of the build that it holds. */
  tags: Record<string, number>;
}

export interface FakeCloud {
  account: string;
  cliVersion: string;
  credentials: boolean;
  configuredRegion: string;
  regions: string[];
  /** Calls that are not permitted, such as `ssm:get-parameter`. */
  denied: string[];
  repositories: Record<string, FakeRepository>;
  parameters: Record<string, string>;
  dockerAnswers: boolean;
  buildFails: boolean;
  /** Tags that cannot be pushed. */
  pushFails: string[];
  builds: number;
  local: string[];
}

/**
 * A machine with a fake `aws` and a fake `docker`, an empty home, and an account behind it whose
 * state lives in a file, so that one run finds what the run before has left.
 */
export class FakeMachine {
  readonly directory = mkdtempSync(join(tmpdir(), 'fake-machine-'));
  readonly #bin = join(this.directory, 'bin');
  readonly #state = join(this.directory, 'cloud.json');
  readonly #calls = join(this.directory, 'calls.jsonl');

  constructor(cloud: Partial<FakeCloud> = {}) {
    mkdirSync(this.#bin);
    for (const program of PROGRAMS) symlinkSync(locate(program), join(this.#bin, program));
    for (const program of ['aws', 'docker']) {
      this.install(program, `exec node '${join(fixtures, program)}.mjs' "$@"`);
    }
    this.cloud = {
      account: '123456789012',
      cliVersion: '2.27.57',
      credentials: true,
      configuredRegion: '',
      regions: ['ap-northeast-2', 'eu-west-1'],
      denied: [],
      repositories: {},
      parameters: {},
      dockerAnswers: true,
      buildFails: false,
      pushFails: [],
      builds: 0,
      local: [],
      ...cloud,
    };
  }

  get cloud(): FakeCloud {
    return JSON.parse(readFileSync(this.#state, 'utf8')) as FakeCloud;
  }

  set cloud(cloud: FakeCloud) {
    writeFileSync(this.#state, JSON.stringify(cloud));
  }

  install(program: string, script: string): void {
    const file = join(this.#bin, program);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }

  uninstall(program: string): void {
    rmSync(join(this.#bin, program));
  }

  /** Runs a program of this machine to its end; no variable comes from outside. */
  run(argv: readonly [string, ...string[]], cwd: string, env: Record<string, string> = {}) {
    const [program, ...args] = argv;
    rmSync(this.#calls, { force: true });
    const { status, stdout, stderr } = spawnSync(join(this.#bin, program), args, {
      cwd,
      encoding: 'utf8',
      env: {
        PATH: this.#bin,
        HOME: this.directory,
        TMPDIR: this.directory,
        GIT_CONFIG_NOSYSTEM: '1',
        FAKE_CLOUD: this.#state,
        FAKE_CALLS: this.#calls,
        ...env,
      },
    });
    return { status, stdout, stderr, calls: this.#readCalls() };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** The calls of `aws` and `docker`, each as it would be typed. */
  #readCalls(): string[] {
    if (!existsSync(this.#calls)) return [];
    return readFileSync(this.#calls, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as string[]).join(' '));
  }
}

function locate(program: string): string {
  if (program === 'node') return process.execPath;
  for (const directory of (process.env['PATH'] ?? '').split(':')) {
    const file = resolve(directory, program);
    if (existsSync(file)) return file;
  }
  throw new Error(`${program} is not on PATH`);
}
