import { jest } from '@jest/globals';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeployedResource } from '../../src/cloudformation/deployed-resource';
import { DeployedStacks } from '../../src/cloudformation/deployed-stacks';
import { codecommitSourceAction } from '../../src/codepipeline/actions/codecommit-source-action';
import { ecrSourceAction } from '../../src/codepipeline/actions/ecr-source-action';
import { s3SourceAction } from '../../src/codepipeline/actions/s3-source-action';
import { ArtifactStore } from '../../src/codepipeline/artifact-store';
import { ChangeDetection } from '../../src/codepipeline/change-detection';
import { Pipeline } from '../../src/codepipeline/pipeline';
import { readPipeline } from '../../src/codepipeline/pipeline-definition';
import { pipelineSource } from '../../src/codepipeline/pipeline-source';
import { startByRule } from '../../src/codepipeline/rule-target';
import { silentSources } from '../../src/codepipeline/silent-sources';
import { ImageStore } from '../../src/ecr/image-store';
import { EventBus } from '../../src/eventbridge/event-bus';
import { readRule } from '../../src/eventbridge/rule-definition';
import { COMMITTER_ENVIRONMENT, Git } from '../../src/github/git';
import { childEnvironment } from '../../src/process/child-environment';
import { SourceHosts } from '../../src/source-hosts';
import { deployedResource } from '../_helpers/deployed-resource';
import { ManualClock } from '../_helpers/manual-clock';
import { policyAuthorizer } from '../_helpers/policy-authorizer';
import { recordingEvents } from '../_helpers/recording-events';
import { scratchDirectory } from '../_helpers/scratch-directory';

// git and zip files, on a machine that may be busy.
jest.setTimeout(60_000);

const scratch = scratchDirectory();
const PLACE = { account: '000000000000', region: 'ap-northeast-2' };
const PIPELINE_ARN = 'arn:aws:codepipeline:ap-northeast-2:000000000000:release';
const RULE_ARN = 'arn:aws:events:ap-northeast-2:000000000000:rule/on-change';

const SOURCES = {
  CodeCommit: { RepositoryName: 'orders', BranchName: 'main' },
  S3: { S3Bucket: 'sources', S3ObjectKey: 'orders.zip' },
  ECR: { RepositoryName: 'orders', ImageTag: 'stable' },
} as const;

const PATTERNS = {
  CodeCommit: {
    source: ['aws.codecommit'],
    'detail-type': ['CodeCommit Repository State Change'],
    resources: ['arn:aws:codecommit:ap-northeast-2:000000000000:orders'],
    detail: {
      event: ['referenceCreated', 'referenceUpdated'],
      referenceType: ['branch'],
      referenceName: ['main'],
    },
  },
  S3: {
    source: ['aws.s3'],
    'detail-type': ['Object Created'],
    detail: { bucket: { name: ['sources'] }, object: { key: ['orders.zip'] } },
  },
  ECR: {
    source: ['aws.ecr'],
    'detail-type': ['ECR Image Action'],
    detail: {
      'action-type': ['PUSH'],
      'image-tag': ['stable'],
      'repository-name': ['orders'],
      result: ['SUCCESS'],
    },
  },
} as const;

interface Setup {
  readonly provider: keyof typeof SOURCES;
  readonly type?: 'V1' | 'V2';
  /** @default false: a rule does it */
  readonly polls?: boolean;
  readonly rule?: DeployedResource | undefined;
  readonly bucket?: Record<string, unknown>;
  readonly denied?: readonly string[];
}

const rule = (EventPattern: unknown, target: object = {}, properties: object = {}) =>
  deployedResource(
    'AWS::Events::Rule',
    {
      EventPattern,
      Targets: [
        {
          Id: 'Target0',
          Arn: PIPELINE_ARN,
          RoleArn: 'arn:aws:iam::000000000000:role/events',
          ...target,
        },
      ],
      ...properties,
    },
    { logicalId: 'OnChange', physicalId: 'on-change', attributes: { Arn: RULE_ARN } },
  );

