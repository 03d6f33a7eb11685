import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type BlobStore, DIGEST } from './blob-store';
import type { ImageStore } from './image-store';
import { readManifest } from './manifest';
import { RegistryError } from './registry-error';
import type { BlobRoute, ManifestRoute, RegistryRoute, UploadRoute } from './registry-route';

/** As ECR: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

type RepositoryRoute = Exclude<RegistryRoute, { kind: 'check-version' }>;

/** Answers requests for a repository that exists, from a caller who may make them. */
export class RegistryAnswers {
  constructor(
    private readonly images: ImageStore,
    private readonly blobs: BlobStore,
  ) {}

  /** @throws RegistryError, ServiceException for every answer other than success */
  async answer(
    route: RepositoryRoute,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    switch (route.kind) {
      case 'blob':
        return this.sendBlob(route, request, response);
      case 'begin-upload':
        // Always a fresh upload, also where the client asks to mount from another repository.
        return this.sendUpload(202, route, this.blobs.begin(route.repositoryName), response);
      case 'append-upload':
        await this.append(route, request);
        return this.sendUpload(202, route, route.uploadId, response);
      case 'upload-status':
        this.sizeOf(route);
        return this.sendUpload(204, route, route.uploadId, response);
      case 'finish-upload':
        return this.finish(route, request, response);
      case 'put-manifest':
        return this.putManifest(route, request, response);
      case 'get-manifest':
        return this.sendManifest(route, request, response);
      case 'list-tags': {
        const tags = this.images.listImages(route.repositoryName).flatMap((image) => image.tags);
        return send(response, 200, {}, JSON.stringify({ name: route.repositoryName, tags }));
      }
    }
  }

  private async sendBlob(route: BlobRoute, request: IncomingMessage, response: ServerResponse) {
    const blob = await this.blobs.find(route.repositoryName, route.digest);
    if (blob === undefined) {
      throw new RegistryError(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
    }
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': blob.size,
      'docker-content-digest': blob.digest,
    });
    if (request.method === 'HEAD') response.end();
    else await pipeline(this.blobs.read(blob.digest), response);
  }

  private sendUpload(
    status: number,
    { repositoryName }: { repositoryName: string },
    id: string,
    response: ServerResponse,
  ): void {
    const size = this.blobs.uploadedSize(repositoryName, id) ?? 0;
    send(response, status, {
      location: `/v2/${repositoryName}/blobs/uploads/${id}`,
      'docker-upload-uuid': id,
      range: `0-${Math.max(0, size - 1)}`,
    });
  }

  private sizeOf({ repositoryName, uploadId }: UploadRoute) {
    const size = this.blobs.uploadedSize(repositoryName, uploadId);
    if (size !== undefined) return size;
    throw new RegistryError(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
  }

  private async append(route: UploadRoute, request: IncomingMessage): Promise<void> {
    const size = this.sizeOf(route);
    const start = /^(?:bytes[ =])?(\d+)-/.exec(request.headers['content-range'] ?? '')?.[1];
    if (start !== undefined && Number(start) !== size) {
      throw new RegistryError(416, 'BLOB_UPLOAD_INVALID', `the upload has ${size} bytes so far`);
    }
    await this.blobs.append(route.repositoryName, route.uploadId, request);
  }

  private async finish(
    route: UploadRoute,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const digest = new URL(request.url ?? '/', 'http://registry').searchParams.get('digest') ?? '';
    if (!DIGEST.test(digest)) {
      throw new RegistryError(400, 'DIGEST_INVALID', `'${digest}' is not a sha256 digest`);
    }
    await this.append(route, request);
    if (!(await this.blobs.finish(route.repositoryName, route.uploadId, digest))) {
      throw new RegistryError(
        400,
        'DIGEST_INVALID',
        'provided digest did not match uploaded content',
      );
    }
    send(response, 201, {
      location: `/v2/${route.repositoryName}/blobs/${digest}`,
      'docker-content-digest': digest,
    });
  }

  private async putManifest(
    { repositoryName, reference }: ManifestRoute,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const text = await readText(request, MAX_MANIFEST_BYTES);
    const facts = readManifest(text, request.headers['content-type']);
    if ('problem' in facts) throw new RegistryError(400, 'MANIFEST_INVALID', facts.problem);
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    const byDigest = reference.includes(':');
    if (byDigest && reference !== digest) {
      throw new RegistryError(400, 'DIGEST_INVALID', `the manifest's digest is ${digest}`);
    }
    const missing =
      facts.blobs.find((blob) => !this.blobs.has(repositoryName, blob)) ??
      facts.manifests.find((child) => this.images.findImage(repositoryName, child) === undefined);
    if (missing !== undefined) {
      throw new RegistryError(400, 'MANIFEST_BLOB_UNKNOWN', `'${missing}' was not pushed before`);
    }
    const { mediaType, artifactMediaType, size } = facts;
    this.images.putImage({
      repositoryName,
      digest,
      tags: byDigest ? [] : [reference],
      size,
      manifest: { mediaType, text, ...(artifactMediaType !== undefined && { artifactMediaType }) },
    });
    send(response, 201, {
      location: `/v2/${repositoryName}/manifests/${digest}`,
      'docker-content-digest': digest,
    });
  }

  private sendManifest(
    { repositoryName, reference }: ManifestRoute,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const image = this.images.findImage(repositoryName, reference);
    if (image?.manifest === undefined) {
      throw new RegistryError(404, 'MANIFEST_UNKNOWN', 'Requested image not found');
    }
    const { mediaType, text } = image.manifest;
    const headers = { 'content-type': mediaType, 'docker-content-digest': image.digest };
    send(response, 200, headers, text, request.method === 'HEAD');
  }
}

/** Sends a whole answer; `headersOnly` for HEAD. */
export function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body = '',
  headersOnly = false,
): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
  response.end(headersOnly ? undefined : body);
}

async function readText(request: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new RegistryError(413, 'SIZE_INVALID', `more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
