import { createHash } from 'node:crypto';

/** A resource that is about to get its physical id: intrinsics in its properties are evaluated. */
export interface NewResource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly account: string;
  readonly region: string;
}

/**
 * Names, ids and ARNs as AWS would give them to a resource. What AWS draws at random is drawn from
 * a hash of the resource's place, so that two rehearsals of the same templates agree.
 */
export class ResourceNamer {
  readonly partition: string;

  constructor(readonly resource: NewResource) {
    this.partition = partitionOf(resource.region);
  }

  /** A property, when it is a text. */
  text(property: string): string | undefined {
    const value = this.resource.properties[property];
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  list(property: string): readonly string[] {
    const value = this.resource.properties[property];
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** The name that the template gives, or one that CloudFormation would make up. */
  name(property: string, maxLength = 255): string {
    return this.text(property) ?? this.generatedName(maxLength);
  }

  /** `<stack>-<logicalId>-<13 characters>`, both parts cut where the service wants a short name. */
  generatedName(maxLength = 255): string {
    const { stack, logicalId } = this.resource;
    const unique = this.random(13, '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'name');
    const room = maxLength - unique.length - 2;
    const forStack = Math.max(
      Math.min(stack.length, Math.floor(room / 2)),
      room - logicalId.length,
    );
    return `${stack.slice(0, forStack)}-${logicalId.slice(0, room - Math.min(stack.length, forStack))}-${unique}`;
  }

  /** e.g. `vpc-0a1b2c3d4e5f60718` */
  id(prefix: string): string {
    return `${prefix}-0${this.hex(16)}`;
  }

  hex(length: number, purpose = 'id'): string {
    return this.random(length, '0123456789abcdef', purpose);
  }

  digits(length: number, purpose = 'digits'): string {
    return this.random(length, '123456789', purpose);
  }

  letters(length: number, purpose = 'letters'): string {
    return this.random(length, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', purpose);
  }

  uuid(): string {
    const hex = this.hex(32, 'uuid');
    return [
      [0, 8],
      [8, 12],
      [12, 16],
      [16, 20],
      [20, 32],
    ]
      .map(([start, end]) => hex.slice(start, end))
      .join('-');
  }

  /** In the stack's region and account. */
  arn(service: string, resource: string): string {
    const { region, account } = this.resource;
    return `arn:${this.partition}:${service}:${region}:${account}:${resource}`;
  }

  /** For services without regions, e.g. IAM. */
  globalArn(service: string, resource: string): string {
    return `arn:${this.partition}:${service}::${this.resource.account}:${resource}`;
  }

  private random(length: number, alphabet: string, purpose: string): string {
    const { account, region, stack, logicalId } = this.resource;
    const seed = [account, region, stack, logicalId, purpose].join('\n');
    const bytes = createHash('sha512').update(seed).digest();
    return [...bytes.subarray(0, length)].map((byte) => alphabet[byte % alphabet.length]).join('');
  }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** Host suffix of the partition's endpoints, which templates see as AWS::URLSuffix. */
export function urlSuffixOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}
