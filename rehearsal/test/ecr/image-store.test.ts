import { ImageStore } from '../../src/ecr/image-store';
import { ManualClock } from '../_helpers/manual-clock';
import { recordingEvents } from '../_helpers/recording-events';
import { serviceException } from '../_helpers/service-exception';

function createStore() {
  const { stream, events } = recordingEvents();
  const clock = new ManualClock();
  return { store: new ImageStore('000000000000', 'ap-northeast-2', clock, stream), events, clock };
}
const image = (digit: string, tags: string[]) => ({
  repositoryName: 'team/api',
  digest: `sha256:${digit.repeat(64)}`,
  tags,
  size: 10,
});

test('the registry host is the one that ECR has for account and region', () => {
  expect(createStore().store.registryHost).toBe(
    '000000000000.dkr.ecr.ap-northeast-2.amazonaws.com',
  );
});

test('an image is found by each of its tags and by its digest', () => {
  const { store, clock } = createStore();
  store.createRepository('team/api');
  store.putImage(image('a', ['abc1234', 'latest']));
  const found = { ...image('a', ['abc1234', 'latest']), pushedAt: clock.now() };
  expect(store.findImage('team/api', 'latest')).toEqual(found);
  expect(store.findImage('team/api', found.digest)).toEqual(found);
  expect(store.findImage('team/api', 'other')).toBeUndefined();
});

test('a mutable tag moves to the image pushed last', () => {
  const { store } = createStore();
  store.createRepository('team/api');
  store.putImage(image('a', ['latest']));
  store.putImage(image('b', ['latest']));
  expect(store.findImage('team/api', 'latest')?.digest).toBe(image('b', []).digest);
  expect(store.findImage('team/api', image('a', []).digest)?.tags).toEqual([]);
});

test('an immutable tag is refused, even for the image it points at already', () => {
  const { store } = createStore();
  store.createRepository('team/api', { imageTagMutability: 'IMMUTABLE' });
  store.putImage(image('a', ['abc1234']));
  const message =
    "The image tag 'abc1234' already exists in the 'team/api' repository and cannot be overwritten because the tag is immutable.";
  for (const digit of ['a', 'b']) {
    expect(() => store.putImage(image(digit, ['abc1234']))).toThrow(
      serviceException('ImageTagAlreadyExistsException', message),
    );
  }
});

test('tags that an exclusion filter names may move in an immutable repository', () => {
  const { store } = createStore();
  store.createRepository('team/api', {
    imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    imageTagMutabilityExclusionFilters: [
      { filterType: 'WILDCARD', filter: 'latest' },
      { filterType: 'WILDCARD', filter: 'cache*' },
    ],
  });
  store.putImage(image('a', ['latest', 'cache-main', 'latest-1']));
  store.putImage(image('b', ['latest', 'cache-main']));
  expect(store.findImage('team/api', 'cache-main')?.digest).toBe(image('b', []).digest);
  expect(() => store.putImage(image('b', ['latest-1']))).toThrow("'latest-1' already exists");
});

test('a refused push leaves no tag moved', () => {
  const { store } = createStore();
  store.createRepository('team/api', {
    imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'latest' }],
  });
  store.putImage(image('a', ['latest', 'abc1234']));
  expect(() => store.putImage(image('b', ['latest', 'abc1234']))).toThrow('immutable');
  expect(store.findImage('team/api', 'latest')?.digest).toBe(image('a', []).digest);
});

test('a push into a repository that does not exist fails with the text of ECR', () => {
  expect(() => createStore().store.putImage(image('a', ['latest']))).toThrow(
    serviceException(
      'RepositoryNotFoundException',
      "The repository with name 'team/api' does not exist in the registry with id '000000000000'",
    ),
  );
});

