import type { DeployedResource } from './deployed-resource';

/** A resource of the templates, as the report lists it. */
export interface ResourceUse {
  readonly logicalId: string;
  readonly type: string;
  /** Name of the stack */
  readonly stack: string;
  /** Why it has no effect in a rehearsal, or why it cannot be rehearsed */
  readonly reason?: string;
}

export interface ResourceClasses {
  /** Executed by the engine */
  readonly played: readonly ResourceUse[];
  /** Without effect on this machine; `reason` says why that is so */
  readonly accepted: readonly ResourceUse[];
  /** Not known to the engine although it could change the outcome */
  readonly refused: readonly ResourceUse[];
}

const PLAYED = new Set([
  'AWS::CloudFormation::Stack',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CodeBuild::Project',
  'AWS::CodeCommit::Repository',
  'AWS::CodePipeline::Pipeline',
  'AWS::CodePipeline::Webhook',
  'AWS::CodeStarNotifications::NotificationRule',
  'AWS::EC2::EIP',
  'AWS::EC2::EgressOnlyInternetGateway',
  'AWS::EC2::InternetGateway',
  'AWS::EC2::NatGateway',
  'AWS::EC2::NetworkAcl',
  'AWS::EC2::NetworkAclEntry',
  'AWS::EC2::PrefixList',
  'AWS::EC2::Route',
  'AWS::EC2::RouteTable',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::Subnet',
  'AWS::EC2::SubnetNetworkAclAssociation',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::EC2::VPC',
  'AWS::EC2::VPCCidrBlock',
  'AWS::EC2::VPCEndpoint',
  'AWS::EC2::VPCGatewayAttachment',
  'AWS::ECR::RegistryScanningConfiguration',
  'AWS::ECR::Repository',
  'AWS::ECS::Cluster',
  'AWS::ECS::Service',
  'AWS::ECS::TaskDefinition',
  'AWS::ElasticLoadBalancingV2::Listener',
  'AWS::ElasticLoadBalancingV2::ListenerCertificate',
  'AWS::ElasticLoadBalancingV2::ListenerRule',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
  'AWS::Events::Rule',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::IAM::RolePolicy',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::ResourcePolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::SSM::Parameter',
  'AWS::SecretsManager::Secret',
  'Custom::VpcRestrictDefaultSG',
]);

const ENCRYPTION =
  'artifacts stay on this machine and are not encrypted; the policy is played for encrypted topics';
const ON_REMOVAL = 'acts only when its stack is created or removed';
const NO_SCALING = 'not played yet: the service keeps its desired count';
const OTHERS = 'nobody else acts in a rehearsal than the operator and the services';
const FIREWALL = 'firewall rules are not played: what they would block passes in this run';
const CONNECTION = 'the source is a repository on this machine; nobody connects to the provider';

