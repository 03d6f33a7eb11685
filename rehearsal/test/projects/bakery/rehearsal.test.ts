import { join } from 'node:path';
import { scratchDirectory } from '../../_helpers/scratch-directory';
import { changedAssembly, type Template } from '../_helpers/changed-assembly';
import { failedChecks, rehearse, REHEARSAL_TIMEOUT_MS } from '../_helpers/rehearse';

/**
 * CDK 2.276: a V1 pipeline with a CodeCommit source that an EventBridge rule starts, a full clone
 * for the build, which tags by `git rev-parse`, a branch that is not main, one task in public
 * subnets, a single service pattern, `stable` as the image of the stack, and no package.json.
 */
const scratch = scratchDirectory();

const assemblyWith = (name: string, change: (template: Template) => void) =>
  changedAssembly('bakery', 'Bakery.template.json', join(scratch, name), change);

test(
  'a push to CodeCommit is released by the rule that the template has for it',
  async () => {
    const result = await rehearse('bakery', scratch);

    expect(failedChecks(result)).toEqual([]);
    const [execution] = result.report.scenarios[0]!.executions;
    const tag = new RegExp(`bakery:${execution!.commit!.slice(0, 10)}$`);
    expect(result.report.scenarios[0]!.deployments.at(-1)!.image).toMatch(tag);
  },
  REHEARSAL_TIMEOUT_MS,
);

const BUILD_OF_A_BUCKET = {
  version: '0.2',
  phases: {
    build: {
      commands: [
        'aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY_URI%%/*}"',
        'TAG="v$CODEBUILD_RESOLVED_SOURCE_VERSION"',
        'docker build -t "$REPOSITORY_URI:$TAG" -t "$REPOSITORY_URI:stable" .',
        'docker push "$REPOSITORY_URI:$TAG"',
        'docker push "$REPOSITORY_URI:stable"',
        `printf '[{"name":"oven","imageUri":"%s"}]' "$REPOSITORY_URI:$TAG" > imagedefinitions.json`,
      ],
    },
  },
  artifacts: { files: 'imagedefinitions.json' },
};

/** The same project, whose source somebody puts into a bucket as a zip file. */
function fromBucket(template: Template): void {
  const ofType = (wanted: string) =>
    Object.values(template.Resources)
      .filter(({ Type }) => Type === wanted)
      .map(({ Properties }) => Properties as Record<string, never>);
  const [rule] = ofType('AWS::Events::Rule');
  Object.assign(rule!, {
    EventPattern: {
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { bucket: { name: ['bakery-source'] }, object: { key: ['app.zip'] } },
    },
  });
  const [pipeline] = ofType('AWS::CodePipeline::Pipeline') as unknown as {
    Stages: { Actions: Record<string, unknown>[] }[];
  }[];
  Object.assign(pipeline!.Stages[0]!.Actions[0]!, {
    ActionTypeId: { Category: 'Source', Owner: 'AWS', Provider: 'S3', Version: '1' },
    Configuration: {
      S3Bucket: 'bakery-source',
      S3ObjectKey: 'app.zip',
      PollForSourceChanges: false,
    },
  });
  const [project] = ofType('AWS::CodeBuild::Project');
  Object.assign(project!, {
    Source: { Type: 'CODEPIPELINE', BuildSpec: JSON.stringify(BUILD_OF_A_BUCKET) },
  });
  for (const policy of ofType('AWS::IAM::Policy') as unknown as {
    PolicyDocument: { Statement: unknown[] };
  }[]) {
    policy.PolicyDocument.Statement.push({
      Effect: 'Allow',
      Action: ['s3:GetObject*', 's3:GetBucket*'],
      Resource: ['arn:aws:s3:::bakery-source', 'arn:aws:s3:::bakery-source/*'],
    });
  }
  template.Resources = {
    ...template.Resources,
    SourceBucket: {
      Type: 'AWS::S3::Bucket',
      Properties: {
        BucketName: 'bakery-source',
        VersioningConfiguration: { Status: 'Enabled' },
        NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      },
    },
  };
}

test(
  'files that are put into a bucket are released by its event',
  async () => {
    const result = await rehearse('bakery', scratch, {
      assembly: assemblyWith('from-a-bucket', fromBucket),
    });

    expect(failedChecks(result)).toEqual([]);
    const [{ executions, deployments }] = result.report.scenarios as [
      (typeof result.report.scenarios)[number],
    ];
    expect(deployments.at(-1)!.image).toBe(
      `345678901234.dkr.ecr.eu-west-1.amazonaws.com/bakery:v${executions[0]!.commit!}`,
    );
  },
  REHEARSAL_TIMEOUT_MS,
);

test(
  'without that rule nothing starts, and the rehearsal says what the template lacks',
  async () => {
    const assembly = assemblyWith('without-rule', (template) => {
      template.Resources = Object.fromEntries(
        Object.entries(template.Resources).filter(([, { Type }]) => Type !== 'AWS::Events::Rule'),
      );
    });

    expect(failedChecks(await rehearse('bakery', scratch, { assembly }))[0]).toMatch(
      /action 'CodeCommit' of pipeline '\S+' is not polled \(PollForSourceChanges\), and no AWS::Events::Rule has the pipeline as its target/,
    );
  },
  REHEARSAL_TIMEOUT_MS,
);
