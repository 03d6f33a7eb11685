import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthorizationTokens } from '../../src/ecr/authorization-tokens';
import { BlobStore } from '../../src/ecr/blob-store';
import { ImageStore } from '../../src/ecr/image-store';
import { RegistryServer } from '../../src/ecr/registry-server';
import type { Caller } from '../../src/iam/authorizer';
import { ManualClock } from '../_helpers/manual-clock';
import { policyAuthorizer } from '../_helpers/policy-authorizer';
import { recordingEvents } from '../_helpers/recording-events';

const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const caller: Caller = {
  kind: 'role',
  roleArn: 'arn:aws:iam::000000000000:role/build',
  sessionName: 'one',
};
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function startRegistry(denied: readonly string[] = []) {
  const directory = mkdtempSync(join(tmpdir(), 'registry-'));
  const clock = new ManualClock();
  const images = new ImageStore('000000000000', 'ap-northeast-2', clock, recordingEvents().stream);
  const tokens = new AuthorizationTokens(clock);
  const authorizer = policyAuthorizer(denied);
  const blobs = new BlobStore(directory);
  const registry = await RegistryServer.start({ images, tokens, authorizer, blobs });
  cleanups.push(
    () => registry.close(),
    () => rmSync(directory, { recursive: true }),
  );
  images.createRepository('team/api', { imageTagMutability: 'IMMUTABLE' });
  const basic = (password: string) => `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`;
  const authorization = basic(tokens.issueToken(caller));
  const send = (method: string, path: string, init: RequestInit = {}) =>
    fetch(new URL(path, `http://${registry.host}`), {
      method,
      ...init,
      headers: { authorization, ...(init.headers as Record<string, string>) },
    });
  const pushBlob = async (content: string, repository = 'team/api') => {
    const begun = await send('POST', `/v2/${repository}/blobs/uploads/`);
    const location = begun.headers.get('location')!;
    return send('PUT', `${location}?digest=${digestOf(content)}`, { body: content });
  };
  const manifestOf = (layers: string[]) =>
    JSON.stringify({
      schemaVersion: 2,
      mediaType: DOCKER_MANIFEST,
      config: { mediaType: 'config', size: 2, digest: digestOf('{}') },
      layers: layers.map((layer) => ({ size: layer.length, digest: digestOf(layer) })),
    });
  const putManifest = (reference: string, body: string) =>
    send('PUT', `/v2/team/api/manifests/${reference}`, {
      body,
      headers: { 'content-type': DOCKER_MANIFEST },
    });
  const pushImage = async (tag: string, layer: string) => {
    await pushBlob('{}');
    await pushBlob(layer);
    return putManifest(tag, manifestOf([layer]));
  };
  return {
    registry,
    images,
    tokens,
    clock,
    authorizer,
    basic,
    send,
    pushBlob,
    manifestOf,
    putManifest,
    pushImage,
  };
}
const errorOf = async (response: Response) => ({
  status: response.status,
  ...((await response.json()) as { errors: { code: string; message: string }[] }).errors[0],
});

test('a client without a password is told how to log in', async () => {
  const { registry } = await startRegistry();
  const response = await fetch(`http://${registry.host}/v2/`);
  expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm=.*ecr\.amazonaws\.com/);
  expect(await errorOf(response)).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
});

test('a password works for twelve hours and then asks to log in again', async () => {
  const { clock, send } = await startRegistry();
  await clock.advance(12 * 60 * 60 * 1000 - 1);
  expect((await send('GET', '/v2/')).status).toBe(200);
  await clock.advance(1);
  expect(await errorOf(await send('GET', '/v2/'))).toEqual({
    status: 403,
    code: 'DENIED',
    message: 'Your authorization token has expired. Reauthenticate and try again.',
  });
});

test('a made-up password and another user are refused', async () => {
  const { basic, send, tokens } = await startRegistry();
  const asRoot = `Basic ${Buffer.from(`root:${tokens.issueToken(caller)}`).toString('base64')}`;
  for (const authorization of [basic('guess'), asRoot, 'Bearer x']) {
    expect((await send('GET', '/v2/', { headers: { authorization } })).status).toBe(401);
  }
});

test('a pushed image can be pulled by tag and by digest', async () => {
  const { send, pushImage, manifestOf, images } = await startRegistry();
  const pushed = await pushImage('abc1234', 'layer');
  const digest = pushed.headers.get('docker-content-digest')!;
  expect([pushed.status, digest]).toEqual([201, digestOf(manifestOf(['layer']))]);
  expect(images.findImage('team/api', 'abc1234')).toMatchObject({ digest, size: 5 });

  for (const reference of ['abc1234', digest]) {
    const manifest = await send('GET', `/v2/team/api/manifests/${reference}`);
    expect(await manifest.text()).toBe(manifestOf(['layer']));
    expect(manifest.headers.get('content-type')).toBe(DOCKER_MANIFEST);
  }
  const blob = await send('GET', `/v2/team/api/blobs/${digestOf('layer')}`);
  expect(await blob.text()).toBe('layer');
  const head = await send('HEAD', `/v2/team/api/blobs/${digestOf('layer')}`);
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '5']);
  const tags = await send('GET', '/v2/team/api/tags/list');
  expect(await tags.json()).toEqual({ name: 'team/api', tags: ['abc1234'] });
});

