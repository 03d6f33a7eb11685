import { createWriteStream, existsSync } from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { unzip, zipDirectory, zipFiles } from '../../src/archive/zip';

let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'archive-'));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

/** An archive as no honest program writes it. */
async function rawZip(
  entries: readonly { path: string; content: string; mode?: number }[],
): Promise<string> {
  const zip = new ZipFile();
  for (const { path, content, mode } of entries) {
    // yazl refuses unsafe names, so they are patched into the finished bytes.
    zip.addBuffer(Buffer.from(content), path.replaceAll('..', '__'), {
      mode: mode ?? 0o100644,
      compress: false,
    });
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  let bytes = Buffer.concat(chunks).toString('latin1');
  for (const { path } of entries) bytes = bytes.replaceAll(path.replaceAll('..', '__'), path);
  const file = join(scratch, 'raw.zip');
  await writeFile(file, bytes, 'latin1');
  return file;
}

const LINK = 0o120777;

describe('archives', () => {
  test('a directory comes back with its files, executable bits and links', async () => {
    const from = join(scratch, 'from');
    await mkdir(join(from, 'bin/deep'), { recursive: true });
    await writeFile(join(from, 'bin/run'), '#!/bin/sh\n');
    await chmod(join(from, 'bin/run'), 0o755);
    await writeFile(join(from, '.hidden'), 'dot files count');
    await writeFile(join(from, 'bin/deep/ünï.txt'), 'text');
    await symlink('bin/run', join(from, 'link'));
    await symlink('..', join(from, 'bin/loop'));

    await zipDirectory(`${from}/`, join(scratch, 'out/a.zip'));
    await unzip(join(scratch, 'out/a.zip'), join(scratch, 'to'));

    const to = join(scratch, 'to');
    expect((await readdir(join(to, 'bin'))).sort()).toEqual(['deep', 'loop', 'run']);
    expect((await stat(join(to, 'bin/run'))).mode & 0o777).toBe(0o755);
    expect((await stat(join(to, '.hidden'))).mode & 0o777).toBe(0o644);
    expect((await readdir(to)).sort()).toEqual(['.hidden', 'bin', 'link']);
    expect(await readlink(join(to, 'link'))).toBe('bin/run');
    expect(await readlink(join(to, 'bin/loop'))).toBe('..');
    expect(await readFile(join(to, 'bin/deep/ünï.txt'), 'utf8')).toBe('text');
  });

  test('files can be archived under other names', async () => {
    await writeFile(join(scratch, 'x.json'), '[]');
    const entries = [{ path: 'imageDefinitions.json', from: join(scratch, 'x.json') }];
    await zipFiles(entries, join(scratch, 'a.zip'));
    await unzip(join(scratch, 'a.zip'), join(scratch, 'to'));
    expect(await readFile(join(scratch, 'to/imageDefinitions.json'), 'utf8')).toBe('[]');
  });

  test('a file that cannot be read leaves no archive behind', async () => {
    const entries = [{ path: 'x', from: join(scratch, 'missing') }];
    await expect(zipFiles(entries, join(scratch, 'a.zip'))).rejects.toThrow('missing');
    expect(await readdir(scratch)).toEqual([]);
  });

  test.each(['../outside', 'a/../../outside'])("an entry named '%s' is refused", async (path) => {
    const zip = await rawZip([{ path, content: 'x' }]);
    await expect(unzip(zip, join(scratch, 'to'))).rejects.toMatchObject({
      code: 'ArchiveRefused',
      message: expect.stringContaining(path) as string,
    });
    expect(existsSync(join(scratch, 'outside'))).toBe(false);
  });

  test('an absolute name is refused', async () => {
    const zip = await rawZip([{ path: 'etcetera', content: 'x' }]);
    const bytes = await readFile(zip, 'latin1');
    await writeFile(zip, bytes.replaceAll('etcetera', '/tcetera'), 'latin1');
    await expect(unzip(zip, join(scratch, 'to'))).rejects.toMatchObject({
      code: 'ArchiveRefused',
    });
  });

  test.each([
    ['a link to the parent', [{ path: 'up', content: '..', mode: LINK }]],
    ['an absolute link', [{ path: 'etc', content: '/etc', mode: LINK }]],
    [
      'a link through another link',
      [
        { path: 'here', content: '.', mode: LINK },
        { path: 'up', content: 'here/..', mode: LINK },
      ],
    ],
  ])('%s is refused', async (_, entries) => {
    const zip = await rawZip([]);
    const archive = new ZipFile();
    for (const { path, content, mode } of entries) {
      archive.addBuffer(Buffer.from(content), path, { mode });
    }
    archive.end();
    await pipeline(archive.outputStream, createWriteStream(zip));
    await expect(unzip(zip, join(scratch, 'to'))).rejects.toMatchObject({
      code: 'ArchiveRefused',
      message: expect.stringMatching(/leads out of/) as string,
    });
  });

  test('an archive that unpacks to more than the limit is refused', async () => {
    await writeFile(join(scratch, 'zeros'), Buffer.alloc(100_000));
    await zipFiles([{ path: 'zeros', from: join(scratch, 'zeros') }], join(scratch, 'a.zip'));
    await expect(
      unzip(join(scratch, 'a.zip'), join(scratch, 'to'), { bytes: 99_999 }),
    ).rejects.toThrow('more than 99999 bytes');
    expect(existsSync(join(scratch, 'to/zeros'))).toBe(false);
  });

  test('an archive that unpacks to far more than its own size is refused', async () => {
    await writeFile(join(scratch, 'zeros'), Buffer.alloc(65 * 1024 ** 2));
    await zipFiles([{ path: 'zeros', from: join(scratch, 'zeros') }], join(scratch, 'a.zip'));
    await expect(unzip(join(scratch, 'a.zip'), join(scratch, 'to'))).rejects.toMatchObject({
      code: 'ArchiveRefused',
      message: expect.stringContaining('more than 200 times its own size') as string,
    });
    expect(existsSync(join(scratch, 'to/zeros'))).toBe(false);
  });

  test('an entry that is larger than it says is refused', async () => {
    const zip = await rawZip([{ path: 'a', content: 'x'.repeat(1000) }]);
    const bytes = await readFile(zip);
    const central = bytes.indexOf(Buffer.from('PK\u0001\u0002', 'latin1'));
    bytes.writeUInt32LE(10, central + 24);
    await writeFile(zip, bytes);
    await expect(unzip(zip, join(scratch, 'to'))).rejects.toMatchObject({ code: 'ArchiveRefused' });
  });

  test.each([
    ['a name that comes twice', 'a', 'a'],
    ['a name that comes twice in other words', 'd/a', './d/a'],
    ['a file that is a directory later', 'a', 'a/b'],
  ])('%s is refused', async (_, first, second) => {
    const zip = await rawZip([
      { path: first, content: 'one' },
      { path: second, content: 'two' },
    ]);
    await expect(unzip(zip, join(scratch, 'to'))).rejects.toMatchObject({ code: 'ArchiveRefused' });
  });

  test('a link and a file of the same name are refused', async () => {
    const zip = await rawZip([
      { path: 'a', content: 'b', mode: LINK },
      { path: 'a', content: 'through the link' },
    ]);
    await expect(unzip(zip, join(scratch, 'to'))).rejects.toMatchObject({ code: 'ArchiveRefused' });
  });

  test('neither setuid bits nor devices come out of an archive', async () => {
    const zip = await rawZip([
      { path: 'setuid', content: 'x', mode: 0o106755 },
      { path: 'device', content: 'x', mode: 0o020644 },
    ]);
    await unzip(zip, join(scratch, 'to'));
    expect((await stat(join(scratch, 'to/setuid'))).mode & 0o7777).toBe(0o755);
    expect((await stat(join(scratch, 'to/device'))).isFile()).toBe(true);
  });

  test.each(['a\\..\\b', 'a\u0000b', 'x'.repeat(300)])('the name %j is refused', async (path) => {
    const zip = await rawZip([{ path: 'y'.repeat(path.length), content: 'x' }]);
    const bytes = await readFile(zip, 'latin1');
    await writeFile(zip, bytes.replaceAll('y'.repeat(path.length), path), 'latin1');
    await expect(unzip(zip, join(scratch, 'to'))).rejects.toMatchObject({ code: 'ArchiveRefused' });
  });

  test('a file that is no archive is refused by name', async () => {
    await writeFile(join(scratch, 'a.zip'), 'not a zip');
    await expect(unzip(join(scratch, 'a.zip'), join(scratch, 'to'))).rejects.toMatchObject({
      code: 'ArchiveRefused',
      message: expect.stringContaining('a.zip') as string,
    });
  });
});
