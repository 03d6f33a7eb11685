import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { normalImageName } from '../image-reference';
import { readFileTree } from './file-tree';

/** What an image says about running it. https://github.com/opencontainers/image-spec/blob/main/config.md */
export interface ImageConfig {
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly user: string | undefined;
  readonly entryPoint: readonly string[] | undefined;
  readonly command: readonly string[] | undefined;
  readonly exposedPorts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal: string | undefined;
  /** The image that the Dockerfile starts from and this machine stands in for; undefined for scratch */
  readonly baseImage: string | undefined;
}

/** An image of the process engine: a directory and a configuration. */
export interface LocalImage {
  /** `sha256:…` of configuration and files: the same content has the same id */
  readonly id: string;
  /** Its root file system */
  readonly root: string;
  readonly config: ImageConfig;
  /** Bytes of all files */
  readonly size: number;
  /** Milliseconds since the epoch */
  readonly createdAt: number;
}

/** The images of this machine, as `docker images` lists them. */
export class LocalImages {
  private readonly byId = new Map<string, LocalImage>();
  private readonly names = new Map<string, string>();

  /** Keeps an image and points `tags` at it; an image with the same content is kept once. */
  add(image: LocalImage, tags: readonly string[]): LocalImage {
    const kept = this.byId.get(image.id) ?? image;
    this.byId.set(kept.id, kept);
    for (const tag of tags) this.tag(tag, kept);
    return kept;
  }

  tag(name: string, image: LocalImage): void {
    this.names.set(normalImageName(name), image.id);
  }

  untag(name: string): boolean {
    return this.names.delete(normalImageName(name));
  }

  /** By name, or by id in full or at least its first 6 digits */
  find(nameOrId: string): LocalImage | undefined {
    const named = this.byId.get(this.names.get(normalImageName(nameOrId)) ?? '');
    if (named !== undefined) return named;
    const digits = nameOrId.replace(/^sha256:/, '');
    if (!/^[0-9a-f]{6,64}$/.test(digits)) return undefined;
    return [...this.byId.values()].find(({ id }) => id.startsWith(`sha256:${digits}`));
  }

  namesOf(image: LocalImage): string[] {
    return [...this.names].filter(([, id]) => id === image.id).map(([name]) => name);
  }

  list(): { readonly name: string; readonly image: LocalImage }[] {
    return [...this.names].flatMap(([name, id]) => {
      const image = this.byId.get(id);
      return image === undefined ? [] : [{ name, image }];
    });
  }
}

/** Identity and size of an image. File times do not count, as two builds never share them. */
export function digestOf(root: string, config: ImageConfig): { id: string; size: number } {
  const hash = createHash('sha256').update(JSON.stringify(config));
  let size = 0;
  for (const { path } of readFileTree(root).entries) {
    const file = join(root, path);
    const status = lstatSync(file);
    hash.update(`\0${path}\0${status.mode.toString(8)}\0`);
    if (status.isSymbolicLink()) hash.update(readlinkSync(file));
    if (!status.isFile()) continue;
    hash.update(readFileSync(file));
    size += status.size;
  }
  return { id: `sha256:${hash.digest('hex')}`, size };
}
