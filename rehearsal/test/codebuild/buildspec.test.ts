import { type Buildspec, parseBuildspec } from '../../src/codebuild/buildspec';

const phases = 'phases:\n  build:\n    commands:\n      - make\n';

function failure(text: string): Error & { code?: string } {
  try {
    parseBuildspec(text);
  } catch (error) {
    return error as Error;
  }
  throw new Error('the buildspec was accepted');
}

describe('a buildspec', () => {
  test('is read with every key of version 0.2', () => {
    const spec: Buildspec = parseBuildspec(`
version: 0.2
env:
  shell: bash
  variables:
    PORT: 3000
    NULLISH: null
  parameter-store:
    TOKEN: /app/token
  secrets-manager:
    PASSWORD: 'app:password::'
  exported-variables: [IMAGE_TAG]
  git-credential-helper: no
phases:
  install:
    runtime-versions:
      nodejs: 22
    commands:
      - npm ci
      - true
    finally:
      - echo done
  pre_build:
    on-failure: ABORT
    commands:
  post_build: &last
    commands:
      - |
        one
        two
reports:
  unit:
    files: ['**/*']
artifacts:
  files:
    - imageDefinitions.json
  discard-paths: yes
  secondary-artifacts:
    other:
      files: [b]
      base-directory: dist
cache:
  paths:
    - /root/.npm/**/*
`);
    expect(spec.env).toMatchObject({ shell: 'bash', variables: { PORT: '3000', NULLISH: 'null' } });
    expect(spec.phases.install).toMatchObject({
      'runtime-versions': { nodejs: '22' },
      commands: ['npm ci', 'true'],
      finally: ['echo done'],
    });
    expect(spec.phases.pre_build).toMatchObject({ commands: [], 'on-failure': 'ABORT' });
    expect(spec.phases.post_build?.commands).toEqual(['one\ntwo\n']);
    expect(spec.phases.build).toBeUndefined();
    expect(spec.artifacts).toMatchObject({
      files: ['imageDefinitions.json'],
      'discard-paths': true,
    });
    expect(spec.artifacts?.['secondary-artifacts']).toMatchObject({ other: { files: ['b'] } });
    expect(spec.cache?.paths).toEqual(['/root/.npm/**/*']);
  });

  test('may be JSON, as CDK writes it into a template', () => {
    const text = JSON.stringify({
      version: '0.2',
      phases: { build: { commands: ['echo "a: b" \t$HOME\n'] } },
    });
    expect(parseBuildspec(text).phases.build?.commands).toEqual(['echo "a: b" \t$HOME\n']);
  });

  test.each([
    [`version: 0.2\nphases:\n\tbuild:\n`, /at line 3$/],
    [`version: 0.2\nphases:\n  build:\n    commands:\n      - a: b: c\n`, /at line 5$/],
    [
      `version: 0.2\nphases:\n  build:\n    commands:\n      - make\n      - echo FATAL: no\n`,
      'Expected Commands[1] to be of string type: found subkeys instead at line 6',
    ],
    [
      `version: 0.2\nphases:\n  deploy:\n    commands: [x]\n`,
      "unknown key 'phases.deploy' at line 3",
    ],
    [`version: 0.2\n${phases}artefacts:\n  files: [x]\n`, /unknown key 'artefacts' at line \d/],
    [`version: 0.3\n${phases}`, /version: expected 0\.2.* at line 1/],
    [`version: 0.1\n${phases}env: {}\n`, /unknown key 'env' in version 0\.1 at line \d/],
    [
      `version: 0.2\n${phases}environment_variables: {}\n`,
      /unknown key 'environment_variables' in version 0\.2 at line \d/,
    ],
    [phases, /version: expected 0\.2/],
    [`version: 0.2\n`, /^phases: /],
    [
      `version: 0.2\n${phases}artifacts:\n  files: [a]\n  discard-paths: maybe\n`,
      /expected yes or no at line 8$/,
    ],
    ['just text', 'expected a mapping with version and phases at line 1'],
    ['', 'expected a mapping with version and phases at line 1'],
  ])('%j is a YAML_FILE_ERROR that says where', (text, message) => {
    const error = failure(text);
    expect(error.name).toBe('BuildspecError');
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
  });

  test('aliases that multiply are refused before they fill the memory', () => {
    const level = (n: number) =>
      `l${n}: &l${n} [${Array(9)
        .fill(`*l${n - 1}`)
        .join(', ')}]\n`;
    const bomb = `version: 0.2\nl0: &l0 [x]\n${[1, 2, 3, 4, 5, 6, 7, 8].map(level).join('')}`;
    expect(failure(bomb).message).toBe('aliases are resolved more than 100 times');
  });

  test.each([
    ['env.shell: powershell.exe', `version: 0.2\nenv:\n  shell: powershell.exe\n${phases}`],
  ])('%s is refused by name: CodeBuild knows it, a rehearsal does not', (key, text) => {
    const error = failure(text);
    expect(error.code).toBe('BuildspecNotPlayed');
    expect(error.message).toContain(`'${key}'`);
  });
});

test('one text stands for a list of one', () => {
  const spec = parseBuildspec(
    'version: 0.2\nphases:\n  build:\n    commands: make image\nartifacts:\n  files: imagedefinitions.json\n',
  );

  expect(spec.phases.build?.commands).toEqual(['make image']);
  expect(spec.artifacts?.files).toEqual(['imagedefinitions.json']);
});
