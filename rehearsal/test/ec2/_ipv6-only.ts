import { find, practice, type Resources, without } from './_network';

/** Part of the block of IPv6 that the VPC has, as the CDK cuts it. */
const part = (vpc: string, index: number) => ({
  'Fn::Select': [
    index,
    { 'Fn::Cidr': [{ 'Fn::Select': [0, { 'Fn::GetAtt': [vpc, 'Ipv6CidrBlocks'] }] }, 8, '64'] },
  ],
});

const named = (resources: Resources, pattern: RegExp) =>
  Object.keys(resources).filter((id) => pattern.test(id));

/**
 * The practice network with tasks in subnets without IPv4, an egress-only internet gateway, and a
 * dual-stack load balancer.
 */
export function ipv6Only(): Resources {
  const resources = without(practice('single-nat'), 'Route', 'VpcPrivate');
  const [vpc = ''] = named(resources, /^Vpc\w{8}$/);
  const [internetGateway] = named(resources, /^VpcIGW/);
  resources['Ipv6Block'] = {
    Type: 'AWS::EC2::VPCCidrBlock',
    Properties: { VpcId: { Ref: vpc }, AmazonProvidedIpv6CidrBlock: true },
  };
  resources['EgressOnly'] = {
    Type: 'AWS::EC2::EgressOnlyInternetGateway',
    Properties: { VpcId: { Ref: vpc } },
  };
  named(resources, /Subnet\dSubnet/).forEach((id, index) => {
    const { Properties } = resources[id]!;
    Properties['Ipv6CidrBlock'] = part(vpc, index);
    if (!id.includes('Private')) return;
    delete Properties['CidrBlock'];
    Properties['Ipv6Native'] = true;
  });
  for (const id of named(resources, /RouteTable\w{8}$/)) {
    if (resources[id]!.Type !== 'AWS::EC2::RouteTable') continue;
    resources[`Ipv6${id}`] = {
      Type: 'AWS::EC2::Route',
      Properties: {
        RouteTableId: { Ref: id },
        DestinationIpv6CidrBlock: '::/0',
        ...(id.includes('Private')
          ? { EgressOnlyInternetGatewayId: { Ref: 'EgressOnly' } }
          : { GatewayId: { Ref: internetGateway } }),
      },
    };
  }
  find(resources, 'SecurityGroup', 'Service').Properties['SecurityGroupEgress'] = [
    { CidrIpv6: '::/0', IpProtocol: '-1' },
  ];
  find(resources, 'LoadBalancer').Properties['IpAddressType'] = 'dualstack';
  find(resources, 'TargetGroup').Properties['IpAddressType'] = 'ipv6';
  return resources;
}

/** The same with DNS64 in the subnets of tasks and NAT64 in their route tables. */
export function ipv6OnlyWithNat64(target: Record<string, unknown> = natGateway()): Resources {
  const resources = ipv6Only();
  for (const id of named(resources, /^VpcPrivateSubnet\dSubnet/)) {
    resources[id]!.Properties['EnableDns64'] = true;
  }
  for (const id of named(resources, /^VpcPrivateSubnet\dRouteTable\w{8}$/)) {
    resources[`Nat64${id}`] = {
      Type: 'AWS::EC2::Route',
      Properties: {
        RouteTableId: { Ref: id },
        DestinationIpv6CidrBlock: '64:ff9b::/96',
        ...target,
      },
    };
  }
  return resources;
}

function natGateway(): Record<string, unknown> {
  const [id] = named(practice('single-nat'), /NATGateway/);
  return { NatGatewayId: { Ref: id } };
}
