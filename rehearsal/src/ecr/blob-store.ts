import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, type ReadStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Blob {
  readonly digest: string;
  /** Bytes */
  readonly size: number;
}

interface Upload {
  readonly repositoryName: string;
  readonly file: string;
  readonly hash: Hash;
  size: number;
}

export const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Layers and configurations on disk, once per digest, and uploads under way. */
export class BlobStore {
  private readonly uploads = new Map<string, Upload>();
  /** `<repository>@<digest>`: a blob is visible only where it was pushed, as in ECR */
  private readonly owned = new Set<string>();

  constructor(private readonly directory: string) {
    mkdirSync(join(directory, 'uploads'), { recursive: true });
    mkdirSync(join(directory, 'sha256'), { recursive: true });
  }

  /** @returns id of the upload */
  begin(repositoryName: string): string {
    const id = randomUUID();
    const file = join(this.directory, 'uploads', id);
    this.uploads.set(id, { repositoryName, file, hash: createHash('sha256'), size: 0 });
    return id;
  }

  /** Bytes received so far; undefined when there is no such upload */
  uploadedSize(repositoryName: string, id: string): number | undefined {
    return this.upload(repositoryName, id)?.size;
  }

  async append(repositoryName: string, id: string, chunk: Readable): Promise<void> {
    const upload = this.upload(repositoryName, id);
    if (upload === undefined) throw new Error(`no upload '${id}'`);
    const measure = async function* (source: AsyncIterable<Buffer>) {
      for await (const bytes of source) {
        upload.hash.update(bytes);
        upload.size += bytes.length;
        yield bytes;
      }
    };
    await pipeline(chunk, measure, createWriteStream(upload.file, { flags: 'a' }));
  }

  /** Ends an upload. @returns false, and forgets the upload, when the content has another digest */
  async finish(repositoryName: string, id: string, digest: string): Promise<boolean> {
    const upload = this.upload(repositoryName, id);
    if (upload === undefined) throw new Error(`no upload '${id}'`);
    this.uploads.delete(id);
    if (`sha256:${upload.hash.digest('hex')}` !== digest) {
      await rm(upload.file, { force: true });
      return false;
    }
    await rename(upload.file, this.fileOf(digest));
    this.owned.add(`${repositoryName}@${digest}`);
    return true;
  }

  async find(repositoryName: string, digest: string): Promise<Blob | undefined> {
    if (!this.has(repositoryName, digest)) return undefined;
    return { digest, size: (await stat(this.fileOf(digest))).size };
  }

  has(repositoryName: string, digest: string): boolean {
    return this.owned.has(`${repositoryName}@${digest}`);
  }

  read(digest: string): ReadStream {
    return createReadStream(this.fileOf(digest));
  }

  private upload(repositoryName: string, id: string): Upload | undefined {
    const upload = this.uploads.get(id);
    return upload?.repositoryName === repositoryName ? upload : undefined;
  }

  private fileOf(digest: string): string {
    return join(this.directory, digest.replace(':', '/'));
  }
}
