import { Validations } from 'aws-cdk-lib/core';
import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { GatewayVpcEndpointAwsService, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';

/** How tasks reach the internet (ECR, CloudWatch Logs, third parties); see docs/decisions/0001-egress.md. */
export type Egress = 'single-nat' | 'nat-per-az' | 'public-ip';

export const EGRESS_CHOICES: readonly Egress[] = ['single-nat', 'nat-per-az', 'public-ip'];

const AVAILABILITY_ZONES = 2;

const NAT_GATEWAYS: Readonly<Record<Egress, number>> = {
  'single-nat': 1,
  'nat-per-az': AVAILABILITY_ZONES,
  'public-ip': 0,
};

/** A VPC over two availability zones whose private subnets exist only if something gives them egress. */
export function createVpc(scope: Construct, id: string, egress: Egress): IVpc {
  const publicSubnets = { name: 'Public', subnetType: SubnetType.PUBLIC, cidrMask: 24 };
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
  Validations.of(vpc).acknowledge({
    id: 'AwsSolutions-VPC7',
    reason:
      'Flow logs are billed per GB and nobody reads them in a practice account; add vpc.addFlowLog() where somebody does.',
  });
  // The cast is for exactOptionalPropertyTypes, which CDK's declarations are not written for.
  return vpc as IVpc;
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
