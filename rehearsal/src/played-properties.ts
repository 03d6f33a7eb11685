import { playedAlarmProperties } from './cloudwatch/alarm-definition';
import { playedCompositeAlarmProperties } from './cloudwatch/composite-definition';
import { playedProperties as project } from './codebuild/project-definition';
import type { DeployedResources } from './cloudformation/deployed-resource';
import { unplayedProperties } from './cloudformation/unplayed-properties';
import {
  playedPipelineProperties,
  unplayedPipelineParts,
} from './codepipeline/pipeline-definition';
import { playedWebhookProperties } from './codepipeline/webhook-definition';
import {
  playedLoadBalancerNetworkProperties,
  playedTargetGroupNetworkProperties,
} from './ec2/load-balancer-network';
import { playedNetworkProperties } from './ec2/network-definitions';
import { playedNotificationRuleProperties } from './codestarnotifications/notification-rule-definition';
import { playedScanningProperties } from './ecr/registry-scanning-definition';
import { playedProperties as repository } from './ecr/repository-definition';
import { playedProperties as service } from './ecs/service-definition';
import { playedProperties as taskDefinition } from './ecs/task-definition';
import { playedListenerCertificateProperties } from './elbv2/certificate-definition';
import { playedListenerProperties } from './elbv2/listener-definition';
import { playedListenerRuleProperties } from './elbv2/listener-rule-definition';
import { playedLoadBalancerProperties } from './elbv2/load-balancer-definition';
import { playedTargetGroupProperties } from './elbv2/target-group-definition';
import { playedRuleProperties } from './eventbridge/rule-definition';
import { policyPlayedProperties, rolePlayedProperties } from './iam/roles';
import { playedMetricFilterProperties } from './logs/metric-filter-definition';
import { playedProperties as secret } from './secretsmanager/secret-definition';
import {
  playedSubscriptionProperties,
  playedTopicPolicyProperties,
  playedTopicProperties,
} from './sns/topic-definition';
import { playedQueuePolicyProperties, playedQueueProperties } from './sqs/queue-definition';
import { playedProperties as parameter } from './ssm/parameter-definition';

/** What each service reads of its resource types. */
const PLAYED: Readonly<Record<string, readonly string[]>> = {
  ...playedNetworkProperties,
  'AWS::CloudWatch::Alarm': playedAlarmProperties,
  'AWS::CloudWatch::CompositeAlarm': playedCompositeAlarmProperties,
  'AWS::CodeBuild::Project': project,
  // Its first files (Code) and triggers of its own are not played.
  'AWS::CodeCommit::Repository': ['RepositoryName', 'RepositoryDescription', 'Tags', 'KmsKeyId'],
  'AWS::CodePipeline::Pipeline': playedPipelineProperties,
  'AWS::CodePipeline::Webhook': playedWebhookProperties,
  'AWS::CodeStarNotifications::NotificationRule': playedNotificationRuleProperties,
  'AWS::ECR::RegistryScanningConfiguration': playedScanningProperties,
  'AWS::ECR::Repository': repository,
  'AWS::ECS::Service': service,
  'AWS::ECS::TaskDefinition': taskDefinition,
  'AWS::ElasticLoadBalancingV2::Listener': playedListenerProperties,
  'AWS::ElasticLoadBalancingV2::ListenerCertificate': playedListenerCertificateProperties,
  'AWS::ElasticLoadBalancingV2::ListenerRule': playedListenerRuleProperties,
  'AWS::ElasticLoadBalancingV2::LoadBalancer': [
    ...playedLoadBalancerProperties,
    ...playedLoadBalancerNetworkProperties,
  ],
  'AWS::ElasticLoadBalancingV2::TargetGroup': [
    ...playedTargetGroupProperties,
    ...playedTargetGroupNetworkProperties,
  ],
  'AWS::Events::Rule': playedRuleProperties,
  'AWS::IAM::ManagedPolicy': policyPlayedProperties,
  'AWS::IAM::Policy': policyPlayedProperties,
  'AWS::IAM::Role': rolePlayedProperties,
  'AWS::IAM::RolePolicy': policyPlayedProperties,
  'AWS::Logs::MetricFilter': playedMetricFilterProperties,
  'AWS::SNS::Subscription': playedSubscriptionProperties,
  'AWS::SNS::Topic': playedTopicProperties,
  'AWS::SNS::TopicPolicy': playedTopicPolicyProperties,
  'AWS::SQS::Queue': playedQueueProperties,
  'AWS::SQS::QueuePolicy': playedQueuePolicyProperties,
  'AWS::SSM::Parameter': parameter,
  'AWS::SecretsManager::Secret': secret,
};

export interface UnplayedProperty {
  readonly logicalId: string;
  readonly type: string;
  readonly stack: string;
  /** Dotted path */
  readonly property: string;
}

/** Properties of played resources that the templates set and the engine does not act on. */
export function findUnplayedProperties(resources: DeployedResources): UnplayedProperty[] {
  return resources.all.flatMap((resource) => {
    const played = PLAYED[resource.type];
    if (played === undefined) return [];
    const { logicalId, type, stack } = resource;
    const parts = type === 'AWS::CodePipeline::Pipeline' ? unplayedPipelineParts(resource) : [];
    return [...unplayedProperties(resource, played), ...parts].map((property) => ({
      logicalId,
      type,
      stack,
      property,
    }));
  });
}
