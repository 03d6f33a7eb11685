import { jest } from '@jest/globals';
import type { ImageStore } from '../../src/ecr/image-store';
import {
  PATTERNS,
  PIPELINE_ARN,
  rule,
  RULE_ARN,
  type Setup,
  startSource,
} from './_helpers/event-source';

// git and zip files, on a machine that may be busy.
jest.setTimeout(60_000);

test.each(['CodeCommit', 'S3'] as const)(
  'a change of a %s source starts the pipeline through the rule of the template',
  async (provider) => {
    const { pipeline, push, read, authorizer } = await startSource({ provider });
    const revision = await push('two pizzas');

    expect(pipeline.executions).toMatchObject([
      {
        status: 'Succeeded',
        commit: revision,
        trigger: { type: 'CloudWatchEvent', detail: RULE_ARN },
      },
    ]);
    expect(read('order.txt')).toBe('two pizzas');
    const roleArn = 'arn:aws:iam::000000000000:role/events';
    expect(authorizer.requests.slice(0, 2)).toMatchObject([
      { caller: { service: 'events.amazonaws.com' }, action: 'sts:AssumeRole', resource: roleArn },
      {
        caller: { kind: 'role', roleArn },
        action: 'codepipeline:StartPipelineExecution',
        resource: PIPELINE_ARN,
      },
    ]);
  },
);

test('a push of an image starts the pipeline, whose source is imageDetail.json', async () => {
  const { pipeline, images, ended, read } = await startSource({ provider: 'ECR' });
  const digest = `sha256:${'a'.repeat(64)}`;
  images.putImage({ repositoryName: 'orders', digest, tags: ['v7', 'stable'], size: 4096 });
  await ended();

  expect(pipeline.executions).toMatchObject([
    { status: 'Succeeded', commit: digest, trigger: { type: 'CloudWatchEvent' } },
  ]);
  expect(JSON.parse(read('imageDetail.json'))).toEqual({
    ImageSizeInBytes: '4096',
    ImageDigest: digest,
    Version: '1.0',
    ImagePushedAt: expect.stringMatching(/^\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}$/) as string,
    RegistryId: '000000000000',
    RepositoryName: 'orders',
    ImageURI: `000000000000.dkr.ecr.ap-northeast-2.amazonaws.com/orders@${digest}`,
    ImageTags: ['v7', 'stable'],
  });
});

test.each([
  ['CodeCommit', 'to another branch', (push: Push) => push('x', 'next')],
  ['ECR', 'of an image with another tag', (_: Push, images: ImageStore) => pushTag(images, 'v7')],
] as const)('with a %s source, a push %s starts nothing', async (provider, _, act) => {
  const { pipeline, push, images } = await startSource({ provider });
  await act(push, images);
  expect(pipeline.executions).toEqual([]);
});

type Push = (text: string, branch?: string) => Promise<string>;
const pushTag = (images: ImageStore, tag: string) => {
  images.putImage({ repositoryName: 'orders', digest: 'sha256:b', tags: [tag], size: 1 });
  return Promise.resolve('');
};

test.each(['CodeCommit', 'S3'] as const)(
  'a %s source that polls needs no rule',
  async (provider) => {
    const { pipeline, push, poll } = await startSource({ provider, polls: true, rule: undefined });
    await poll();
    const revision = await push('first');
    expect(pipeline.executions).toEqual([]);
    await poll();
    expect(pipeline.executions).toMatchObject([
      { status: 'Succeeded', commit: revision, trigger: { type: 'PollForSourceChanges' } },
    ]);
  },
);

test('a rule whose role may not start the pipeline starts nothing, and the reason is kept', async () => {
  const denied = ['codepipeline:StartPipelineExecution'];
  const { pipeline, push, bus } = await startSource({ provider: 'CodeCommit', denied });
  await push('x');
  expect(pipeline.executions).toEqual([]);
  expect(bus.undelivered).toMatchObject([
    { target: PIPELINE_ARN, reason: expect.stringContaining(denied[0]!) as string },
  ]);
});

