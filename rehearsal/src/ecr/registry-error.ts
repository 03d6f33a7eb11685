import { ServiceException } from '../service-exception';

/**
 * An answer other than success, in the registry protocol's own form.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
 */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** ECR's exceptions as the registry protocol shows them to `docker`. */
const PROTOCOL_CODES: Readonly<Record<string, { status: number; code: string }>> = {
  RepositoryNotFoundException: { status: 404, code: 'NAME_UNKNOWN' },
  ImageTagAlreadyExistsException: { status: 400, code: 'TAG_INVALID' },
};

/** The protocol's error for anything thrown while a request is answered; undefined for a defect. */
export function registryErrorOf(error: unknown): RegistryError | undefined {
  if (error instanceof RegistryError) return error;
  if (!(error instanceof ServiceException)) return undefined;
  const { status, code } = PROTOCOL_CODES[error.code] ?? { status: 400, code: 'UNSUPPORTED' };
  return new RegistryError(status, code, error.message);
}
