import { z } from 'zod';
import { cfnBoolean, cfnNumber, cfnString } from '../cloudformation/read-properties';

/**
 * What the network model reads of each resource type.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_EC2.html
 */
const text = cfnString.optional();

const port = cfnNumber.optional();

const rule = { IpProtocol: cfnString, FromPort: port, ToPort: port, CidrIp: text, CidrIpv6: text };

const ingressRule = z.object({
  ...rule,
  SourceSecurityGroupId: text,
  SourcePrefixListId: text,
});

const egressRule = z.object({
  ...rule,
  DestinationSecurityGroupId: text,
  DestinationPrefixListId: text,
});

export const schemas = {
  'AWS::EC2::VPC': z.object({
    CidrBlock: text,
    EnableDnsSupport: cfnBoolean.default(true),
    EnableDnsHostnames: cfnBoolean.default(false),
  }),
  'AWS::EC2::VPCCidrBlock': z.object({
    VpcId: cfnString,
    CidrBlock: text,
    AmazonProvidedIpv6CidrBlock: cfnBoolean.default(false),
  }),
  'AWS::EC2::Subnet': z.object({
    VpcId: cfnString,
    CidrBlock: text,
    Ipv6CidrBlock: text,
    Ipv6Native: cfnBoolean.default(false),
    EnableDns64: cfnBoolean.default(false),
    AvailabilityZone: text,
  }),
  'AWS::EC2::RouteTable': z.object({ VpcId: cfnString }),
  'AWS::EC2::Route': z.object({
    RouteTableId: cfnString,
    DestinationCidrBlock: text,
    DestinationIpv6CidrBlock: text,
    DestinationPrefixListId: text,
    GatewayId: text,
    NatGatewayId: text,
    EgressOnlyInternetGatewayId: text,
    CarrierGatewayId: text,
    CoreNetworkArn: text,
    InstanceId: text,
    LocalGatewayId: text,
    NetworkInterfaceId: text,
    TransitGatewayId: text,
    VpcEndpointId: text,
    VpcPeeringConnectionId: text,
  }),
  'AWS::EC2::SubnetRouteTableAssociation': z.object({
    RouteTableId: cfnString,
    SubnetId: cfnString,
  }),
  'AWS::EC2::InternetGateway': z.object({}),
  'AWS::EC2::EgressOnlyInternetGateway': z.object({ VpcId: cfnString }),
  'AWS::EC2::VPCGatewayAttachment': z.object({ VpcId: cfnString, InternetGatewayId: text }),
  'AWS::EC2::NatGateway': z.object({
    SubnetId: text,
    VpcId: text,
    AllocationId: text,
    AvailabilityMode: text,
    ConnectivityType: z.enum(['public', 'private']).default('public'),
  }),
  'AWS::EC2::EIP': z.object({}),
  'AWS::EC2::SecurityGroup': z.object({
    VpcId: text,
    SecurityGroupIngress: z.array(ingressRule).default([]),
    SecurityGroupEgress: z.array(egressRule).default([]),
  }),
  'AWS::EC2::SecurityGroupIngress': ingressRule.extend({ GroupId: text }),
  'AWS::EC2::SecurityGroupEgress': egressRule.extend({ GroupId: text }),
  'AWS::EC2::PrefixList': z.object({
    Entries: z.array(z.object({ Cidr: cfnString })).default([]),
  }),
  'AWS::EC2::NetworkAcl': z.object({ VpcId: cfnString }),
  'AWS::EC2::NetworkAclEntry': z.object({
    NetworkAclId: cfnString,
    RuleNumber: cfnNumber,
    Protocol: cfnNumber,
    RuleAction: z.enum(['allow', 'deny']),
    Egress: cfnBoolean.default(false),
    CidrBlock: text,
    Ipv6CidrBlock: text,
    PortRange: z.object({ From: port, To: port }).optional(),
  }),
  'AWS::EC2::SubnetNetworkAclAssociation': z.object({
    NetworkAclId: cfnString,
    SubnetId: cfnString,
  }),
  'AWS::EC2::VPCEndpoint': z.object({
    VpcId: cfnString,
    ServiceName: cfnString.default(''),
    VpcEndpointType: cfnString.default('Gateway'),
    PolicyDocument: z.unknown().optional(),
    PrivateDnsEnabled: cfnBoolean.default(false),
    IpAddressType: z.enum(['ipv4', 'ipv6', 'dualstack']).default('ipv4'),
    DnsOptions: z.object({ DnsRecordIpType: text }).optional(),
    RouteTableIds: z.array(cfnString).default([]),
    SubnetIds: z.array(cfnString).default([]),
    SecurityGroupIds: z.array(cfnString).default([]),
  }),
  /** The CDK's helper that takes the rules out of the default security group of a VPC */
  'Custom::VpcRestrictDefaultSG': z.object({
    DefaultSecurityGroupId: cfnString,
  }),
};

export type NetworkType = keyof typeof schemas;
export type IngressRule = z.output<typeof ingressRule>;
export type EgressRule = z.output<typeof egressRule>;
export type RouteProperties = z.output<(typeof schemas)['AWS::EC2::Route']>;
export type AclEntryProperties = z.output<(typeof schemas)['AWS::EC2::NetworkAclEntry']>;

/** Properties that say nothing about who reaches whom: texts, and what only EC2 instances heed. */
const WITHOUT_EFFECT: Readonly<Record<string, readonly string[]>> = {
  'AWS::EC2::EIP': ['Domain'],
  'AWS::EC2::PrefixList': ['AddressFamily', 'MaxEntries', 'PrefixListName'],
  'AWS::EC2::SecurityGroup': ['GroupDescription', 'GroupName'],
  'AWS::EC2::SecurityGroupEgress': ['Description'],
  'AWS::EC2::SecurityGroupIngress': ['Description'],
  'AWS::EC2::Subnet': ['AssignIpv6AddressOnCreation', 'MapPublicIpOnLaunch'],
  'AWS::EC2::VPC': ['InstanceTenancy'],
  'Custom::VpcRestrictDefaultSG': ['Account', 'ServiceToken'],
};

/** Properties that the network model acts on or that change nothing, by resource type. */
export const playedNetworkProperties: Readonly<Record<string, readonly string[]>> =
  Object.fromEntries(
    Object.entries(schemas).map(([type, schema]) => [
      type,
      [...Object.keys(schema.shape).map(onlyIpType), ...(WITHOUT_EFFECT[type] ?? [])],
    ]),
  );

/** Of the DNS options of an endpoint only one is played. */
function onlyIpType(property: string): string {
  return property === 'DnsOptions' ? 'DnsOptions.DnsRecordIpType' : property;
}
