import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scratchDirectory } from '../../_helpers/scratch-directory';
import { failedChecks, rehearse, REHEARSAL_TIMEOUT_MS } from '../_helpers/rehearse';

/** The same project with a batch of builds: one checks the program, then one makes the image. */
const scratch = scratchDirectory();
const ASSEMBLY = fileURLToPath(new URL('fixtures/assembly', import.meta.url));

interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

const BUILDSPEC = [
  `version: 0.2
batch:
  fast-fail: true
  build-graph:
    - identifier: check
    - identifier: image
      depend-on: [check]
      env:
        variables:
          REPOSITORY: 123456789012.dkr.ecr.us-east-1.amazonaws.com/`,
  { Ref: 'Images7C2F31A0' },
  `
phases:
  build:
    commands:
      - node --check server.js
      - |
        if [ "$CODEBUILD_BATCH_BUILD_IDENTIFIER" = image ]; then
          aws ecr get-login-password | docker login --username AWS --password-stdin \${REPOSITORY%%/*} &&
          docker build -t $REPOSITORY:latest . &&
          docker push $REPOSITORY:latest &&
          printf '[{"name":"web","imageUri":"%s"}]' $REPOSITORY:latest > out.json
        fi
artifacts:
  files: out.json
`,
];

/** As \`project.enableBatchBuilds()\` and \`executeBatchBuild: true\` of the CDK change a template. */
function withBatch(): string {
  const assembly = join(mkdtempSync(join(scratch, 'batch-')), 'assembly');
  cpSync(ASSEMBLY, assembly, { recursive: true });
  const file = join(assembly, 'ParcelTracker.template.json');
  const text = readFileSync(file, 'utf8')
    .replace('"codebuild:BatchGetBuilds"', '"codebuild:BatchGetBuildBatches"')
    .replace('"codebuild:StartBuild"', '"codebuild:StartBuildBatch"')
    .replace('"codebuild:StopBuild"', '"codebuild:StopBuildBatch"')
    .replaceAll('"Artifact_Image_Image"', '"image"');
  const { Resources } = JSON.parse(text) as Template;
  const project = { 'Fn::GetAtt': ['Build45A36621', 'Arn'] };
  const statement = (Principal: object | undefined, Action: unknown, Resource: unknown) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action, Resource }],
  });
  Resources['BatchServiceRole'] = {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: statement(
        { Service: 'codebuild.amazonaws.com' },
        'sts:AssumeRole',
        undefined,
      ),
    },
  };
  Resources['BatchServiceRoleDefaultPolicy'] = {
    Type: 'AWS::IAM::Policy',
    Properties: {
      PolicyName: 'BatchServiceRoleDefaultPolicy',
      PolicyDocument: statement(
        undefined,
        ['codebuild:StartBuild', 'codebuild:StopBuild', 'codebuild:RetryBuild'],
        project,
      ),
      Roles: [{ Ref: 'BatchServiceRole' }],
    },
  };
  Object.assign(Resources['Build45A36621']!.Properties, {
    BuildBatchConfig: { ServiceRole: { 'Fn::GetAtt': ['BatchServiceRole', 'Arn'] } },
    Source: { Type: 'CODEPIPELINE', BuildSpec: { 'Fn::Join': ['', BUILDSPEC] } },
  });
  writeFileSync(
    file,
    JSON.stringify({ ...(JSON.parse(text) as Template), Resources }).replaceAll(
      '"ProjectName":',
      '"BatchEnabled":"true","ProjectName":',
    ),
  );
  return assembly;
}

test(
  'a pipeline whose action runs a batch deploys the artifact of one of its builds',
  async () => {
    const result = await rehearse('parcel-tracker', scratch, { assembly: withBatch() });

    expect(failedChecks(result)).toEqual([]);
    const actions = result.report.scenarios[0]!.executions.flatMap(({ stages }) =>
      stages.flatMap((stage) => stage.actions),
    );
    expect(actions.find(({ name }) => name === 'Image')).toMatchObject({
      status: 'Succeeded',
      summary: expect.stringMatching(
        /^Batch build \S+ succeeded: check SUCCEEDED, image SUCCEEDED$/,
      ) as string,
    });
  },
  REHEARSAL_TIMEOUT_MS,
);
