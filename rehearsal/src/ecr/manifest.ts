import { z } from 'zod';

const DOCKER_IMAGE = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

const descriptor = z.object({
  mediaType: z.string().optional(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.int().nonnegative(),
  /** Layers that are fetched from elsewhere and never pushed */
  urls: z.array(z.string()).optional(),
});
const imageManifest = z.object({
  schemaVersion: z.literal(2),
  config: descriptor,
  layers: z.array(descriptor),
});
const imageIndex = z.object({ schemaVersion: z.literal(2), manifests: z.array(descriptor) });

/** What the registry needs to know of a pushed manifest. */
export interface ManifestFacts {
  readonly mediaType: string;
  /** Media type of the configuration; undefined for an index */
  readonly artifactMediaType?: string;
  /** Digests of blobs that must have been pushed before */
  readonly blobs: readonly string[];
  /** Digests of manifests that must have been pushed before (index only) */
  readonly manifests: readonly string[];
  /** Bytes of the layers */
  readonly size: number;
}

/**
 * Reads a manifest in one of the four formats of today.
 * https://github.com/opencontainers/image-spec/blob/main/manifest.md
 *
 * @param contentType header of the request; the document's own `mediaType` wins when it is absent
 * @returns the facts, or a sentence saying why it is no manifest that can be stored
 */
export function readManifest(
  text: string,
  contentType: string | undefined,
): ManifestFacts | { readonly problem: string } {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { problem: 'the manifest is not valid JSON' };
  }
  const declared = z.object({ mediaType: z.string() }).safeParse(document).data?.mediaType;
  const mediaType = contentType ?? declared ?? '';
  if (mediaType === DOCKER_IMAGE || mediaType === OCI_IMAGE) {
    const image = imageManifest.safeParse(document);
    if (!image.success) return { problem: z.prettifyError(image.error) };
    const { config, layers } = image.data;
    const stored = layers.filter(({ urls }) => urls === undefined || urls.length === 0);
    return {
      mediaType,
      ...(config.mediaType !== undefined && { artifactMediaType: config.mediaType }),
      blobs: [config, ...stored].map(({ digest }) => digest),
      manifests: [],
      size: layers.reduce((sum, { size }) => sum + size, 0),
    };
  }
  if (mediaType === DOCKER_LIST || mediaType === OCI_INDEX) {
    const index = imageIndex.safeParse(document);
    if (!index.success) return { problem: z.prettifyError(index.error) };
    const { manifests } = index.data;
    return {
      mediaType,
      blobs: [],
      manifests: manifests.map(({ digest }) => digest),
      size: manifests.reduce((sum, { size }) => sum + size, 0),
    };
  }
  return { problem: `manifest media type '${mediaType}' is not supported` };
}
