import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  pairs,
  pipelineStack,
  pipelineTemplate,
  propertiesOf,
  type Properties,
  serviceStack,
  statementsOf,
  testApp,
} from './_helpers/synth';
import { actionsByName, stagesOf } from './_helpers/pipeline-actions';

const template = pipelineTemplate({ notificationEmail: 'team@example.com' });
const pipeline = propertiesOf(template, 'AWS::CodePipeline::Pipeline');
const actions = actionsByName(pipeline);

describe('the pipeline', () => {
  test('is of type V2 and lets a newer push overtake one that waits', () => {
    expect(pipeline).toMatchObject({
      Name: 'ecs-codepipeline-practice-api-pipeline',
      PipelineType: 'V2',
      ExecutionMode: 'SUPERSEDED',
    });
  });

  test('gets the source, builds and tests it, deploys it, and records the release', () => {
    expect(
      stagesOf(pipeline).map((stage) => [
        stage.Name,
        stage.Actions.map((action) => [action.Name, action.RunOrder]),
      ]),
    ).toEqual([
      ['Source', [['GitHub_Source', 1]]],
      ['Build_and_Test', [['Build_and_Test', 1]]],
      [
        'Deploy',
        [
          ['Deploy_to_ECS', 1],
          ['Record_Release', 2],
        ],
      ],
    ]);
  });

  test('deploys what the build wrote to imageDefinitions.json, and gives up after 15 minutes', () => {
    expect(actions['Deploy_to_ECS']).toMatchObject({
      ActionTypeId: { Category: 'Deploy', Owner: 'AWS', Provider: 'ECS', Version: '1' },
      Configuration: {
        ClusterName: 'ecs-codepipeline-practice-cluster',
        ServiceName: 'api-service',
        FileName: 'imageDefinitions.json',
        DeploymentTimeout: 15,
      },
      InputArtifacts: [{ Name: 'Build' }],
    });
    expect(actions['Build_and_Test']).toMatchObject({
      OutputArtifacts: [{ Name: 'Build' }],
      Namespace: 'BuildVariables',
    });
  });

  test('keeps artifacts encrypted, private, TLS only and for a month', () => {
    expect(propertiesOf(template, 'AWS::S3::Bucket')).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
        ],
      },
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 30, Status: 'Enabled' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Action: 's3:*',
            Principal: { AWS: '*' },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    });
  });
});

describe('the source', () => {
  test('is read with the token of the secret and never polled', () => {
    expect(actions['GitHub_Source']).toMatchObject({
      ActionTypeId: { Category: 'Source', Owner: 'ThirdParty', Provider: 'GitHub', Version: '1' },
      Configuration: {
        Owner: 'octocat',
        Repo: 'hello-world',
        Branch: 'main',
        OAuthToken:
          '{{resolve:secretsmanager:dev/ecs-codepipeline-practice/github-token-v2:SecretString:::}}',
        PollForSourceChanges: false,
      },
    });
  });

  test('starts the pipeline by a webhook for its branch, signed with a secret of its own', () => {
    const webhook = propertiesOf(template, 'AWS::CodePipeline::Webhook');
    expect(webhook).toMatchObject({
      Authentication: 'GITHUB_HMAC',
      Filters: [{ JsonPath: '$.ref', MatchEquals: 'refs/heads/{Branch}' }],
      TargetAction: 'GitHub_Source',
      RegisterWithThirdParty: true,
    });
    const [secretId] = Object.keys(template.findResources('AWS::SecretsManager::Secret'));
    const token = JSON.stringify(webhook['AuthenticationConfiguration']);
    expect(token).toContain(`{"Ref":"${secretId!}"}`);
    expect(token).not.toContain('github-token');
  });

  test('can be a connection instead, without token and webhook', () => {
    const connectionArn =
      'arn:aws:codeconnections:ap-northeast-2:111122223333:connection/0a1b2c3d-1111-2222-3333-444455556666';
    const connected = pipelineTemplate({ connectionArn });
    const source = actionsByName(propertiesOf(connected, 'AWS::CodePipeline::Pipeline'));
    expect(source['GitHub_Source']).toMatchObject({
      ActionTypeId: { Owner: 'AWS', Provider: 'CodeStarSourceConnection' },
      Configuration: {
        ConnectionArn: connectionArn,
        FullRepositoryId: 'octocat/hello-world',
        BranchName: 'main',
      },
    });
    connected.resourceCountIs('AWS::CodePipeline::Webhook', 0);
    expect(JSON.stringify(connected.toJSON())).not.toContain('resolve:secretsmanager');
    expect(statementsOf(connected, 'SourceRole')[0]).toMatchObject({
      Action: ['codeconnections:UseConnection', 'codestar-connections:UseConnection'],
      Resource: connectionArn,
    });
  });
});