const pipelineWith = ({ provider, type = 'V2', polls = false }: Setup) =>
  readPipeline(
    deployedResource(
      'AWS::CodePipeline::Pipeline',
      {
        PipelineType: type,
        RoleArn: 'arn:aws:iam::000000000000:role/pipeline',
        ArtifactStore: { Location: 'artifacts' },
        Stages: [
          {
            Name: 'Source',
            Actions: [
              {
                Name: 'Fetch',
                ActionTypeId: { Category: 'Source', Owner: 'AWS', Provider: provider },
                Configuration: {
                  ...SOURCES[provider],
                  ...(provider !== 'ECR' && { PollForSourceChanges: polls }),
                },
                OutputArtifacts: [{ Name: 'Code' }],
                Namespace: 'Source',
              },
            ],
          },
          {
            Name: 'Look',
            Actions: [
              {
                Name: 'Look',
                ActionTypeId: { Category: 'Build', Owner: 'AWS', Provider: 'Look' },
                InputArtifacts: [{ Name: 'Code' }],
              },
            ],
          },
        ],
      },
      { physicalId: 'release' },
    ),
  );

let places = 0;
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** A pipeline that waits for its source, a rule, and the developer's clone. */
async function start(setup: Setup) {
  places += 1;
  const home = join(scratch, String(places));
  mkdirSync(join(home, 'work'), { recursive: true });
  const gitEnvironment = childEnvironment(process.env, home, COMMITTER_ENVIRONMENT);
  const { stream, events } = recordingEvents();
  const clock = new ManualClock();
  const authorizer = policyAuthorizer(setup.denied);
  const bucket = deployedResource(
    'AWS::S3::Bucket',
    setup.bucket ?? {
      VersioningConfiguration: { Status: 'Enabled' },
      NotificationConfiguration: { EventBridgeConfiguration: {} },
    },
    { physicalId: 'sources' },
  );
  const ownRule = 'rule' in setup ? setup.rule : rule(PATTERNS[setup.provider]);
  const resources = [bucket, ...(ownRule === undefined ? [] : [ownRule])];
  const stacks = new DeployedStacks([
    { id: 'S', name: 'S', ...PLACE, outputs: {}, exports: {}, resources },
  ]);
  const definition = pipelineWith(setup);
  const source = pipelineSource(definition) ?? {
    provider: 'CodeCommit',
    repository: 'none',
    branch: 'main',
  };
  const hosts = await SourceHosts.start(source, {
    directory: home,
    gitEnvironment,
    token: 'token',
    ...PLACE,
    clock,
    events: stream,
    resources: stacks,
  });
  open.push(hosts);
  const images = new ImageStore(PLACE.account, PLACE.region, clock, stream);
  images.createRepository('orders');
  let files = '';
  const pipeline = new Pipeline(definition, {
    clock,
    events: stream,
    authorizer,
    artifacts: new ArtifactStore(join(home, 'artifacts'), authorizer),
    runners: new Map([
      ['Source/AWS/CodeCommit/1', codecommitSourceAction(hosts.codecommit, authorizer)],
      ['Source/AWS/S3/1', s3SourceAction(hosts.objects, authorizer)],
      ['Source/AWS/ECR/1', ecrSourceAction(images, authorizer)],
      [
        'Build/AWS/Look/1',
        async (run) => {
          files = await run.artifacts.unpack('Code', run.caller);
          return { status: 'Succeeded' };
        },
      ],
    ]),
  });
  const started: Promise<void>[] = [];
  const onStarted = (finished: Promise<void>) => void started.push(finished);
  const ignored: string[] = [];
  const target = {
    pipelines: [pipeline],
    authorizer,
    onStarted,
    onIgnored: (text: string) => void ignored.push(text),
  };
  const bus = EventBus.start(stacks, {
    clock,
    events: stream,
    targets: new Map([['codepipeline', (call) => startByRule(call, target)]]),
  });
  const changes = new ChangeDetection([pipeline], hosts, clock, onStarted);
  open.push(bus, changes);
  const work = new Git(join(home, 'work'), gitEnvironment);
  await work.run('init', '--quiet', '--initial-branch=main');
  await work.run('remote', 'add', 'origin', hosts.remote);
  return {
    pipeline,
    images,
    clock,
    bus,
    ignored,
    events,
    authorizer,
    /** Commits and releases; all that it started has ended when it returns. */
    push: async (text: string, branch = 'main') => {
      writeFileSync(join(work.directory, 'order.txt'), text);
      await work.run('add', '.');
      await work.run('commit', '--quiet', '-m', text);
      const revision = await hosts.push(work, branch);
      await Promise.all(started);
      return revision;
    },
    ended: () => Promise.all(started),
    read: (name: string) => readFileSync(join(files, name), 'utf8'),
    why: () =>
      silentSources(definition, {
        rules: stacks.ofType('AWS::Events::Rule').map(readRule),
        webhooks: [],
      }),
  };
}

