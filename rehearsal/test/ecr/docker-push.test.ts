import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDocker } from '../../src/containers/find-docker';
import { BlobStore } from '../../src/ecr/blob-store';
import { RegistryServer } from '../../src/ecr/registry-server';
import { runCommand } from '../../src/process/run-command';
import { BUILD_ROLE, createAwsServices } from '../_helpers/aws-services';

const search = await findDocker(process.env);
const why = search.found ? '' : ` (skipped: ${search.reason})`;
/** A Docker engine that others use at the same time may be slow. */
const PATIENCE_MS = 60_000;

(search.found ? describe : describe.skip)(`the real docker program${why}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'docker-push-'));
  const services = createAwsServices(['ecr:CompleteLayerUpload']);
  const allowed = createAwsServices();
  const blobs = new BlobStore(join(directory, 'blobs'));
  let registry: RegistryServer;
  let name: string;

  const docker = (...args: string[]) => sh(`exec docker ${args.join(' ')}`);
  const sh = (script: string, input?: string) =>
    runCommand('/bin/sh', ['-c', script], {
      env: {
        PATH: process.env['PATH'] ?? '',
        DOCKER_CONFIG: directory,
        ...(search.found && search.docker.connection),
      },
      ...(input !== undefined && { input }),
    });
  const login = (host: string, password: string) =>
    sh(`docker login --username AWS --password-stdin ${host}`, password);
  const importImage = async (tag: string, content: string) => {
    writeFileSync(join(directory, 'content'), content);
    const result = await sh(`tar -c -C ${directory} content | docker import - ${tag}`);
    expect([result.exitCode, result.stderr]).toEqual([0, '']);
  };
  const imageNames = new Set<string>();

  beforeAll(async () => {
    registry = await RegistryServer.start({ ...allowed, blobs });
    allowed.images.createRepository('team/api', { imageTagMutability: 'IMMUTABLE' });
    name = `${registry.host}/team/api`;
  });
  afterAll(async () => {
    await docker('image', 'rm', '--force', ...imageNames);
    await registry.close();
    rmSync(directory, { recursive: true });
  }, PATIENCE_MS);

  test(
    'pushes, and pulls the same image by its digest',
    async () => {
      const tag = `${name}:abc1234`;
      imageNames.add(tag);
      await importImage(tag, 'first');
      expect(await login(registry.host, 'guess')).toMatchObject({ exitCode: 1 });
      const password = allowed.tokens.issueToken(BUILD_ROLE);
      expect((await login(registry.host, password)).stdout).toContain('Login Succeeded');

      const pushed = await docker('push', tag);
      expect([pushed.exitCode, pushed.stderr]).toEqual([0, '']);
      const image = allowed.images.findImage('team/api', 'abc1234')!;
      expect(pushed.stdout).toContain(`abc1234: digest: ${image.digest}`);
      expect(image.manifest?.artifactMediaType).toContain('image');

      await docker('image', 'rm', '--force', tag);
      imageNames.add(`${name}@${image.digest}`);
      expect(await docker('pull', `${name}@${image.digest}`)).toMatchObject({ exitCode: 0 });
      const actions = new Set(allowed.authorizer.requests.map(({ action }) => action));
      expect(actions).toContain('ecr:PutImage');
      expect(actions).toContain('ecr:GetDownloadUrlForLayer');
    },
    PATIENCE_MS,
  );

  test(
    'uploads no layer that another registry with the same layers has taken',
    async () => {
      const tag = `${name}:def5678`;
      imageNames.add(tag);
      await importImage(tag, 'shared');
      await login(registry.host, allowed.tokens.issueToken(BUILD_ROLE));
      expect(await docker('push', tag)).toMatchObject({ exitCode: 0 });
      const next = createAwsServices();
      next.images.createRepository('team/api');
      const other = await RegistryServer.start({ ...next, blobs });
      try {
        const again = `${other.host}/team/api:def5678`;
        imageNames.add(again);
        await docker('tag', tag, again);
        await login(other.host, next.tokens.issueToken(BUILD_ROLE));
        const pushed = await docker('push', again);
        expect(pushed).toMatchObject({ exitCode: 0 });
        expect(pushed.stdout).toContain('Layer already exists');
      } finally {
        await other.close();
      }
      const actions = next.authorizer.requests.map(({ action }) => action);
      expect(actions).toContain('ecr:BatchCheckLayerAvailability');
      expect(actions).not.toContain('ecr:UploadLayerPart');
      expect(next.images.findImage('team/api', 'def5678')).toBeDefined();
    },
    PATIENCE_MS,
  );

  test(
    'is refused when a tag is immutable and when the repository is missing',
    async () => {
      const changed = `${name}:abc1234`;
      imageNames.add(changed);
      await importImage(changed, 'second');
      const again = await docker('push', changed);
      expect([again.exitCode, again.stderr]).toEqual([
        1,
        "tag invalid: The image tag 'abc1234' already exists in the 'team/api' repository and cannot be overwritten because the tag is immutable.",
      ]);

      const elsewhere = `${registry.host}/team/web:abc1234`;
      imageNames.add(elsewhere);
      await docker('tag', changed, elsewhere);
      const missing = await docker('push', elsewhere);
      expect([missing.exitCode, missing.stderr]).toEqual([
        1,
        "name unknown: The repository with name 'team/web' does not exist in the registry with id '000000000000'",
      ]);
      const absent = await docker('pull', `${name}:nowhere`);
      expect(absent.stderr).toContain('manifest unknown: Requested image not found');
    },
    PATIENCE_MS,
  );

  test(
    'is refused with the text of IAM when the role may not push',
    async () => {
      const strict = await RegistryServer.start({
        ...services,
        blobs: new BlobStore(join(directory, 'strict')),
      });
      try {
        services.images.createRepository('team/api');
        const tag = `${strict.host}/team/api:abc1234`;
        imageNames.add(tag);
        await importImage(tag, 'third');
        await login(strict.host, services.tokens.issueToken(BUILD_ROLE));
        const pushed = await docker('push', tag);
        expect([pushed.exitCode, pushed.stderr]).toEqual([
          1,
          expect.stringMatching(
            /^denied: User: .* is not authorized to perform: ecr:CompleteLayerUpload/,
          ),
        ]);
      } finally {
        await strict.close();
      }
    },
    PATIENCE_MS,
  );
});
