import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { recordReleaseCommands } from '../lib/record-release-action';

const PARAMETER = '/ecs-codepipeline-practice/api/image-tag';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'record-release-'));
  // Stands in for the AWS CLI: writes down one argument a line, or fails like it.
  writeFileSync(
    join(directory, 'aws'),
    '#!/bin/sh\nprintf "%s\\n" "$@" > called\nexit "${AWS_EXIT:-0}"\n',
  );
  chmodSync(join(directory, 'aws'), 0o755);
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Runs the command as the action does, beside the artifact's files. */
function record(imageDefinitions: string | undefined, env: Record<string, string> = {}) {
  if (imageDefinitions !== undefined) {
    writeFileSync(join(directory, 'imageDefinitions.json'), imageDefinitions);
  }
  const { status } = spawnSync('sh', ['-c', recordReleaseCommands(PARAMETER).join('\n')], {
    cwd: directory,
    env: { PATH: `${directory}${delimiter}${process.env['PATH'] ?? ''}`, ...env },
  });
  const called = join(directory, 'called');
  return {
    status,
    call: existsSync(called) ? readFileSync(called, 'utf8').trim().split('\n') : undefined,
  };
}

const REPOSITORY =
  '111122223333.dkr.ecr.ap-northeast-2.amazonaws.com/ecs-codepipeline-practice/api';

test.each([
  ['as printf writes it', `[{"name":"api-container","imageUri":"${REPOSITORY}:1a2b3c4"}]`],
  [
    'indented',
    `[\n  {\n    "name": "api-container",\n    "imageUri": "${REPOSITORY}:1a2b3c4"\n  }\n]\n`,
  ],
  ['with a registry that has a port', '[{"name":"a","imageUri":"localhost:5000/api:1a2b3c4"}]'],
])('the tag of an image definitions file %s is recorded', (_, file) => {
  expect(record(file)).toEqual({
    status: 0,
    call: [
      'ssm',
      'put-parameter',
      '--name',
      PARAMETER,
      '--type',
      'String',
      '--overwrite',
      '--value',
      '1a2b3c4',
    ],
  });
});

test.each([
  ['is missing', undefined],
  ['is empty', ''],
  ['names no image', '[{"name":"api-container"}]'],
  ['names an image without a tag', '[{"name":"a","imageUri":"localhost:5000/api"}]'],
])('nothing is recorded and the action fails when the file %s', (_, file) => {
  const { status, call } = record(file);
  expect(status).not.toBe(0);
  expect(call).toBeUndefined();
});

test('the action fails when the parameter cannot be written', () => {
  const file = `[{"name":"api-container","imageUri":"${REPOSITORY}:1a2b3c4"}]`;
  expect(record(file, { AWS_EXIT: '254' }).status).toBe(254);
});

test('the command is one line, as the action demands', () => {
  for (const command of recordReleaseCommands(PARAMETER)) {
    expect(command).not.toContain('\n');
    expect(command.length).toBeLessThanOrEqual(1000);
  }
});
