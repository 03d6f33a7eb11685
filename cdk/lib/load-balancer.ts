import { Duration } from 'aws-cdk-lib/core';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  DesyncMitigationMode,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import type { Hardening } from './hardening';
import { allowLoadBalancerLogs } from './log-bucket';
import { CONTAINER_PORT, HEALTH_CHECK_PATH } from './resource-names';

const ACCESS_LOG_PREFIX = 'load-balancer';

/**
 * A public load balancer that lets in HTTP, and HTTPS if there is a certificate, and sends only to
 * what is attached to it.
 *
 * @param accessLogBucket where requests are recorded, if they are
 */
export function createLoadBalancer(
  scope: Construct,
  vpc: IVpc,
  hardening: Hardening,
  accessLogBucket: IBucket | undefined,
): ApplicationLoadBalancer {
  const alb = new ApplicationLoadBalancer(scope, 'ApiALB', {
    vpc,
    internetFacing: true,
    securityGroup: createSecurityGroup(scope, vpc, hardening.certificateArn !== undefined),
    // Written down although it is the default: the API's keep-alive timeout has to stay above it,
    // or the load balancer reuses a connection that Node has just closed and answers 502.
    idleTimeout: Duration.seconds(60),
    dropInvalidHeaderFields: true,
    // The default, too. It blocks what could smuggle a request past the firewall; `strictest` also
    // turns clients away that are merely careless:
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#desync-mitigation-mode
    desyncMitigationMode: DesyncMitigationMode.DEFENSIVE,
    deletionProtection: hardening.deletionProtection,
  });
  if (accessLogBucket) writeAccessLogs(alb, accessLogBucket);
  acknowledgeWhatIsOff(alb, hardening);
  return alb;
}

function createSecurityGroup(scope: Construct, vpc: IVpc, https: boolean): SecurityGroup {
  const securityGroup = new SecurityGroup(scope, 'AlbSecurityGroup', {
    vpc,
    description: 'Load balancer: HTTP from anywhere, to the service only',
    allowAllOutbound: false,
  });
  securityGroup.addIngressRule(Peer.anyIpv4(), Port.tcp(80), 'HTTP from anywhere');
  if (https) securityGroup.addIngressRule(Peer.anyIpv4(), Port.tcp(443), 'HTTPS from anywhere');
  acknowledge(
    securityGroup,
    'A public website: its ports are open to everybody on purpose, nothing else is.',
    'AwsSolutions-EC23',
  );
  return securityGroup;
}

/** Not by `logAccessLogs`, which grants more and wants the region at synthesis. */
function writeAccessLogs(alb: ApplicationLoadBalancer, bucket: IBucket): void {
  allowLoadBalancerLogs(bucket, ACCESS_LOG_PREFIX);
  alb.setAttribute('access_logs.s3.enabled', 'true');
  alb.setAttribute('access_logs.s3.bucket', bucket.bucketName);
  alb.setAttribute('access_logs.s3.prefix', ACCESS_LOG_PREFIX);
  // Elastic Load Balancing writes a test file when the attribute is set.
  if (bucket.policy) alb.node.addDependency(bucket.policy);
}

function acknowledgeWhatIsOff(alb: ApplicationLoadBalancer, hardening: Hardening): void {
  if (!hardening.accessLogs) {
    acknowledge(
      alb,
      'Billed per GB; the API logs each request with its trace id. The property `accessLogs` turns them on.',
      'AwsSolutions-ELB2',
      'ELBLoggingEnabled',
    );
  }
  if (!hardening.waf) {
    acknowledge(
      alb,
      'A firewall costs $8 a month before the first request; the property `waf` turns it on.',
      'ALBWAFEnabled',
    );
  }
  if (!hardening.deletionProtection) {
    acknowledge(
      alb,
      'It would stop `cdk destroy`, with which an experiment ends; the property `deletionProtection` turns it on.',
      'ELBDeletionProtectionEnabled',
    );
  }
}

/** Health checks and draining, tuned to the API: docs/decisions/0004-deploy-timings.md. */
export function createTargetGroup(
  scope: Construct,
  vpc: IVpc,
  deregistrationDelaySeconds: number,
): ApplicationTargetGroup {
  return new ApplicationTargetGroup(scope, 'ApiTargetGroup', {
    vpc,
    port: CONTAINER_PORT,
    protocol: ApplicationProtocol.HTTP,
    targetType: TargetType.IP,
    deregistrationDelay: Duration.seconds(deregistrationDelaySeconds),
    healthCheck: {
      path: HEALTH_CHECK_PATH,
      healthyHttpCodes: '200',
      interval: Duration.seconds(5),
      timeout: Duration.seconds(4),
      healthyThresholdCount: 2,
      unhealthyThresholdCount: 3,
    },
  });
}