describe('an input transformer', () => {
  const transformed = (type: 'V1' | 'V2', revisionType: string, from: string) => ({
    provider: 'CodeCommit' as const,
    type,
    rule: rule(PATTERNS.CodeCommit, {
      InputTransformer: {
        InputPathsMap: { revisionValue: from },
        InputTemplate: `{"sourceRevisions": {"actionName": "Fetch", "revisionType": "${revisionType}", "revisionValue": <revisionValue>}}`,
      },
    }),
  });

  it('makes a V2 pipeline release the commit of the event', async () => {
    const { pipeline, push } = await startSource(
      transformed('V2', 'COMMIT_ID', '$.detail.oldCommitId'),
    );
    const first = await push('first');
    await push('second');
    expect(pipeline.executions.at(-1)).toMatchObject({ status: 'Succeeded', commit: first });
  });

  it('means nothing to a V1 pipeline, which releases the newest commit', async () => {
    const { pipeline, push } = await startSource(
      transformed('V1', 'COMMIT_ID', '$.detail.oldCommitId'),
    );
    await push('first');
    const second = await push('second');
    expect(pipeline.executions.at(-1)).toMatchObject({ commit: second });
  });

  it('that names an object key is named as not played', async () => {
    const { push, ignored } = await startSource(
      transformed('V2', 'S3_OBJECT_KEY', '$.detail.referenceName'),
    );
    await push('x');
    expect(ignored).toEqual([expect.stringContaining('the object key main, which is not played')]);
  });
});

describe('a source that starts nothing is explained:', () => {
  it.each([
    ['CodeCommit', "'CodeCommit Repository State Change' of aws.codecommit"],
    ['S3', "'Object Created' of aws.s3"],
    ['ECR', "'ECR Image Action' of aws.ecr"],
  ] as const)('a %s source without polling and without a rule', async (provider, event) => {
    const { why } = await startSource({ provider, rule: undefined });
    expect(why()).toEqual([
      expect.stringMatching(
        new RegExp(
          `^action 'Fetch' of pipeline 'release' is .*no AWS::Events::Rule has the pipeline as its target: add one for ${event}`,
        ),
      ),
    ]);
  });

  it('a rule that is disabled, and one that waits for something else', async () => {
    const disabled = await startSource({
      provider: 'CodeCommit',
      rule: rule(PATTERNS.CodeCommit, {}, { State: 'DISABLED' }),
    });
    await disabled.push('x');
    expect(disabled.pipeline.executions).toEqual([]);
    expect(disabled.why()).toEqual([
      expect.stringContaining("'OnChange' in stack 'TestStack', which is DISABLED"),
    ]);
    const other = await startSource({ provider: 'CodeCommit', rule: rule(PATTERNS.ECR) });
    expect(other.why()).toEqual([expect.stringContaining('whose pattern did not match')]);
  });
});

describe('a source action fails', () => {
  const failure = async (
    setup: Setup,
    act: (s: Awaited<ReturnType<typeof startSource>>) => unknown,
  ) => {
    const started = await startSource(setup);
    await act(started);
    await started.ended();
    return started.pipeline.executions[0]?.stages[0]?.actions[0];
  };

  it.each([
    ['CodeCommit', 'codecommit:UploadArchive'],
    ['CodeCommit', 'codecommit:GetBranch'],
    ['S3', 's3:GetObjectVersion'],
    ['S3', 's3:GetBucketVersioning'],
  ] as const)('of %s without %s', async (provider, action) => {
    const failed = await failure({ provider, denied: [action] }, ({ push }) => push('x'));
    expect(failed).toMatchObject({
      status: 'Failed',
      summary: expect.stringContaining(action) as string,
    });
  });

  it('of ECR without ecr:DescribeImages', async () => {
    const denied = ['ecr:DescribeImages'];
    const failed = await failure({ provider: 'ECR', denied }, ({ images }) =>
      pushTag(images, 'stable'),
    );
    expect(failed?.summary).toContain('ecr:DescribeImages');
  });

  it('of S3 when the bucket has no versions', async () => {
    const bucket = { NotificationConfiguration: { EventBridgeConfiguration: {} } };
    const failed = await failure({ provider: 'S3', bucket }, ({ push }) => push('x'));
    expect(failed?.summary).toContain("The bucket 'sources' has no versioning");
  });

  it.each([
    ['CodeCommit', "The branch 'main' does not exist"],
    ['S3', "There is no object 'orders.zip' in the bucket 'sources'"],
    ['ECR', "There is no image 'stable' in the ECR repository 'orders'"],
  ] as const)('of %s when there is nothing', async (provider, text) => {
    const failed = await failure({ provider }, ({ pipeline }) => {
      return pipeline.start({ triggerType: 'StartPipelineExecution', triggerDetail: '' }).finished;
    });
    expect(failed?.summary).toContain(text);
  });
});

test('the artifact of an S3 source is the object as it was put', async () => {
  const { push, read, pipeline } = await startSource({ provider: 'S3' });
  await push('one');
  await push('two');
  expect(read('order.txt')).toBe('two');
  const [first, second] = pipeline.executions.map(({ commit }) => commit);
  expect(first).not.toBe(second);
});