test('a blob may come in chunks, in order', async () => {
  const { send } = await startRegistry();
  const begun = await send('POST', '/v2/team/api/blobs/uploads/');
  const location = begun.headers.get('location')!;
  const patch = (body: string, range: string) =>
    send('PATCH', location, { body, headers: { 'content-range': range } });
  expect((await patch('hello ', '0-5')).headers.get('range')).toBe('0-5');
  expect(await errorOf(await patch('gap', '9-11'))).toMatchObject({ status: 416 });
  expect((await patch('world', '6-10')).headers.get('range')).toBe('0-10');
  const finished = await send('PUT', `${location}?digest=${digestOf('hello world')}`);
  expect(finished.status).toBe(201);
});

test('content that does not match its digest is refused and forgotten', async () => {
  const { send } = await startRegistry();
  const location = (await send('POST', '/v2/team/api/blobs/uploads/')).headers.get('location')!;
  const put = await send('PUT', `${location}?digest=${digestOf('other')}`, { body: 'content' });
  expect(await errorOf(put)).toMatchObject({ status: 400, code: 'DIGEST_INVALID' });
  expect((await send('GET', location)).status).toBe(404);
  expect((await send('HEAD', `/v2/team/api/blobs/${digestOf('other')}`)).status).toBe(404);
});

test('a layer of one repository is not visible in another', async () => {
  const { send, pushBlob, images } = await startRegistry();
  images.createRepository('team/web');
  await pushBlob('layer');
  expect((await send('HEAD', `/v2/team/web/blobs/${digestOf('layer')}`)).status).toBe(404);
  const mount = await send(
    'POST',
    `/v2/team/web/blobs/uploads/?mount=${digestOf('layer')}&from=team/api`,
  );
  expect(mount.status).toBe(202);
});

test('a manifest whose layers were not pushed is refused', async () => {
  const { putManifest, manifestOf } = await startRegistry();
  expect(await errorOf(await putManifest('abc1234', manifestOf(['nowhere'])))).toMatchObject({
    status: 400,
    code: 'MANIFEST_BLOB_UNKNOWN',
  });
});

test('an index is an image too, once the images it names are there', async () => {
  const { send, pushImage } = await startRegistry();
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const index = (digest: string) => ({
    body: JSON.stringify({ schemaVersion: 2, mediaType, manifests: [{ digest, size: 1 }] }),
    headers: { 'content-type': mediaType },
  });
  const path = '/v2/team/api/manifests/multi';
  expect((await send('PUT', path, index(digestOf('nowhere')))).status).toBe(400);
  const child = (await pushImage('abc1234', 'layer')).headers.get('docker-content-digest')!;
  expect((await send('PUT', path, index(child))).status).toBe(201);
});

test('pushing an immutable tag again fails with the text of ECR', async () => {
  const { pushImage } = await startRegistry();
  await pushImage('abc1234', 'layer');
  expect(await errorOf(await pushImage('abc1234', 'changed'))).toEqual({
    status: 400,
    code: 'TAG_INVALID',
    message:
      "The image tag 'abc1234' already exists in the 'team/api' repository and cannot be overwritten because the tag is immutable.",
  });
});

test('a repository that does not exist is named as ECR names it', async () => {
  const { send } = await startRegistry();
  expect(await errorOf(await send('POST', '/v2/team/web/blobs/uploads/'))).toEqual({
    status: 404,
    code: 'NAME_UNKNOWN',
    message:
      "The repository with name 'team/web' does not exist in the registry with id '000000000000'",
  });
});

test('a tag that was never pushed is an unknown manifest', async () => {
  const { send } = await startRegistry();
  expect(await errorOf(await send('GET', '/v2/team/api/manifests/nowhere'))).toEqual({
    status: 404,
    code: 'MANIFEST_UNKNOWN',
    message: 'Requested image not found',
  });
});

test('every request is checked as the caller who got the password', async () => {
  const { send, pushImage, authorizer } = await startRegistry();
  await pushImage('abc1234', 'layer');
  await send('HEAD', `/v2/team/api/blobs/${digestOf('layer')}`);
  await send('GET', `/v2/team/api/blobs/${digestOf('layer')}`);
  await send('GET', '/v2/team/api/manifests/abc1234');
  expect(new Set(authorizer.requests.map(({ action }) => action))).toEqual(
    new Set([
      'ecr:InitiateLayerUpload',
      'ecr:CompleteLayerUpload',
      'ecr:UploadLayerPart',
      'ecr:PutImage',
      'ecr:BatchCheckLayerAvailability',
      'ecr:GetDownloadUrlForLayer',
      'ecr:BatchGetImage',
    ]),
  );
  for (const request of authorizer.requests) {
    expect(request).toMatchObject({
      caller,
      resource: 'arn:aws:ecr:ap-northeast-2:000000000000:repository/team/api',
    });
  }
});

test('a role without ecr:PutImage is told so', async () => {
  const { pushImage } = await startRegistry(['ecr:PutImage']);
  expect(await errorOf(await pushImage('abc1234', 'layer'))).toMatchObject({
    status: 403,
    code: 'DENIED',
    message: expect.stringContaining('is not authorized to perform: ecr:PutImage on resource: arn'),
  });
});

test.each([
  ['no JSON', '{'],
  ['schema 1', JSON.stringify({ schemaVersion: 1 })],
])('a manifest that is %s is refused', async (_, body) => {
  const { putManifest } = await startRegistry();
  expect(await errorOf(await putManifest('abc1234', body))).toMatchObject({
    status: 400,
    code: 'MANIFEST_INVALID',
  });
});

test('a delete is not supported', async () => {
  const { send } = await startRegistry();
  expect((await send('DELETE', '/v2/team/api/manifests/abc1234')).status).toBe(405);
});
