import { messageOf } from '../errors';
import type { Caller } from '../iam/authorizer';
import { ServiceException } from '../service-exception';
import type { BuildVariable } from './project-definition';

/** Looks values up as the build's role. A refusal is an Error with the service's own text. */
export interface VariableSources {
  /** The value of a Parameter Store parameter, decrypted */
  parameter(name: string, caller: Caller): Promise<string>;
  /** The SecretString of a secret, by name or ARN */
  secret(
    secretId: string,
    version: { readonly stage?: string; readonly id?: string },
    caller: Caller,
  ): Promise<string>;
}

/** A variable's value cannot be found; `statusCode` is the phase context's. */
export class VariableError extends Error {
  override readonly name = 'VariableError';

  constructor(
    readonly statusCode: string,
    message: string,
  ) {
    super(message);
  }
}

/** The value of a variable, looked up where its type says. @throws VariableError */
export async function variableValue(
  { name, type, value }: BuildVariable,
  sources: VariableSources,
  caller: Caller,
): Promise<string> {
  if (type === 'PLAINTEXT') return value;
  try {
    if (type === 'PARAMETER_STORE') return await sources.parameter(value, caller);
    const { secretId, jsonKey, ...version } = secretReference(value);
    const secret = await sources.secret(secretId, version, caller);
    return jsonKey === undefined ? secret : secretField(secret, jsonKey, name);
  } catch (error) {
    const statusCode =
      type === 'PARAMETER_STORE' ? 'Decrypted Variables Error' : 'Secrets Manager Error';
    const code = error instanceof ServiceException ? `${error.code}: ` : '';
    throw new VariableError(statusCode, code + messageOf(error));
  }
}

interface SecretReference {
  readonly secretId: string;
  readonly jsonKey?: string;
  readonly stage?: string;
  readonly id?: string;
}

/** `secret-id:json-key:version-stage:version-id`, where the secret id may be an ARN. */
function secretReference(value: string): SecretReference {
  const parts = value.split(':');
  // arn:aws:secretsmanager:region:account:secret:name
  const idParts = value.startsWith('arn:') ? 7 : 1;
  const [jsonKey, stage, id] = parts.slice(idParts);
  return {
    secretId: parts.slice(0, idParts).join(':'),
    ...(jsonKey && { jsonKey }),
    ...(stage && { stage }),
    ...(id && { id }),
  };
}

function secretField(secret: string, key: string, variable: string): string {
  let fields: unknown;
  try {
    fields = JSON.parse(secret);
  } catch {
    throw new Error(`the secret for '${variable}' is no JSON object, so it has no key '${key}'`);
  }
  const value = (fields as Record<string, unknown> | null)?.[key];
  if (value === undefined) {
    throw new Error(`the secret for '${variable}' has no JSON key '${key}'`);
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
