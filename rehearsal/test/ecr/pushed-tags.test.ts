import { createAwsAccount } from '../../src/aws-account';
import { EventStream } from '../../src/events';
import { imagesPushedSince } from '../../src/scenarios/story/observations';
import { ManualClock } from '../_helpers/manual-clock';

test('a push counts as one even when the repository has had the image before', async () => {
  const clock = new ManualClock();
  const account = createAwsAccount(
    { id: '000000000000', region: 'eu-west-1' },
    clock,
    new EventStream(),
  );
  account.images.createRepository('api');
  const push = (tag: string) =>
    account.images.putImage({ repositoryName: 'api', digest: 'sha256:a', tags: [tag], size: 1 });
  push('first');
  await clock.advance(60_000);
  const since = clock.now();
  expect(imagesPushedSince(account, since)).toEqual([]);

  push('second');

  expect(imagesPushedSince(account, since)).toEqual([
    '000000000000.dkr.ecr.eu-west-1.amazonaws.com/api:second',
  ]);
});
