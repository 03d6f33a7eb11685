import type { Evaluation } from './evaluation';

/** Values that exist outside the templates at the moment of the deploy. */
export interface DeployLookups {
  /** A Systems Manager parameter, decrypted; the newest version when none is named. Undefined: none */
  ssmParameter(name: string, version?: number): string | undefined;
  /**
   * The secret's text, `AWSCURRENT` when no version is named. `secretId` is a name or an ARN,
   * `jsonKey` what will be read of the text
   */
  secretString(
    secretId: string,
    version: { readonly stage?: string; readonly id?: string },
    jsonKey?: string,
  ): string | undefined;
}

/**
 * The value with every `{{resolve:…}}` in its texts replaced. Intrinsics come first, so references
 * that Fn::Join put together are seen as well.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
 */
export function resolveDynamicReferences(
  value: unknown,
  lookups: DeployLookups,
  at: Evaluation,
): unknown {
  if (typeof value === 'string') {
    return value.replace(
      /\{\{resolve:([^:{}]+):([^{}]*)\}\}/g,
      (_, service: string, rest: string) => resolve(service, rest, lookups, at),
    );
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => resolveDynamicReferences(item, lookups, at.at(index)));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      resolveDynamicReferences(item, lookups, at.at(key)),
    ]),
  );
}

function resolve(service: string, rest: string, lookups: DeployLookups, at: Evaluation): string {
  switch (service) {
    case 'ssm':
    case 'ssm-secure': {
      const [, name = rest, version] = /^(.*?)(?::(\d+))?$/.exec(rest) ?? [];
      const value = lookups.ssmParameter(name, version === undefined ? undefined : Number(version));
      return (
        value ??
        at.fail(
          `Parameters: [${rest}] cannot be found. Systems Manager has no such parameter: create it before the deploy`,
        )
      );
    }
    case 'secretsmanager':
      return secretValue(rest, lookups, at);
    default:
      return at.fail(
        `'{{resolve:${service}:…}}' is not a dynamic reference; the services are ssm, ssm-secure and secretsmanager`,
      );
  }
}

/** `secret-id:SecretString:json-key:version-stage:version-id`, all but the first optional. */
function secretValue(rest: string, lookups: DeployLookups, at: Evaluation): string {
  const match = /^(arn:(?:[^:]*:){5}[^:]*|[^:]*)(?::(.*))?$/.exec(rest);
  const [, secretId = rest, details = ''] = match ?? [];
  const [kind = '', key = '', stage = '', id = ''] = details.split(':');
  if (kind !== '' && kind !== 'SecretString') {
    return at.fail(`a secret's only part is 'SecretString', got '${kind}'`);
  }
  const version = { ...(stage !== '' && { stage }), ...(id !== '' && { id }) };
  const secret = lookups.secretString(secretId, version, key);
  if (secret === undefined) {
    return at.fail(
      `Secrets Manager can't find the specified secret. It is '${secretId}': create it before the deploy`,
    );
  }
  return key === '' ? secret : jsonValue(secret, key, secretId, at);
}

function jsonValue(secret: string, key: string, secretId: string, at: Evaluation): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(secret);
  } catch {
    return at.fail(
      `Could not parse SecretString JSON of secret '${secretId}', which is asked for the key '${key}'`,
    );
  }
  const value =
    typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, key)
      ? (parsed as Record<string, unknown>)[key]
      : undefined;
  if (value === undefined) {
    return at.fail(
      `Could not find a value associated with JSONKey in SecretString: secret '${secretId}' has no key '${key}'`,
    );
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
