import { Duration, Validations } from 'aws-cdk-lib/core';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { CONTAINER_PORT, HEALTH_CHECK_PATH } from './resource-names';

/** A public load balancer that lets in port 80 and sends only to what is attached to it. */
export function createLoadBalancer(scope: Construct, vpc: IVpc): ApplicationLoadBalancer {
  const securityGroup = new SecurityGroup(scope, 'AlbSecurityGroup', {
    vpc,
    description: 'Load balancer: HTTP from anywhere, to the service only',
    allowAllOutbound: false,
  });
  securityGroup.addIngressRule(Peer.anyIpv4(), Port.tcp(80), 'HTTP from anywhere');
  Validations.of(securityGroup).acknowledge({
    id: 'AwsSolutions-EC23',
    reason: 'A public website: port 80 is open to everybody on purpose, nothing else is.',
  });
  const alb = new ApplicationLoadBalancer(scope, 'ApiALB', {
    vpc,
    internetFacing: true,
    securityGroup,
    // Written down although it is the default: the API's keep-alive timeout has to stay above it,
    // or the load balancer reuses a connection that Node has just closed and answers 502.
    idleTimeout: Duration.seconds(60),
    dropInvalidHeaderFields: true,
  });
  Validations.of(alb).acknowledge({
    id: 'AwsSolutions-ELB2',
    reason:
      'Access logs need a bucket and are billed per GB; the API logs each request with its trace id. Call alb.logAccessLogs(bucket) to have both.',
  });
  return alb;
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
