import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import {
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge';

/** How tasks reach the internet (ECR, CloudWatch Logs, third parties); see docs/decisions/0001-egress.md. */
export type Egress = 'single-nat' | 'nat-per-az' | 'public-ip';

export const EGRESS_CHOICES: readonly Egress[] = ['single-nat', 'nat-per-az', 'public-ip'];

const AVAILABILITY_ZONES = 2;

const FLOW_LOG_PREFIX = 'flow-logs';

const NAT_GATEWAYS: Readonly<Record<Egress, number>> = {
  'single-nat': 1,
  'nat-per-az': AVAILABILITY_ZONES,
  'public-ip': 0,
};

/**
 * A VPC over two availability zones whose private subnets exist only if something gives them egress.
 *
 * @param flowLogBucket where connections are recorded, if they are
 */
export function createVpc(
  scope: Construct,
  id: string,
  egress: Egress,
  flowLogBucket: IBucket | undefined,
): IVpc {
  const publicSubnets = {
    name: 'Public',
    subnetType: SubnetType.PUBLIC,
    cidrMask: 24,
    // What needs a public address here (load balancer, NAT gateway, tasks with `public-ip`) asks for it.
    mapPublicIpOnLaunch: false,
  };
  const privateSubnets = {
    name: 'Private',
    subnetType: SubnetType.PRIVATE_WITH_EGRESS,
    cidrMask: 24,
  };
  const vpc = new Vpc(scope, id, {
    maxAzs: AVAILABILITY_ZONES,
    natGateways: NAT_GATEWAYS[egress],
    subnetConfiguration: egress === 'public-ip' ? [publicSubnets] : [publicSubnets, privateSubnets],
    // Emptying the default group takes a Lambda function with rights on security groups. Nothing
    // here uses that group, so the function would be more to guard than what it guards.
    restrictDefaultSecurityGroup: false,
    // ECR keeps image layers in S3: this endpoint is free and saves the NAT's price per GB.
    gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
  });
  if (flowLogBucket) {
    vpc.addFlowLog('FlowLog', {
      destination: FlowLogDestination.toS3(flowLogBucket, FLOW_LOG_PREFIX),
    });
  } else {
    acknowledge(
      vpc,
      'Flow logs are billed per GB and nobody reads them in a practice account; the property `flowLogs` turns them on.',
      'AwsSolutions-VPC7',
      'VPCFlowLogsEnabled',
    );
  }
  acknowledgeFindings(vpc);
  // The cast is for exactOptionalPropertyTypes, which CDK's declarations are not written for.
  return vpc as IVpc;
}

function acknowledgeFindings(vpc: Vpc): void {
  acknowledge(
    vpc,
    'Nothing is in the default group, and emptying it takes a function with rights on every security group. By hand: `aws ec2 revoke-security-group-ingress` and `-egress`.',
    'VPCDefaultSecurityGroupClosed',
  );
  for (const subnet of vpc.publicSubnets) {
    acknowledge(
      subnet.node.findChild('DefaultRoute'),
      'The way in to the load balancer and out of the NAT gateway: public subnets are there for this route.',
      'VPCNoUnrestrictedRouteToIGW',
    );
  }
}

/** Where tasks run, and whether they need an address of their own there. */
export function taskPlacement(egress: Egress): {
  readonly vpcSubnets: SubnetSelection;
  readonly assignPublicIp: boolean;
} {
  return egress === 'public-ip'
    ? { vpcSubnets: { subnetType: SubnetType.PUBLIC }, assignPublicIp: true }
    : { vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS }, assignPublicIp: false };
}