/** Types without effect on this machine, each with the reason that the report gives. */
const ACCEPTED: ReadonlyMap<string, string> = new Map([
  ['AWS::CDK::Metadata', 'only tells AWS which constructs are in use'],
  ['AWS::ECS::ClusterCapacityProviderAssociations', 'every task runs on this machine'],
  ['AWS::EC2::FlowLog', 'only records traffic'],
  ['AWS::S3::Bucket', 'a directory stands in for it; lifecycle and encryption are not played'],
  [
    'AWS::S3::BucketPolicy',
    'only its effect on access is played, as far as the engine asks for access',
  ],
  [
    'AWS::SecretsManager::ResourcePolicy',
    'only its effect on access is played, as far as the engine asks for access',
  ],
  ['AWS::KMS::Key', ENCRYPTION],
  ['AWS::KMS::Alias', ENCRYPTION],
  ['AWS::CodeConnections::Connection', CONNECTION],
  ['AWS::CodeStarConnections::Connection', CONNECTION],
  ['AWS::CloudWatch::Dashboard', 'only shows metrics; those that nobody publishes are named'],
  ['AWS::ApplicationAutoScaling::ScalableTarget', NO_SCALING],
  ['AWS::ApplicationAutoScaling::ScalingPolicy', NO_SCALING],
  [
    'AWS::CertificateManager::Certificate',
    'listeners show a certificate of this run with its names',
  ],
  ['AWS::CloudFormation::WaitConditionHandle', 'nothing waits for it by itself'],
  [
    'AWS::CloudTrail::Trail',
    'keeps no log here; of what it puts on the event bus, objects put into buckets are played',
  ],
  ['AWS::CloudFront::Distribution', 'clients go to the load balancer itself'],
  ['AWS::CodeBuild::ReportGroup', 'reports are collected; their history and export are not played'],
  ['AWS::CodeBuild::SourceCredential', 'sources come from the pipeline'],
  ['AWS::Chatbot::SlackChannelConfiguration', 'no chat message is proven by this run'],
  ['AWS::ECR::RegistryPolicy', 'other accounts are not played'],
  ['AWS::IAM::OIDCProvider', OTHERS],
  ['AWS::IAM::User', OTHERS],
  ['AWS::IAM::Group', OTHERS],
  ['AWS::IAM::ServiceLinkedRole', 'AWS makes it for itself'],
  ['AWS::Route53::HostedZone', 'clients find the load balancer without DNS'],
  ['AWS::Route53::RecordSet', 'clients find the load balancer without DNS'],
  ['AWS::WAFv2::WebACL', FIREWALL],
  ['AWS::WAFv2::WebACLAssociation', FIREWALL],
  ['AWS::WAFv2::LoggingConfiguration', FIREWALL],
  ['Custom::S3AutoDeleteObjects', ON_REMOVAL],
  [
    'Custom::S3BucketNotifications',
    'only that a bucket tells EventBridge of its objects is played',
  ],
  ['Custom::ECRAutoDeleteImages', ON_REMOVAL],
]);

/** Functions that the CDK adds to an app to carry out the custom resources accepted above. */
const CUSTOM_RESOURCE_PROVIDER =
  /^(Custom(S3AutoDeleteObjects|ECRAutoDeleteImages|VpcRestrictDefaultSG)CustomResourceProviderHandler|BucketNotificationsHandler)/;

const CUSTOM_RESOURCE =
  'a function of the account would carry it out, and functions are not played';
const DATA = 'there is no such service here, and an app that needs it would not start';

/** Types, or whole services, that people may expect to be played, and why they are not. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['AWS::Lambda', 'functions are not played'],
  ['AWS::CodeDeploy', 'only rolling deployments of ECS itself are played'],
  ['AWS::CloudFormation::CustomResource', CUSTOM_RESOURCE],
  ['Custom', CUSTOM_RESOURCE],
  ['AWS::AutoScaling', 'only Fargate is played: there are no instances to run tasks on'],
  ['AWS::EC2', 'there are no instances here'],
  ['AWS::RDS', DATA],
  ['AWS::DynamoDB', DATA],
  ['AWS::ElastiCache', DATA],
  ['AWS::EFS', 'file systems are not mounted into tasks'],
  [
    'AWS::ServiceDiscovery',
    'names of it cannot be looked up, so services would not find each other',
  ],
  ['AWS::AppMesh', 'there is no mesh: traffic would take other ways'],
]);

/** Sorts resources by what a rehearsal does with them. */
export function classifyResources(
  resources: Iterable<Pick<DeployedResource, 'logicalId' | 'type' | 'stack'>>,
): ResourceClasses {
  const played: ResourceUse[] = [];
  const accepted: ResourceUse[] = [];
  const refused: ResourceUse[] = [];
  for (const { logicalId, type, stack } of resources) {
    const use = { logicalId, type, stack };
    const reason =
      type === 'AWS::Lambda::Function' && CUSTOM_RESOURCE_PROVIDER.test(logicalId)
        ? 'carries out a custom resource that is accepted'
        : ACCEPTED.get(type);
    if (PLAYED.has(type)) played.push(use);
    else if (reason !== undefined) accepted.push({ ...use, reason });
    else refused.push({ ...use, reason: refusalOf(type) });
  }
  return { played, accepted, refused };
}

function refusalOf(type: string): string {
  const service = type.split('::').slice(0, type.startsWith('AWS::') ? 2 : 1);
  return (
    REFUSED.get(type) ?? REFUSED.get(service.join('::')) ?? 'the engine does not know this type'
  );
}