test('every pushed tag is an ECR Image Action on the event bus', () => {
  const { store, events } = createStore();
  store.createRepository('team/api');
  store.putImage(image('a', ['abc1234', 'latest']));
  expect(events).toHaveLength(2);
  expect(events[0]).toMatchObject({
    source: 'aws.ecr',
    'detail-type': 'ECR Image Action',
    detail: {
      'action-type': 'PUSH',
      result: 'SUCCESS',
      'repository-name': 'team/api',
      'image-digest': image('a', []).digest,
      'image-tag': 'abc1234',
    },
  });
});

const CRITICAL = { name: 'CVE-2026-0001', severity: 'CRITICAL' } as const;

test('a push is scanned once, and the report says that nothing looked into the image', () => {
  const { store, events } = createStore();
  store.createRepository('team/api', { scanOnPush: true });
  store.putImage(image('a', ['latest']));
  store.putImage(image('a', ['abc1234']));
  expect(events).toContainEqual({
    kind: 'unproven',
    time: expect.any(String),
    message:
      "images of 'team/api' are not scanned here: what reads the findings was played with an empty result",
  });
  expect(events.filter((event) => event.kind === 'unproven')).toHaveLength(1);
});

test('without scan on push nothing is scanned', () => {
  const { store } = createStore();
  store.createRepository('team/api');
  store.putImage(image('a', ['latest']));
  expect(store.scans.find('team/api', image('a', []).digest)).toBeUndefined();
});

test('a scan finds what scanners were said to know when it ran, and tells the event bus', () => {
  const { store, events, clock } = createStore();
  store.createRepository('team/api', { scanOnPush: true });
  store.putImage(image('a', ['before']));
  store.scans.pretend([CRITICAL, { name: 'CVE-2026-0002', severity: 'CRITICAL' }]);
  store.putImage(image('b', ['after']));
  expect(store.scans.find('team/api', image('a', []).digest)?.findings).toEqual([]);
  expect(store.scans.find('team/api', image('b', []).digest)).toMatchObject({
    completedAt: clock.now(),
    findings: [CRITICAL, { name: 'CVE-2026-0002' }],
  });
  expect(events.filter((event) => event.kind === 'aws').at(-1)).toEqual({
    kind: 'aws',
    source: 'aws.ecr',
    'detail-type': 'ECR Image Scan',
    account: '000000000000',
    region: 'ap-northeast-2',
    time: expect.any(String),
    resources: ['arn:aws:ecr:ap-northeast-2:000000000000:repository/team/api'],
    detail: {
      'scan-status': 'COMPLETE',
      'repository-name': 'team/api',
      'finding-severity-counts': { CRITICAL: 2 },
      'image-digest': image('b', []).digest,
      'image-tags': ['after'],
    },
  });
});

test('an image can be scanned once in 24 hours', async () => {
  const { store, clock } = createStore();
  store.createRepository('team/api', { scanOnPush: true });
  const pushed = store.putImage(image('a', ['latest']));
  expect(() => store.scans.start(store.repository('team/api'), pushed)).toThrow(
    serviceException(
      'LimitExceededException',
      'The scan quota per image has been exceeded. Wait and try again.',
    ),
  );
  store.scans.pretend([CRITICAL]);
  await clock.advance(24 * 60 * 60 * 1000);
  store.scans.start(store.repository('team/api'), pushed);
  expect(store.scans.find('team/api', pushed.digest)?.findings).toEqual([CRITICAL]);
});

test.each([
  ['an exclusion mode without filters', { imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION' }],
  ['an unknown mode', { imageTagMutability: 'FROZEN' }],
  [
    'filters without an exclusion mode',
    { imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'a' }] },
  ],
])('%s is an invalid parameter', (_, settings) => {
  expect(() => createStore().store.createRepository('team/api', settings)).toThrow(
    serviceException('InvalidParameterException'),
  );
});

test.each(['Team/api', 'a', 'team//api', '-api'])("'%s' is no repository name", (name) => {
  expect(() => createStore().store.createRepository(name)).toThrow(
    serviceException('InvalidParameterException'),
  );
});
