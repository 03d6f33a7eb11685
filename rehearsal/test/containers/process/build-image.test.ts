import { jest } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parseBuildArguments } from '../../../src/containers/build-arguments';
import { buildImage } from '../../../src/containers/process/build-image';
import { type LocalImage, LocalImages } from '../../../src/containers/process/local-images';
import { childEnvironment } from '../../../src/process/child-environment';
import { ManualClock } from '../../_helpers/manual-clock';
import { scratchDirectory } from '../../_helpers/scratch-directory';
import { type Project, writeProject } from '../_project';

// Real processes on a machine that may be busy.
jest.setTimeout(60_000);

const scratch = scratchDirectory();
let output: string[];
let unproven: string[];

async function build(
  dockerfile: string,
  files: Project = {},
  argv: readonly string[] = [],
  images = new LocalImages(),
): Promise<LocalImage> {
  const directory = mkdtempSync(join(scratch, 'build-'));
  const context = writeProject(join(directory, 'context'), { Dockerfile: dockerfile, ...files });
  output = [];
  unproven = [];
  return buildImage({
    request: parseBuildArguments([...argv, '.'], context, {}),
    images,
    directory: join(directory, 'stages'),
    environment: childEnvironment(process.env, directory),
    clock: new ManualClock(),
    output: (line) => output.push(line),
    unproven: (sentence) => unproven.push(sentence),
  });
}

const content = ({ root }: LocalImage, path: string) => readFileSync(join(root, path), 'utf8');

describe('COPY', () => {
  const files = { 'a.txt': 'A', 'b.txt': 'B', 'src/one.js': '1', 'src/deep/two.js': '2' };

  it('copies a file to a name, into a directory, and beside others', async () => {
    const image = await build(
      'FROM scratch\nWORKDIR /app\nCOPY a.txt c.txt\nCOPY a.txt ./\nCOPY *.txt /all/',
      files,
    );
    expect(content(image, 'app/c.txt')).toBe('A');
    expect(content(image, 'app/a.txt')).toBe('A');
    expect(readdirSync(join(image.root, 'all'))).toEqual(['a.txt', 'b.txt']);
  });

  it('copies the contents of a directory, and keeps links as they are', async () => {
    const image = await build(
      'FROM scratch\nCOPY src /app\nCOPY --chmod=750 src/one.js /bin/',
      files,
    );
    expect(content(image, 'app/deep/two.js')).toBe('2');
    expect(statSync(join(image.root, 'bin/one.js')).mode & 0o777).toBe(0o750);
  });

  it('takes from another stage by name and by number', async () => {
    const image = await build(
      'FROM scratch AS Files\nCOPY a.txt /x/\nFROM scratch\nCOPY --from=files /x/a.txt /1\nCOPY --from=0 /x /2',
      files,
    );
    expect(content(image, '1')).toBe('A');
    expect(content(image, '2/a.txt')).toBe('A');
  });

  it.each([
    ['COPY missing.txt /', 'Dockerfile:2: "/missing.txt": not found'],
    ['COPY a.txt b.txt /dir', 'the destination must be a directory and end with a /'],
    ['COPY a.txt', 'requires at least two arguments'],
    ['COPY --parents a.txt /', 'Dockerfile:2: COPY --parents=true cannot be played without Docker'],
    ['COPY --from=nginx:1 /a /b', 'COPY --from=nginx:1, which is no stage above it'],
    ['ADD https://example.com/x /x', 'ADD https://example.com/x (a download or an archive'],
    ['ADD x.tar.gz /x', 'a download or an archive to unpack'],
    ['COPY <<EOF /x\nhello\nEOF', 'a here-document cannot be played'],
  ])('refuses with the line number: %s', async (instruction, message) => {
    await expect(build(`FROM scratch\n${instruction}`, files)).rejects.toThrow(message);
  });

  it('never follows a link of the image to the outside', async () => {
    const images = new LocalImages();
    const base = await build('FROM scratch\nCOPY a.txt /a.txt', files);
    symlinkSync(scratch, join(base.root, 'out'));
    images.add(base, ['base:1']);
    await expect(
      build('FROM base:1\nCOPY a.txt /out/escaped.txt', files, [], images),
    ).rejects.toThrow("'/out' is a link that leads out of the image");
    expect(readdirSync(scratch)).not.toContain('escaped.txt');
  });
});

