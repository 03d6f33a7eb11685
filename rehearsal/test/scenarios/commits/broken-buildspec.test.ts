import { parse } from 'yaml';
import { parseBuildspec } from '../../../src/codebuild/buildspec';
import {
  brokenBuildspecs,
  HANGING,
  hanging,
  onlyImageDefinitions,
  withCommandsFirst,
  withoutTests,
} from '../../../src/scenarios/commits/broken-buildspec';

const buildspec = `# What CodeBuild runs
version: 0.2
env:
  exported-variables: [IMAGE_TAG]
phases:
  install:
    commands:
      - npm ci --no-audit
  pre_build:
    commands:
      - npm test -- --selectProjects api
      - export IMAGE_TAG=1
  build:
    commands:
      - docker build -t api .
artifacts:
  base-directory: out
  files: [nested/images.json]
`;

const commands = (text: string) =>
  Object.fromEntries(
    Object.entries(parseBuildspec(text).phases).map(([name, phase]) => [name, phase.commands]),
  );

it('puts commands before those of a phase, and keeps the rest of the file', () => {
  const changed = withCommandsFirst(buildspec, 'pre_build', ['exit 1']);
  expect(commands(changed)['pre_build']?.[0]).toBe('exit 1');
  expect(changed).toContain('# What CodeBuild runs');
  expect(changed.replace('      - exit 1\n', '')).toBe(
    withCommandsFirst(buildspec, 'pre_build', []),
  );
});

it('takes the first phase there is when the wanted one is missing', () => {
  const short = 'version: 0.2\nphases:\n  build:\n    commands:\n      - make\n';
  expect(commands(withCommandsFirst(short, 'pre_build', ['exit 1']))).toEqual({
    build: ['exit 1', 'make'],
  });
});

it('hangs before anything else is done', () => {
  expect(commands(hanging(buildspec))['install']).toEqual([
    `echo '${HANGING}'`,
    'sleep 86400',
    'npm ci --no-audit',
  ]);
});

it('leaves tests out, and what was only installed for them', () => {
  expect(commands(withoutTests(buildspec))).toEqual({
    install: ['true'],
    pre_build: ['export IMAGE_TAG=1'],
    build: ['docker build -t api .'],
  });
});

it('leaves out what checks a release, and keeps what makes it', () => {
  const build = buildspec
    .replace('      - docker build', '      - npx tsx release/check-image.ts\n      - docker build')
    .replace('      - export', '      - npx tsx release/write-sbom.ts sbom.json\n      - export');
  expect(commands(build)['build']).toContain('npx tsx release/check-image.ts');
  expect(commands(withoutTests(build))).toEqual(commands(withoutTests(buildspec)));
});

it('installs what another command of the build needs', () => {
  const built = buildspec.replace('docker build', 'npm run build && docker build');
  expect(commands(withoutTests(built))['install']).toEqual(['npm ci --no-audit']);
});

it('writes other image definitions to where the artifacts section looks for them', () => {
  const spec = parseBuildspec(onlyImageDefinitions(buildspec, 'images.json', "[{it's}]"));
  expect(spec.phases).toEqual({
    build: expect.objectContaining({
      commands: ["mkdir -p 'out/nested'", `printf '%s' '[{it'\\''s}]' > 'out/nested/images.json'`],
    }) as unknown,
  });
  expect(spec.artifacts).toMatchObject({ files: ['nested/images.json'] });
});

it('breaks a buildspec in three ways, and CodeBuild takes none of them', () => {
  const [missing, ...others] = brokenBuildspecs('buildspec.yml', buildspec);
  expect(missing?.file).toEqual({ path: 'buildspec.yml', content: undefined });
  expect(others.map(({ problem }) => problem)).toEqual([
    'a buildspec that is no YAML',
    'a buildspec with an unknown phase',
  ]);
  const [noYaml, unknownPhase] = others.map(({ file }) => file.content ?? '');
  expect(() => parseBuildspec(noYaml!)).toThrow();
  expect(() => parseBuildspec(unknownPhase!)).toThrow('rehearse');
  expect(parse(unknownPhase!)).toMatchObject({ phases: { rehearse: { commands: ['true'] } } });
});

it('keeps the check that a scenario is about, and what it needs', () => {
  const checked = buildspec.replace(
    '- docker build',
    '- npx tsx release/check-image-scan.ts api\n      - docker build',
  );
  expect(commands(withoutTests(checked, /image-scan/))).toMatchObject({
    install: ['npm ci --no-audit'],
    build: ['npx tsx release/check-image-scan.ts api', 'docker build -t api .'],
  });
  expect(commands(withoutTests(checked))['build']).toEqual(['docker build -t api .']);
});
