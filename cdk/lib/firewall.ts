import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import { createLogGroup } from './log-group';

/** Free of charge but for the price of a rule: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html */
const MANAGED_RULES = ['AWSManagedRulesCommonRuleSet', 'AWSManagedRulesKnownBadInputsRuleSet'];

export interface FirewallOptions {
  /** Name of the ACL, unique in account and region. */
  readonly name: string;
  readonly loadBalancer: IApplicationLoadBalancer;
  /** Requests of one address in five minutes. */
  readonly rateLimit: number;
  readonly encryptionKey: IKey | undefined;
}

/**
 * AWS's own rules against common attacks, and a limit of requests from one address. What it stops
 * gets a 403 that the service never sees.
 */
export function createFirewall(scope: Construct, options: FirewallOptions): void {
  const { name, loadBalancer, rateLimit, encryptionKey } = options;
  const rateRule: CfnWebACL.RuleProperty = {
    name: 'RateLimit',
    priority: 0,
    action: { block: {} },
    statement: { rateBasedStatement: { aggregateKeyType: 'IP', limit: rateLimit } },
    visibilityConfig: visibility('RateLimit'),
  };
  const managedRules = MANAGED_RULES.map((group, index): CfnWebACL.RuleProperty => ({
    name: group,
    priority: index + 1,
    overrideAction: { none: {} },
    statement: { managedRuleGroupStatement: { vendorName: 'AWS', name: group } },
    visibilityConfig: visibility(group),
  }));
  const acl = new CfnWebACL(scope, 'Firewall', {
    name,
    description: 'Common attacks and too many requests from one address',
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    rules: [rateRule, ...managedRules],
    visibilityConfig: visibility(name),
  });
  new CfnWebACLAssociation(scope, 'FirewallAssociation', {
    resourceArn: loadBalancer.loadBalancerArn,
    webAclArn: acl.attrArn,
  });
  logWhatWasStopped(scope, acl, name, encryptionKey);
}

/** The name has to start so: https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html */
function logWhatWasStopped(
  scope: Construct,
  acl: CfnWebACL,
  name: string,
  encryptionKey: IKey | undefined,
): void {
  const logGroup = createLogGroup(scope, 'FirewallLogGroup', {
    name: `aws-waf-logs-${name}`,
    retention: RetentionDays.ONE_YEAR,
    encryptionKey,
  });
  new CfnLoggingConfiguration(scope, 'FirewallLogging', {
    resourceArn: acl.attrArn,
    logDestinationConfigs: [logGroup.logGroupArn],
    // Who a visitor is belongs into no log.
    redactedFields: [
      { singleHeader: { Name: 'authorization' } },
      { singleHeader: { Name: 'cookie' } },
    ],
    loggingFilter: {
      DefaultBehavior: 'DROP',
      Filters: [
        {
          Behavior: 'KEEP',
          Requirement: 'MEETS_ANY',
          Conditions: [{ ActionCondition: { Action: 'BLOCK' } }],
        },
      ],
    },
  });
}

function visibility(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true };
}
