import { deployNetwork, find, practice, type Resources } from './_network';

const EVERYBODY = { CidrIpv6: '::/0', IpProtocol: 'tcp', FromPort: 80, ToPort: 80 };

/** The practice network with IPv6 in the subnets and routes of the load balancer. */
function dualStack(IpAddressType: string): Resources {
  const resources = practice('single-nat');
  const vpc = Object.keys(resources).find((id) => /^Vpc\w{8}$/.test(id))!;
  const gateway = Object.keys(resources).find((id) => /^VpcIGW/.test(id))!;
  resources['Ipv6Block'] = {
    Type: 'AWS::EC2::VPCCidrBlock',
    Properties: { VpcId: { Ref: vpc }, AmazonProvidedIpv6CidrBlock: true },
  };
  for (const [id, { Type, Properties }] of Object.entries(resources)) {
    if (Type === 'AWS::EC2::Subnet') Properties['Ipv6CidrBlock'] = '2001:db8:0:1::/64';
    if (Type !== 'AWS::EC2::RouteTable' || !id.includes('Public')) continue;
    resources[`Ipv6${id}`] = {
      Type: 'AWS::EC2::Route',
      Properties: {
        RouteTableId: { Ref: id },
        DestinationIpv6CidrBlock: '::/0',
        GatewayId: { Ref: gateway },
      },
    };
  }
  find(resources, 'LoadBalancer').Properties['IpAddressType'] = IpAddressType;
  return resources;
}

const admitting = (resources: Resources, ...rules: Record<string, unknown>[]) => {
  find(resources, 'SecurityGroup', 'Alb').Properties['SecurityGroupIngress'] = rules;
  return resources;
};

test('rules for IPv6 alone admit nobody to a load balancer of IPv4', () => {
  expect(deployNetwork(admitting(dualStack('ipv4'), EVERYBODY)).toListener()).toContain(
    'has no ingress rule for tcp 80 from clients on the internet',
  );
});

test('a dual-stack load balancer is reached by IPv6, which the report says', () => {
  const { toListener, unproven } = deployNetwork(admitting(dualStack('dualstack'), EVERYBODY));
  expect(toListener()).toBeUndefined();
  expect(unproven()).toEqual([
    expect.stringMatching(/^only clients with IPv6 can connect to load balancer 'ApiALB\w+'; /),
  ]);
});

test('a dual-stack load balancer that IPv4 reaches needs no IPv6', () => {
  const { toListener, unproven } = deployNetwork(dualStack('dualstack'));
  expect(toListener()).toBeUndefined();
  expect(unproven()).toEqual([]);
});

test('without public addresses of IPv4 the rules have to admit IPv6', () => {
  const type = 'dualstack-without-public-ipv4';
  expect(deployNetwork(admitting(dualStack(type), EVERYBODY)).toListener()).toBeUndefined();
  const ipv4Only = { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 80, ToPort: 80 };
  expect(deployNetwork(admitting(dualStack(type), ipv4Only)).toListener()).toMatch(
    /has IpAddressType 'dualstack-without-public-ipv4', so clients on the internet need IPv6$/,
  );
});

test.each([
  ['no route', undefined],
  ['an egress-only internet gateway', { EgressOnlyInternetGatewayId: 'eigw-1' }],
])('a subnet with %s for IPv6 keeps its clients out', (_what, target) => {
  const resources = admitting(dualStack('dualstack'), EVERYBODY);
  for (const [id, { Properties }] of Object.entries(resources)) {
    if (!id.startsWith('Ipv6Vpc')) continue;
    delete Properties['GatewayId'];
    Object.assign(Properties, target ?? { DestinationIpv6CidrBlock: '2001:db8::/32' });
  }
  expect(deployNetwork(resources).toListener()).toBeDefined();
});