test.each(['CodeCommit', 'S3'] as const)(
  'a change of a %s source starts the pipeline through the rule of the template',
  async (provider) => {
    const { pipeline, push, read, authorizer } = await start({ provider });
    const revision = await push('two pizzas');

    expect(pipeline.executions).toMatchObject([
      {
        status: 'Succeeded',
        commit: revision,
        trigger: { type: 'CloudWatchEvent', detail: RULE_ARN },
      },
    ]);
    expect(read('order.txt')).toBe('two pizzas');
    expect(authorizer.requests[0]).toMatchObject({
      caller: { kind: 'role', roleArn: 'arn:aws:iam::000000000000:role/events' },
      action: 'codepipeline:StartPipelineExecution',
      resource: PIPELINE_ARN,
    });
  },
);

test('a push of an image starts the pipeline, whose source is imageDetail.json', async () => {
  const { pipeline, images, ended, read } = await start({ provider: 'ECR' });
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
  const { pipeline, push, images } = await start({ provider });
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
    const { pipeline, push, clock, ended } = await start({
      provider,
      polls: true,
      rule: undefined,
    });
    const revision = await push('first');
    expect(pipeline.executions).toEqual([]);
    await clock.advance(60_000);
    await ended();
    expect(pipeline.executions).toMatchObject([
      { status: 'Succeeded', commit: revision, trigger: { type: 'PollForSourceChanges' } },
    ]);
  },
);

test('a rule whose role may not start the pipeline starts nothing, and the reason is kept', async () => {
  const denied = ['codepipeline:StartPipelineExecution'];
  const { pipeline, push, bus } = await start({ provider: 'CodeCommit', denied });
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
    const { pipeline, push } = await start(transformed('V2', 'COMMIT_ID', '$.detail.oldCommitId'));
    const first = await push('first');
    await push('second');
    expect(pipeline.executions.at(-1)).toMatchObject({ status: 'Succeeded', commit: first });
  });

  it('means nothing to a V1 pipeline, which releases the newest commit', async () => {
    const { pipeline, push } = await start(transformed('V1', 'COMMIT_ID', '$.detail.oldCommitId'));
    await push('first');
    const second = await push('second');
    expect(pipeline.executions.at(-1)).toMatchObject({ commit: second });
  });

  it('that names an object key is named as not played', async () => {
    const { push, ignored } = await start(
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
    const { why } = await start({ provider, rule: undefined });
    expect(why()).toEqual([
      expect.stringMatching(
        new RegExp(
          `^action 'Fetch' of pipeline 'release' is .*no AWS::Events::Rule has the pipeline as its target: add one for ${event}`,
        ),
      ),
    ]);
  });

  it('a rule that is disabled, and one that waits for something else', async () => {
    const disabled = await start({
      provider: 'CodeCommit',
      rule: rule(PATTERNS.CodeCommit, {}, { State: 'DISABLED' }),
    });
    await disabled.push('x');
    expect(disabled.pipeline.executions).toEqual([]);
    expect(disabled.why()).toEqual([
      expect.stringContaining("'OnChange' in stack 'TestStack', which is DISABLED"),
    ]);
    const other = await start({ provider: 'CodeCommit', rule: rule(PATTERNS.ECR) });
    expect(other.why()).toEqual([expect.stringContaining('whose pattern did not match')]);
  });
});

describe('a source action fails', () => {
  const failure = async (setup: Setup, act: (s: Awaited<ReturnType<typeof start>>) => unknown) => {
    const started = await start(setup);
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
  const { push, read, pipeline } = await start({ provider: 'S3' });
  await push('one');
  await push('two');
  expect(read('order.txt')).toBe('two');
  const [first, second] = pipeline.executions.map(({ commit }) => commit);
  expect(first).not.toBe(second);
});
