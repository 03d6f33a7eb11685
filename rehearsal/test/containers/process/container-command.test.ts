import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type CommandSpec,
  containerCommand,
} from '../../../src/containers/process/container-command';
import type { ImageConfig } from '../../../src/containers/process/local-images';
import { scratchDirectory } from '../../_helpers/scratch-directory';
import { writeProject } from '../_project';

const scratch = scratchDirectory();
const root = writeProject(join(scratch, 'root'), {
  'app/main.js': '',
  'app/bin/start': '#!/usr/bin/env node\n',
  'usr/local/bin/tool': '',
});
chmodSync(join(root, 'app/bin/start'), 0o755);
copyFileSync('/bin/sleep', join(root, 'app/bin/native'));

const config: ImageConfig = {
  environment: {},
  workingDirectory: '/app',
  user: '1000',
  entryPoint: undefined,
  command: ['node', 'main.js'],
  exposedPorts: [],
  labels: {},
  stopSignal: undefined,
  baseImage: 'node:22',
};
const PATH = `${dirname(process.execPath)}:/usr/bin:/bin`;

const command = (change: Partial<ImageConfig> = {}, spec: Partial<CommandSpec> = {}) =>
  containerCommand({ name: 'api', environment: {}, ...spec }, { ...config, ...change }, root, {
    PATH,
  });

it('runs the command of the image in its working directory, with the node on PATH', () => {
  expect(command()).toMatchObject({
    file: join(dirname(process.execPath), 'node'),
    args: ['main.js'],
    cwd: join(root, 'app'),
  });
});

it('adds the command to the entry point, and a new entry point drops the image command', () => {
  const entryPoint = ['node', '--enable-source-maps'];
  expect(command({ entryPoint, command: ['a.js'] }).args).toEqual(['--enable-source-maps', 'a.js']);
  expect(command({}, { entryPoint }).args).toEqual(['--enable-source-maps']);
  expect(command({ entryPoint }, { command: ['b.js'] }).args).toEqual([
    '--enable-source-maps',
    'b.js',
  ]);
});

it('finds absolute paths of the image where they really are, and no others', () => {
  const { args, env } = command(
    {
      environment: { PATH: '/usr/local/bin:/usr/bin', CONFIG: '/app/main.js', BASE: '/' },
      command: ['node', '/app/main.js', '--import=/app/main.js', '/etc/hosts'],
    },
    { environment: { URL: 'http://app/main.js' } },
  );
  expect(args).toEqual([
    join(root, 'app/main.js'),
    `--import=${join(root, 'app/main.js')}`,
    '/etc/hosts',
  ]);
  expect(env).toMatchObject({
    PATH: `${join(root, 'usr/local/bin')}:/usr/local/bin:/usr/bin`,
    CONFIG: join(root, 'app/main.js'),
    BASE: '/',
    URL: 'http://app/main.js',
  });
});

it('runs scripts of the image', () => {
  expect(command({ command: ['./bin/start'] }).file).toBe(join(root, 'app/bin/start'));
});

it.each([
  [['./bin/native'], 'only Node.js programs and scripts can be run'],
  [['no-such-program'], 'neither in its image'],
  [[], 'has no command: neither its task definition nor its Dockerfile sets CMD'],
])('refuses to run %j', (argv, message) => {
  expect(() => command({ command: argv })).toThrow(message);
});

it('refuses a shell script of this machine, which may hide another program as pyenv does', () => {
  const shims = join(scratch, 'shims');
  mkdirSync(shims, { recursive: true });
  writeFileSync(join(shims, 'python3'), '#!/usr/bin/env bash\nexec python "$@"\n', { mode: 0o755 });
  writeFileSync(join(shims, 'npm'), '#!/usr/bin/env node\n', { mode: 0o755 });
  const run = (program: string) => command({ command: [program], environment: { PATH: shims } });

  expect(() => run('python3')).toThrow("runs 'python3'; without Docker only Node.js programs");
  expect(run('npm').file).toBe(join(shims, 'npm'));
});
