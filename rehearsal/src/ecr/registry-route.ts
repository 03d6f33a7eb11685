interface RepositoryRoute {
  readonly repositoryName: string;
  /** The IAM actions that ECR checks for the request */
  readonly actions: readonly string[];
}

export interface BlobRoute extends RepositoryRoute {
  readonly kind: 'blob';
  readonly digest: string;
}
export interface BeginUploadRoute extends RepositoryRoute {
  readonly kind: 'begin-upload';
}
export interface UploadRoute extends RepositoryRoute {
  readonly kind: 'append-upload' | 'finish-upload' | 'upload-status';
  readonly uploadId: string;
}
export interface ManifestRoute extends RepositoryRoute {
  readonly kind: 'put-manifest' | 'get-manifest';
  /** Tag or digest */
  readonly reference: string;
}
export interface ListTagsRoute extends RepositoryRoute {
  readonly kind: 'list-tags';
}

/** What a request to the registry asks for. */
export type RegistryRoute =
  | { readonly kind: 'check-version' }
  | BlobRoute
  | BeginUploadRoute
  | UploadRoute
  | ManifestRoute
  | ListTagsRoute;

/**
 * The route of a request, or undefined where the registry has nothing.
 * Routes: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints
 * Actions: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
 */
export function routeOf(method: string, path: string): RegistryRoute | undefined {
  if (/^\/v2\/?$/.test(path)) return { kind: 'check-version' };
  const reading = method === 'GET' || method === 'HEAD';
  const parts = /^\/v2\/(?<name>.+?)\/(?<what>blobs|manifests|tags)\/(?<rest>.*)$/.exec(
    path,
  )?.groups;
  const { name: repositoryName, what, rest } = parts ?? {};
  if (repositoryName === undefined || rest === undefined) return undefined;
  if (what === 'tags') {
    return reading && rest === 'list'
      ? { kind: 'list-tags', repositoryName, actions: ['ecr:ListImages'] }
      : undefined;
  }
  if (what === 'manifests') {
    if (reading) {
      return {
        kind: 'get-manifest',
        repositoryName,
        reference: rest,
        actions: ['ecr:BatchGetImage'],
      };
    }
    return method === 'PUT'
      ? { kind: 'put-manifest', repositoryName, reference: rest, actions: ['ecr:PutImage'] }
      : undefined;
  }
  if (!rest.startsWith('uploads')) {
    const action =
      method === 'HEAD' ? 'ecr:BatchCheckLayerAvailability' : 'ecr:GetDownloadUrlForLayer';
    return reading ? { kind: 'blob', repositoryName, digest: rest, actions: [action] } : undefined;
  }
  const uploadId = rest.slice('uploads/'.length);
  if (uploadId === '') {
    return method === 'POST'
      ? { kind: 'begin-upload', repositoryName, actions: ['ecr:InitiateLayerUpload'] }
      : undefined;
  }
  const upload = { repositoryName, uploadId };
  if (method === 'PATCH')
    return { kind: 'append-upload', ...upload, actions: ['ecr:UploadLayerPart'] };
  if (method === 'PUT') {
    return {
      kind: 'finish-upload',
      ...upload,
      actions: ['ecr:UploadLayerPart', 'ecr:CompleteLayerUpload'],
    };
  }
  return method === 'GET'
    ? { kind: 'upload-status', ...upload, actions: ['ecr:UploadLayerPart'] }
    : undefined;
}
