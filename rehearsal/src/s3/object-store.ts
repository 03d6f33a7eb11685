import { createHash, randomBytes } from 'node:crypto';
import { copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, isoTime } from '../clock';
import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { AwsEvent, EventStream } from '../events';
import { type BucketDefinition, isRecorded, readBuckets } from './bucket-definition';

/** One version of an object. */
export interface ObjectVersion {
  readonly versionId: string;
  /** MD5 of the content, as S3 has it for objects that were put in one piece */
  readonly etag: string;
  /** Bytes */
  readonly size: number;
  /** Where the content is on this machine */
  readonly path: string;
}

export interface ObjectStoreOptions {
  readonly directory: string;
  readonly account: string;
  readonly region: string;
  readonly clock: Clock;
  readonly events: EventStream;
  readonly resources: DeployedResources;
}

/** Objects that people put into buckets, each with its versions. */
export class ObjectStore {
  private readonly versions = new Map<string, ObjectVersion[]>();
  private readonly buckets: ReadonlyMap<string, BucketDefinition>;

  /** @throws RehearsalError `PropertyInvalid` */
  constructor(private readonly options: ObjectStoreOptions) {
    this.buckets = new Map(readBuckets(options.resources).map((bucket) => [bucket.name, bucket]));
  }

  /** Undefined for a bucket of no template. */
  bucket(name: string): BucketDefinition | undefined {
    return this.buckets.get(name);
  }

  /** Puts a file as the newest version of an object, and tells of it as the templates ask for. */
  async put(bucket: string, key: string, file: string): Promise<ObjectVersion> {
    const { directory } = this.options;
    await mkdir(directory, { recursive: true });
    const versionId = randomBytes(24).toString('base64url');
    const path = join(directory, versionId);
    await copyFile(file, path);
    const etag = createHash('md5')
      .update(await readFile(path))
      .digest('hex');
    const version = { versionId, etag, size: (await stat(path)).size, path };
    const name = `${bucket}/${key}`;
    this.versions.set(name, [...(this.versions.get(name) ?? []), version]);
    for (const event of this.eventsOf(bucket, key, version)) this.options.events.emit(event);
    return version;
  }

  /** @param versionId the newest version when undefined */
  find(bucket: string, key: string, versionId?: string): ObjectVersion | undefined {
    const versions = this.versions.get(`${bucket}/${key}`);
    return versionId === undefined
      ? versions?.at(-1)
      : versions?.find((version) => version.versionId === versionId);
  }

  private eventsOf(bucket: string, key: string, version: ObjectVersion): AwsEvent[] {
    const { account, region, clock, resources } = this.options;
    const common = { kind: 'aws', source: 'aws.s3', account, region } as const;
    const time = isoTime(clock.now());
    const bucketArn = `arn:aws:s3:::${bucket}`;
    const told = this.buckets.get(bucket)?.eventBridge === true;
    const recorded = isRecorded(resources.ofType('AWS::CloudTrail::Trail'), `${bucketArn}/${key}`);
    return [
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
      ...(told
        ? [
            {
              ...common,
              'detail-type': 'Object Created',
              time,
              resources: [bucketArn],
              detail: {
                version: '0',
                bucket: { name: bucket },
                object: {
                  key,
                  size: version.size,
                  etag: version.etag,
                  'version-id': version.versionId,
                },
                requester: account,
                reason: 'PutObject',
              },
            },
          ]
        : []),
      // https://docs.aws.amazon.com/codepipeline/latest/userguide/create-cloudtrail-S3-source.html
      ...(recorded
        ? [
            {
              ...common,
              'detail-type': 'AWS API Call via CloudTrail',
              time,
              resources: [],
              detail: {
                eventSource: 's3.amazonaws.com',
                eventName: 'PutObject',
                eventTime: time,
                awsRegion: region,
                requestParameters: { bucketName: bucket, key },
                responseElements: { 'x-amz-version-id': version.versionId },
                resources: [
                  { type: 'AWS::S3::Object', ARN: `${bucketArn}/${key}` },
                  { type: 'AWS::S3::Bucket', ARN: bucketArn, accountId: account },
                ],
              },
            },
          ]
        : []),
    ];
  }
}
