import { Duration } from 'aws-cdk-lib/core';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type { CdkStackProps } from '../lib/cdk-stack';
import {
  actionsOf,
  allPropertiesOf,
  HARDENED,
  pairs,
  pipelineStack,
  type Properties,
  propertiesOf,
  serviceStack,
  serviceTemplate,
  testApp,
} from './_helpers/synth';

/** Templates of a service and of its pipeline. */
function templates(props: CdkStackProps): [service: Template, release: Template] {
  const app = testApp();
  const stack = serviceStack(props, app);
  const release = pipelineStack({ stack }, app);
  return [Template.fromStack(stack), Template.fromStack(release)];
}

const attributesOf = (template: Template) =>
  pairs(
    propertiesOf(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer')['LoadBalancerAttributes'],
  );
describe('access logs', () => {
  const [service, release] = templates({
    accessLogs: true,
    trafficLogRetention: Duration.days(90),
  });

  test('go into a bucket that forgets after the time asked for', () => {
    expect(attributesOf(service)).toMatchObject({
      'access_logs.s3.enabled': 'true',
      'access_logs.s3.bucket': { Ref: expect.stringMatching(/^LogBucket/) },
      'access_logs.s3.prefix': 'load-balancer',
    });
    expect(propertiesOf(service, 'AWS::S3::Bucket')).toMatchObject({
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 90, Status: 'Enabled' }] },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
    });
  });

  test('can be written by Elastic Load Balancing for this account alone, and only with TLS', () => {
    const { Statement: statements } = propertiesOf(service, 'AWS::S3::BucketPolicy')[
      'PolicyDocument'
    ] as { Statement: Properties[] };
    expect(statements).toContainEqual(
      expect.objectContaining({
        Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: {
          'Fn::Join': ['', [expect.anything(), '/load-balancer/AWSLogs/111122223333/*']],
        },
      }),
    );
    expect(statements).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  });

  test('the load balancer waits for the right to write them', () => {
    service.hasResource('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^LogBucketPolicy')]),
    });
  });

  test('exist for the artifact bucket, too', () => {
    release.hasResourceProperties('AWS::S3::Bucket', {
      LoggingConfiguration: {
        DestinationBucketName: { Ref: Match.stringLikeRegexp('^LogBucket') },
        LogFilePrefix: 'artifacts/',
      },
    });
  });
});

test('flow logs record every connection of the VPC into the log bucket', () => {
  expect(propertiesOf(serviceTemplate({ flowLogs: true }), 'AWS::EC2::FlowLog')).toMatchObject({
    ResourceType: 'VPC',
    TrafficType: 'ALL',
    LogDestinationType: 's3',
  });
});

describe('keys of the account', () => {
  const [service, release] = templates({ kmsEncryption: true, waf: true });
  const key = { 'Fn::GetAtt': [expect.stringMatching(/^EncryptionKey/), 'Arn'] };

  test('encrypt the log groups of service, firewall, build and pipeline', () => {
    const groups = [service, release]
      .flatMap((template) => Object.values(allPropertiesOf(template, 'AWS::Logs::LogGroup')))
      .map((group) => [group['LogGroupName'], group['KmsKeyId']] as unknown[]);
    for (const name of [
      '/ecs/ecs-codepipeline-practice/api',
      'aws-waf-logs-ecs-codepipeline-practice-api',
      '/aws/codebuild/ecs-codepipeline-practice-api-build',
      '/aws/codepipeline/ecs-codepipeline-practice-api-pipeline',
    ]) {
      expect(groups).toContainEqual([name, key]);
    }
  });

  test('encrypt artifacts and the webhook secret', () => {
    release.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } },
        ],
      },
    });
    expect(propertiesOf(release, 'AWS::SecretsManager::Secret')['KmsKeyId']).toEqual(key);
    expect(propertiesOf(release, 'AWS::CodePipeline::Pipeline')['ArtifactStore']).toMatchObject({
      EncryptionKey: { Type: 'KMS', Id: key },
    });
    expect(propertiesOf(release, 'AWS::CodeBuild::Project')['EncryptionKey']).toEqual(key);
  });

  test('can be used by the roles that read or write artifacts, each for what it does', () => {
    expect(actionsOf(release, 'DeployRole')).toContain('kms:Decrypt');
    expect(actionsOf(release, 'DeployRole')).not.toContain('kms:GenerateDataKey');
    expect(actionsOf(release, 'BuildRole')).toEqual(
      expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKey']),
    );
  });

  test('turn over every year, and outlive their stack', () => {
    for (const template of [service, release]) {
      template.hasResource('AWS::KMS::Key', {
        Properties: { EnableKeyRotation: true, Description: Match.stringLikeRegexp('^Logs') },
        DeletionPolicy: 'Retain',
      });
    }
  });
});

test('deletion protection holds for the load balancer and both stacks', () => {
  const app = testApp();
  const stack = serviceStack({ deletionProtection: true }, app);
  const release = pipelineStack({ stack }, app);
  expect(attributesOf(Template.fromStack(stack))['deletion_protection.enabled']).toBe('true');
  expect([stack.terminationProtection, release.terminationProtection]).toEqual([true, true]);
  expect(serviceStack().terminationProtection).toBeFalsy();
});

describe('hardened', () => {
  test('turns everything on at once', () => {
    expect(serviceStack(HARDENED).hardening).toMatchObject({
      waf: true,
      wafRateLimit: 2000,
      accessLogs: true,
      flowLogs: true,
      kmsEncryption: true,
      deletionProtection: true,
      containerInsights: true,
    });
  });

  test('lets a single control be turned off', () => {
    const template = serviceTemplate({ ...HARDENED, waf: false });
    template.resourceCountIs('AWS::WAFv2::WebACL', 0);
    template.resourceCountIs('AWS::EC2::FlowLog', 1);
  });

  test('is refused without a certificate, and the message says how to get one', () => {
    expect(() => serviceStack({ hardened: true })).toThrow(
      /^'certificateArn' should be given with 'hardened': .*`aws acm request-certificate`/,
    );
  });

  test('needs no function of ours in the account, either', () => {
    for (const template of templates(HARDENED)) {
      template.resourceCountIs('AWS::Lambda::Function', 0);
    }
  });
});

test.each<[string, CdkStackProps, string]>([
  [
    'a certificate that is none',
    { certificateArn: 'my-certificate' },
    "'certificateArn' should be arn:aws:acm:REGION:ACCOUNT:certificate/ID, got: 'my-certificate'",
  ],
  [
    'a limit that the firewall does not take',
    { wafRateLimit: 5 },
    "'wafRateLimit' should be a whole number from 10 to 2000000000, got: '5'",
  ],
  [
    'logs that are not kept',
    { trafficLogRetention: Duration.days(0) },
    "'trafficLogRetention in days' should be a whole number from 1 to 36500, got: '0'",
  ],
])('%s is refused at once', (_, props, message) => {
  expect(() => serviceStack(props)).toThrow(message);
});

test('a service in a shared cluster takes over what belongs to VPC and cluster', () => {
  const app = testApp();
  const first = serviceStack(HARDENED, app);
  expect(() => serviceStack({ serviceName: 'web', shareClusterOf: first }, app, 'Web')).toThrow(
    "'flowLogs' should be 'true' with 'shareClusterOf' Service, to whose VPC and cluster it belongs, got: 'false'",
  );
  const second = serviceStack(
    { ...HARDENED, serviceName: 'shop', shareClusterOf: first },
    app,
    'Shop',
  );
  Template.fromStack(second).resourceCountIs('AWS::EC2::FlowLog', 0);
});
