import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeployedResource } from '../../src/cloudformation/deployed-resource';
import { DeployedStacks } from '../../src/cloudformation/deployed-stacks';
import type { AwsEvent } from '../../src/events';
import { ObjectStore } from '../../src/s3/object-store';
import { deployedResource } from '../_helpers/deployed-resource';
import { ManualClock } from '../_helpers/manual-clock';
import { recordingEvents } from '../_helpers/recording-events';
import { scratchDirectory } from '../_helpers/scratch-directory';

const scratch = scratchDirectory();

const bucket = (properties: Record<string, unknown> = {}) =>
  deployedResource('AWS::S3::Bucket', properties, { physicalId: 'sources' });

const trail = (selector: Record<string, unknown>, properties: Record<string, unknown> = {}) =>
  deployedResource('AWS::CloudTrail::Trail', {
    EventSelectors: [{ DataResources: [{ Type: 'AWS::S3::Object', ...selector }] }],
    ...properties,
  });

const notifications = (configuration: Record<string, unknown>) =>
  deployedResource('Custom::S3BucketNotifications', {
    BucketName: 'sources',
    NotificationConfiguration: configuration,
  });

async function put(...resources: DeployedResource[]) {
  const { stream, events } = recordingEvents();
  const stack = { id: 'S', name: 'S', account: '000000000000', region: 'eu-west-1' };
  const stacks = new DeployedStacks([{ ...stack, outputs: {}, exports: {}, resources }]);
  const store = new ObjectStore({
    directory: join(scratch, 'objects'),
    account: '000000000000',
    region: 'eu-west-1',
    clock: new ManualClock(),
    events: stream,
    resources: stacks,
  });
  const file = join(scratch, 'app.zip');
  writeFileSync(file, 'one');
  const first = await store.put('sources', 'app.zip', file);
  const told = events.filter((event): event is AwsEvent => event.kind === 'aws');
  return { store, file, first, told };
}

test('every upload is a version of its own, and the newest is found unless another is asked for', async () => {
  const { store, file, first } = await put(bucket());
  writeFileSync(file, 'second');
  const second = await store.put('sources', 'app.zip', file);

  expect(store.find('sources', 'app.zip')).toEqual(second);
  expect(store.find('sources', 'app.zip', first.versionId)).toEqual(first);
  expect(readFileSync(first.path, 'utf8')).toBe('one');
  expect(first.etag).toBe('f97c5d29941bfb1b2fdab0874906ab82');
  expect(store.find('sources', 'other.zip')).toBeUndefined();
});

test.each([
  [
    'by its own configuration',
    [bucket({ NotificationConfiguration: { EventBridgeConfiguration: {} } })],
  ],
  [
    'by the custom resource of the CDK',
    [bucket(), notifications({ EventBridgeConfiguration: {} })],
  ],
])('a bucket that tells EventBridge %s puts Object Created on the bus', async (_, resources) => {
  const { told, first } = await put(...resources);
  expect(told).toMatchObject([
    {
      source: 'aws.s3',
      'detail-type': 'Object Created',
      resources: ['arn:aws:s3:::sources'],
      detail: {
        bucket: { name: 'sources' },
        object: { key: 'app.zip', size: 3, etag: first.etag, 'version-id': first.versionId },
        reason: 'PutObject',
      },
    },
  ]);
});

test('a trail that records the object puts the call on the bus', async () => {
  const { told } = await put(bucket(), trail({ Values: ['arn:aws:s3:::sources/app.zip'] }));
  expect(told).toMatchObject([
    {
      'detail-type': 'AWS API Call via CloudTrail',
      detail: {
        eventSource: 's3.amazonaws.com',
        eventName: 'PutObject',
        requestParameters: { bucketName: 'sources', key: 'app.zip' },
      },
    },
  ]);
});

test.each([
  ['a bucket alone', [bucket()]],
  ['a bucket that tells somebody else', [bucket(), notifications({})]],
  ['a trail of another object', [bucket(), trail({ Values: ['arn:aws:s3:::sources/else'] })]],
  ['a trail of reads', [bucket(), trail({}, { EventSelectors: [{ ReadWriteType: 'ReadOnly' }] })]],
  [
    'a trail that is switched off',
    [bucket(), trail({ Values: ['arn:aws:s3'] }, { IsLogging: false })],
  ],
])('nobody hears of an upload: %s', async (_, resources) => {
  expect((await put(...resources)).told).toEqual([]);
});