describe('variables', () => {
  it('come from ARG, its default, --build-arg, and ENV before all', async () => {
    const image = await build(
      [
        'ARG VERSION=22',
        'FROM scratch',
        'ARG VERSION',
        'ARG COMMIT=none',
        'ARG OTHER=${COMMIT}-x',
        'ENV COMMIT_OF=$COMMIT V=$VERSION OTHER=$OTHER',
        'ARG V=arg-loses',
        'LABEL v=$V',
      ].join('\n'),
      {},
      ['--build-arg', 'COMMIT=abc', '--build-arg=UNUSED=1'],
    );
    expect(image.config.environment).toEqual({ COMMIT_OF: 'abc', V: '22', OTHER: 'abc-x' });
    expect(image.config.labels).toEqual({ v: '22' });
    expect(output).toContain('[Warning] One or more build-args [UNUSED] were not consumed');
  });

  it('reach RUN steps, which see the PATH of this machine', async () => {
    const image = await build(
      'FROM node:22\nARG A=1\nENV B=2\nWORKDIR /app\nRUN node -p "process.env.A + process.env.B" > out.txt',
    );
    expect(content(image, 'app/out.txt')).toBe('12\n');
    expect(unproven).toEqual([expect.stringContaining('The base image node:22 was not used')]);
  });
});

describe('RUN', () => {
  it('runs shell and exec form in the working directory, with its output', async () => {
    const image = await build(
      'FROM node:22\nWORKDIR /app\nRUN echo hello && echo x > x\nRUN ["cp", "x", "y"]\nRUN --mount=type=cache,target=/root/.npm echo cached',
    );
    expect(output).toEqual(expect.arrayContaining(['hello', 'cached']));
    expect(content(image, 'app/y')).toBe('x\n');
  });

  it('fails with the line, the command and the exit code', async () => {
    await expect(build('FROM node:22\n\nRUN echo no >&2; exit 7')).rejects.toThrow(
      'Dockerfile:3: process "/bin/sh -c echo no >&2; exit 7" did not complete successfully: exit code: 7',
    );
    expect(output).toContain('no');
  });

  it.each([
    ['RUN apt-get update', "Dockerfile:2: a RUN step with 'apt-get', which would change this"],
    ['RUN rm -rf /app', "a RUN step with the absolute path '/app'"],
    ['RUN --mount=type=secret,id=x cat x', 'RUN --mount=type=secret,id=x cannot be played'],
    ['RUN <<EOF\necho\nEOF', 'a here-document cannot be played'],
    ['ONBUILD RUN echo', 'the instruction ONBUILD cannot be played'],
  ])('refuses before it runs: %s', async (instruction, message) => {
    await expect(build(`FROM node:22\n${instruction}`)).rejects.toThrow(message);
  });
});

describe('an image', () => {
  it('says how it is run', async () => {
    const { config } = await build(
      'FROM node:22\nWORKDIR /srv\nWORKDIR app\nUSER 1000\nEXPOSE 3000 9000/udp\nSTOPSIGNAL SIGQUIT\nHEALTHCHECK CMD true\nENTRYPOINT ["node"]\nCMD main.js "$X"',
    );
    expect(config).toMatchObject({
      workingDirectory: '/srv/app',
      user: '1000',
      exposedPorts: ['3000', '9000/udp'],
      stopSignal: 'SIGQUIT',
      entryPoint: ['node'],
      command: ['/bin/sh', '-c', 'main.js "$X"'],
    });
  });

  it('is the target stage, and stages that it does not need are not built', async () => {
    const dockerfile =
      'FROM node:22 AS a\nCMD ["a"]\nFROM node:22 AS broken\nRUN exit 1\nFROM a AS c\nENV C=1';
    expect((await build(dockerfile)).config).toMatchObject({
      command: ['a'],
      environment: { C: '1' },
    });
    expect((await build(dockerfile, {}, ['--target', 'a'])).config.environment).toEqual({});
    await expect(build(dockerfile, {}, ['--target', 'd'])).rejects.toThrow(
      "target stage 'd' could not be found in Dockerfile; its stages are: a, broken, c",
    );
  });
});
