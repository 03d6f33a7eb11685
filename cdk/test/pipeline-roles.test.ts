import { actionsByName } from './_helpers/pipeline-actions';
import {
  actionsOf,
  allPropertiesOf,
  pipelineTemplate,
  type Properties,
  propertiesOf,
  statementsOf,
} from './_helpers/synth';

const template = pipelineTemplate();
const actions = actionsByName(propertiesOf(template, 'AWS::CodePipeline::Pipeline'));

describe('least privilege', () => {
  test('the deploy role updates one service and passes two roles to ECS tasks', () => {
    const [update, revisions, tags, passRole] = statementsOf(template, 'DeployRole');
    expect(update).toMatchObject({
      Action: ['ecs:DescribeServices', 'ecs:UpdateService'],
      Resource:
        'arn:aws:ecs:ap-northeast-2:111122223333:service/ecs-codepipeline-practice-cluster/api-service',
    });
    expect(revisions).toMatchObject({
      Action: ['ecs:DescribeTaskDefinition', 'ecs:RegisterTaskDefinition'],
      Resource: '*',
    });
    expect(tags).toMatchObject({
      Action: 'ecs:TagResource',
      Resource:
        'arn:aws:ecs:ap-northeast-2:111122223333:task-definition/ecs-codepipeline-practice-api:*',
      Condition: { StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' } },
    });
    expect(passRole).toMatchObject({
      Action: 'iam:PassRole',
      Resource: [
        { 'Fn::ImportValue': expect.stringContaining('ExecutionRole') },
        { 'Fn::ImportValue': expect.stringContaining('TaskRole') },
      ],
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    });
  });

  const READ_ARTIFACTS = [
    's3:GetBucketAcl',
    's3:GetBucketLocation',
    's3:GetBucketVersioning',
    's3:GetObject',
    's3:GetObjectVersion',
  ];

  test.each([
    ['PipelineRole', [...READ_ARTIFACTS, 's3:PutObject', 'sts:AssumeRole']],
    ['StartBuildRole', ['codebuild:BatchGetBuilds', 'codebuild:StartBuild']],
    [
      'BuildRole',
      [
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:CompleteLayerUpload',
        'ecr:DescribeImageScanFindings',
        'ecr:GetAuthorizationToken',
        'ecr:InitiateLayerUpload',
        'ecr:PutImage',
        'ecr:UploadLayerPart',
        'logs:CreateLogStream',
        'logs:PutLogEvents',
        ...READ_ARTIFACTS,
        's3:PutObject',
      ],
    ],
    [
      'RecordReleaseRole',
      [
        'logs:CreateLogGroup',
        'logs:CreateLogStream',
        'logs:GetLogEvents',
        'logs:PutLogEvents',
        ...READ_ARTIFACTS,
        'ssm:PutParameter',
      ],
    ],
  ])('%s can do what its action documents and no more', (role, allowed) => {
    expect(actionsOf(template, role)).toEqual(allowed);
  });

  test('each action works as a role that only the pipeline can take', () => {
    for (const action of ['Build_and_Test', 'Deploy_to_ECS', 'Record_Release']) {
      const [roleId] = actions[action]!.RoleArn['Fn::GetAtt'];
      const role = template.findResources('AWS::IAM::Role')[roleId] as Properties;
      expect(role['Properties']['AssumeRolePolicyDocument']['Statement']).toMatchObject([
        {
          Principal: {
            AWS: { 'Fn::GetAtt': [expect.stringMatching(/^PipelineRole[0-9A-F]{8}$/), 'Arn'] },
          },
        },
      ]);
    }
  });

  test('only calls that AWS cannot scope are allowed on everything', () => {
    const everywhere = Object.values(allPropertiesOf(template, 'AWS::IAM::Policy'))
      .flatMap((policy) => policy['PolicyDocument']['Statement'] as Properties[])
      .filter((statement) => [statement['Resource']].flat().includes('*'))
      .flatMap((statement) => [statement['Action'] as string | string[]].flat());
    expect(everywhere.sort()).toEqual([
      'ecr:GetAuthorizationToken',
      'ecs:DescribeTaskDefinition',
      'ecs:RegisterTaskDefinition',
    ]);
  });
});
