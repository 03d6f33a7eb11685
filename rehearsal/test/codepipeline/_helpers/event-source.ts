import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeployedResource } from '../../../src/cloudformation/deployed-resource';
import { DeployedStacks } from '../../../src/cloudformation/deployed-stacks';
import { codecommitSourceAction } from '../../../src/codepipeline/actions/codecommit-source-action';
import { ecrSourceAction } from '../../../src/codepipeline/actions/ecr-source-action';
import { s3SourceAction } from '../../../src/codepipeline/actions/s3-source-action';
import { ArtifactStore } from '../../../src/codepipeline/artifact-store';
import { ChangeDetection } from '../../../src/codepipeline/change-detection';
import { Pipeline } from '../../../src/codepipeline/pipeline';
import { readPipeline } from '../../../src/codepipeline/pipeline-definition';
import { pipelineSource } from '../../../src/codepipeline/pipeline-source';
import { startByRule } from '../../../src/codepipeline/rule-target';
import { silentSources } from '../../../src/codepipeline/silent-sources';
import { ImageStore } from '../../../src/ecr/image-store';
import { EventBus } from '../../../src/eventbridge/event-bus';
import { readRule } from '../../../src/eventbridge/rule-definition';
import { COMMITTER_ENVIRONMENT, Git } from '../../../src/github/git';
import { childEnvironment } from '../../../src/process/child-environment';
import { SourceHosts } from '../../../src/source-hosts';
import { Queues } from '../../../src/sqs/queues';
import { deployedResource } from '../../_helpers/deployed-resource';
import { ManualClock } from '../../_helpers/manual-clock';
import { policyAuthorizer } from '../../_helpers/policy-authorizer';
import { recordingEvents } from '../../_helpers/recording-events';
import { scratchDirectory } from '../../_helpers/scratch-directory';

const scratch = scratchDirectory();
const PLACE = { account: '000000000000', region: 'ap-northeast-2' };
export const PIPELINE_ARN = 'arn:aws:codepipeline:ap-northeast-2:000000000000:release';
export const RULE_ARN = 'arn:aws:events:ap-northeast-2:000000000000:rule/on-change';

const SOURCES = {
  CodeCommit: { RepositoryName: 'orders', BranchName: 'main' },
  S3: { S3Bucket: 'sources', S3ObjectKey: 'orders.zip' },
  ECR: { RepositoryName: 'orders', ImageTag: 'stable' },
} as const;

export const PATTERNS = {
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

export interface Setup {
  readonly provider: keyof typeof SOURCES;
  readonly type?: 'V1' | 'V2';
  /** @default false: a rule does it */
  readonly polls?: boolean;
  readonly rule?: DeployedResource | undefined;
  readonly bucket?: Record<string, unknown>;
  readonly denied?: readonly string[];
}

export const rule = (EventPattern: unknown, target: object = {}, properties: object = {}) =>
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
export async function startSource(setup: Setup) {
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
    ...{ clock, events: stream, authorizer },
    queues: new Queues(stacks, { clock, events: stream, authorizer }),
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
    /** A minute later every source that polls has looked, and what that started has ended. */
    poll: async () => {
      const looked = changes.settled();
      await clock.advance(60_000);
      await looked;
      await Promise.all(started);
    },
    read: (name: string) => readFileSync(join(files, name), 'utf8'),
    why: () =>
      silentSources(definition, {
        rules: stacks.ofType('AWS::Events::Rule').map(readRule),
        webhooks: [],
      }),
  };
}
