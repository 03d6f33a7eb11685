import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import { ServiceException } from '../service-exception';

export interface SecretVersion {
  readonly versionId: string;
  readonly secretString: string;
  /** Milliseconds since the epoch */
  readonly createdAt: number;
  /** e.g. `AWSCURRENT` */
  stages: readonly string[];
}

export interface Secret {
  readonly name: string;
  /** Ends in a hyphen and six characters, as on AWS */
  readonly arn: string;
  readonly description?: string;
  readonly createdAt: number;
  /** Oldest first */
  readonly versions: readonly SecretVersion[];
}

/** The secrets of one account and region. */
export class SecretStore {
  private readonly secrets = new Map<string, Secret & { versions: SecretVersion[] }>();

  constructor(
    readonly account: string,
    readonly region: string,
    private readonly clock: Clock,
  ) {}

  /** ARN that a secret of this name has, whether it exists or not; an ARN stays as it is */
  secretArn(nameOrArn: string): string {
    if (nameOrArn.startsWith('arn:')) return this.find(nameOrArn)?.arn ?? nameOrArn;
    const suffix = createHash('sha256').update(nameOrArn).digest('hex').slice(0, 6);
    return `arn:aws:secretsmanager:${this.region}:${this.account}:secret:${nameOrArn}-${suffix}`;
  }

  /** By name, ARN, or ARN without its last six characters; undefined when there is none */
  find(secretId: string): Readonly<Secret> | undefined {
    return [...this.secrets.values()].find(
      ({ name, arn }) => name === secretId || arn === secretId || arn.slice(0, -7) === secretId,
    );
  }

  /**
   * @param arn when CloudFormation has named it already
   * @throws ServiceException `ResourceExistsException`, `ValidationException`
   */
  create(
    name: string,
    secretString?: string,
    description?: string,
    arn = this.secretArn(name),
  ): Secret {
    if (!/^[\w/+=.@!-]{1,512}$/.test(name)) {
      throw new ServiceException(
        'ValidationException',
        'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
      );
    }
    if (this.secrets.has(name)) {
      throw new ServiceException(
        'ResourceExistsException',
        `The operation failed because the secret ${name} already exists.`,
      );
    }
    const secret = {
      name,
      arn,
      ...(description !== undefined && { description }),
      createdAt: this.clock.now(),
      versions: [],
    };
    this.secrets.set(name, secret);
    if (secretString !== undefined) this.putValue(name, secretString);
    return secret;
  }

  /** A new version with the stage AWSCURRENT; the one that had it becomes AWSPREVIOUS */
  putValue(secretId: string, secretString: string): SecretVersion {
    const { name } = this.get(secretId);
    const versions = this.secrets.get(name)?.versions ?? [];
    for (const version of versions) {
      version.stages = version.stages.includes('AWSCURRENT') ? ['AWSPREVIOUS'] : [];
    }
    const version: SecretVersion = {
      versionId: randomUUID(),
      secretString,
      createdAt: this.clock.now(),
      stages: ['AWSCURRENT'],
    };
    versions.push(version);
    return version;
  }

  /** @throws ServiceException `ResourceNotFoundException` */
  get(secretId: string): Secret {
    const secret = this.find(secretId);
    if (secret !== undefined) return secret;
    throw notFound("Secrets Manager can't find the specified secret.");
  }

  /**
   * The version with a stage or an id.
   *
   * @param selection `stage` is AWSCURRENT unless given; `versionId` wins over it
   * @throws ServiceException `ResourceNotFoundException`
   */
  getValue(
    secretId: string,
    selection: { versionId?: string; stage?: string } = {},
  ): SecretVersion {
    const { versionId, stage = 'AWSCURRENT' } = selection;
    const { versions } = this.get(secretId);
    const version = versions.find((candidate) =>
      versionId === undefined
        ? candidate.stages.includes(stage)
        : candidate.versionId === versionId,
    );
    if (version !== undefined) return version;
    throw notFound(
      versionId === undefined
        ? `Secrets Manager can't find the specified secret value for staging label: ${stage}`
        : `Secrets Manager can't find the specified secret value for VersionId: ${versionId}`,
    );
  }

  /**
   * What `{{resolve:secretsmanager:…}}` and an environment variable of type SECRETS_MANAGER stand
   * for: the whole text, or one key of a secret that is a JSON object.
   *
   * @throws ServiceException `ResourceNotFoundException`, `InvalidParameterException`
   */
  resolve(secretId: string, jsonKey?: string, selection?: { versionId?: string; stage?: string }) {
    const { secretString } = this.getValue(secretId, selection);
    if (jsonKey === undefined || jsonKey === '') return secretString;
    const value = keyOf(secretString, jsonKey);
    if (typeof value === 'string') return value;
    throw new ServiceException(
      'InvalidParameterException',
      `Could not find a value associated with JSONKey '${jsonKey}' in SecretString of '${secretId}'`,
    );
  }
}

function keyOf(json: string, key: string): unknown {
  try {
    return (JSON.parse(json) as Record<string, unknown> | null)?.[key];
  } catch {
    return undefined;
  }
}

function notFound(message: string): ServiceException {
  return new ServiceException('ResourceNotFoundException', message);
}