describe('the build', () => {
  const project = propertiesOf(template, 'AWS::CodeBuild::Project');

  test('has Docker, half an hour, and the names it has to push to', () => {
    expect(project).toMatchObject({
      Name: 'ecs-codepipeline-practice-api-build',
      TimeoutInMinutes: 30,
      Source: { Type: 'CODEPIPELINE', BuildSpec: 'buildspec.yml' },
      Environment: { PrivilegedMode: true },
    });
    expect(pairs(project['Environment']['EnvironmentVariables'])).toEqual({
      AWS_DEFAULT_REGION: 'ap-northeast-2',
      AWS_ACCOUNT_ID: '111122223333',
      ECR_REPOSITORY_NAME: 'ecs-codepipeline-practice/api',
      ECS_CLUSTER_NAME: 'ecs-codepipeline-practice-cluster',
      ECS_SERVICE_NAME: 'api-service',
      CONTAINER_NAME: 'api-container',
      IMAGE_PLATFORM: 'linux/arm64',
    });
  });

  test('keeps its npm cache between builds', () => {
    expect(project['Cache']).toMatchObject({ Type: 'S3' });
    expect(JSON.stringify(project['Cache']['Location'])).toContain('build-cache');
  });

  test.each([
    ['ARM64', undefined, 'ARM_CONTAINER', 'amazonlinux-aarch64-standard:3.0', 'linux/arm64'],
    ['X86_64', undefined, 'LINUX_CONTAINER', 'amazonlinux-x86_64-standard:5.0', 'linux/amd64'],
    ['ARM64', 'X86_64', 'LINUX_CONTAINER', 'amazonlinux-x86_64-standard:5.0', 'linux/arm64'],
  ] as const)(
    'for a %s service on a machine chosen as %s runs in %s',
    (cpuArchitecture, buildArchitecture, type, image, platform) => {
      const app = testApp();
      const { Environment: environment } = propertiesOf(
        Template.fromStack(
          pipelineStack(
            {
              stack: serviceStack({ cpuArchitecture }, app),
              ...(buildArchitecture && { buildArchitecture }),
            },
            app,
          ),
        ),
        'AWS::CodeBuild::Project',
      ) as { Environment: Properties };
      expect(environment).toMatchObject({ Type: type, Image: `aws/codebuild/${image}` });
      expect(pairs(environment['EnvironmentVariables'])['IMAGE_PLATFORM']).toBe(platform);
    },
  );
});

describe('a placeholder', () => {
  test('is warned of by name, with the place to change it', () => {
    // CDK prints warnings as it synthesizes; this one is expected.
    jest.spyOn(console, 'error').mockImplementation();
    const stack = pipelineStack({ githubOwner: 'your-github-username' });
    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp("'githubOwner' is still the placeholder.*cdk/bin/cdk.ts or with -c"),
    );
  });

  test('is the only thing to warn of, since a deploy is refused on any warning', () => {
    expect(Annotations.fromStack(pipelineStack()).findWarning('*', Match.anyValue())).toEqual([]);
    expect(Annotations.fromStack(serviceStack()).findWarning('*', Match.anyValue())).toEqual([]);
  });
});
