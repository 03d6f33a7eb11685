import { jest } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseBuildArguments } from '../../../src/containers/build-arguments';
import { buildImage } from '../../../src/containers/process/build-image';
import { LocalImages } from '../../../src/containers/process/local-images';
import { childEnvironment } from '../../../src/process/child-environment';
import { ManualClock } from '../../_helpers/manual-clock';
import { scratchDirectory } from '../../_helpers/scratch-directory';
import { writeProject } from '../_project';

// Real processes on a machine that may be busy.
jest.setTimeout(60_000);

const scratch = scratchDirectory();

/** Builds beside a file that is none of the build's business. */
function build(dockerfile: string, prepare: (context: string) => void = () => undefined) {
  const directory = mkdtempSync(join(scratch, 'build-'));
  const context = writeProject(join(directory, 'context'), {
    Dockerfile: dockerfile,
    'a.txt': 'A',
  });
  writeFileSync(join(directory, 'secret.txt'), 'SECRET');
  prepare(context);
  return buildImage({
    request: parseBuildArguments(['.'], context, {}),
    images: new LocalImages(),
    directory: join(directory, 'stages'),
    environment: childEnvironment(process.env, directory),
    clock: new ManualClock(),
    output: () => undefined,
    unproven: () => undefined,
  });
}

test.each([
  'COPY ../secret.txt /secret.txt',
  'COPY /../secret.txt /secret.txt',
  'COPY x/../../secret.txt /secret.txt',
  'ADD ../secret.txt /secret.txt',
  'COPY ../* /',
])('%s finds nothing outside of the context', async (instruction) => {
  const image = await build(`FROM scratch\n${instruction}`).catch((error: unknown) => {
    expect((error as Error).message).toMatch(/not found|no files|outside/i);
    return undefined;
  });
  if (image !== undefined) expect(existsSync(join(image.root, 'secret.txt'))).toBe(false);
});

test.each(['COPY a.txt ../../../../escaped.txt', 'COPY a.txt /../../escaped.txt'])(
  '%s stays inside of the image',
  async (instruction) => {
    const image = await build(`FROM scratch\n${instruction}`);

    expect(existsSync(join(image.root, 'escaped.txt'))).toBe(true);
    expect(readdirSync(scratch)).not.toContain('escaped.txt');
  },
);

test('WORKDIR with .. stays inside of the image', async () => {
  const image = await build('FROM scratch\nWORKDIR ../../../up\nCOPY a.txt ./');

  expect(existsSync(join(image.root, 'up', 'a.txt'))).toBe(true);
});

test('a directory of the context that is a link to the outside brings nothing along', async () => {
  const linked = build('FROM scratch\nCOPY out/secret.txt /', (context) =>
    symlinkSync('..', join(context, 'out')),
  );

  await expect(linked).rejects.toThrow();
});

test.each([
  'FROM ../../../../etc',
  'FROM -rf',
  'FROM scratch; touch escaped.txt',
  'FROM $(touch escaped.txt)',
])('%s is refused, and no shell sees it', async (from) => {
  await expect(build(`${from}\nCOPY a.txt /`)).rejects.toThrow('is no image name');
  expect(readdirSync(process.cwd())).not.toContain('escaped.txt');
});
