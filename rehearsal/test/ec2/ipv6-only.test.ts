import { addressBlock, addressOf } from '../../src/ip-address';
import { synthesized, translated } from '../../src/ec2/ipv6-addresses';
import { firstAndLastHost } from '../../src/ec2/ip-ranges';
import { findUnplayedProperties } from '../../src/played-properties';
import { DeployedStacks } from '../../src/cloudformation/deployed-stacks';
import { deployTemplate } from '../cloudformation/deploy-template';
import { ipv6Only, ipv6OnlyWithNat64 } from './_ipv6-only';
import { allBarriers, deployNetwork, find, type Resources, without } from './_network';

/** Services that an image is pulled from, by names that may have addresses of IPv4 only. */
const IPV4_NAMES = ['ecr.dkr', 's3'] as const;

const change = (resources: Resources, id: RegExp, properties: Record<string, unknown>) => {
  for (const [logicalId, { Properties }] of Object.entries(resources)) {
    if (id.test(logicalId)) Object.assign(Properties, properties);
  }
  return resources;
};

describe('tasks in subnets without IPv4', () => {
  test('reach services by an egress-only internet gateway and are reached by a dual-stack load balancer', () => {
    expect(allBarriers(ipv6Only())).toEqual([]);
  });

  test('need nothing of which the report would say that it is not played', () => {
    const stacks = new DeployedStacks([deployTemplate({ Resources: ipv6OnlyWithNat64() })]);

    expect(findUnplayedProperties(stacks).filter(({ type }) => type.includes('EC2'))).toEqual([]);
    expect(findUnplayedProperties(stacks).map(({ property }) => property)).not.toContain(
      'IpAddressType',
    );
  });

  test('reach services by an internet gateway too, as their addresses are public by themselves', () => {
    const resources = ipv6Only();
    const gateway = Object.keys(resources).find((id) => id.startsWith('VpcIGW'));
    for (const [id, { Properties }] of Object.entries(resources)) {
      if (!id.startsWith('Ipv6VpcPrivate')) continue;
      delete Properties['EgressOnlyInternetGatewayId'];
      Properties['GatewayId'] = { Ref: gateway };
    }

    expect(allBarriers(resources)).toEqual([]);
  });

  test.each([
    [
      'a route of IPv6',
      () => without(ipv6Only(), 'Route', 'Ipv6VpcPrivate'),
      /^route table 'VpcPrivateSubnet1RouteTable\w+' of subnet '\w+' has no route to ecr\.api\.eu-west-1\.amazonaws\.com by IPv6$/,
    ],
    [
      'a rule of IPv6 in their security group',
      () =>
        change(ipv6Only(), /^ServiceSecurityGroup\w{8}$/, {
          SecurityGroupEgress: [{ CidrIp: '0.0.0.0/0', IpProtocol: '-1' }],
        }),
      /^security group 'ServiceSecurityGroup\w+' of a task of service 'api-service' has no egress rule for tcp 443 to ecr\.api\.eu-west-1\.amazonaws\.com by IPv6 \(2600:1f18::10\)$/,
    ],
    [
      'a gateway that passes IPv6',
      () => {
        const resources = ipv6Only();
        const nat = Object.keys(resources).find((id) => id.includes('NATGateway'));
        for (const [id, { Properties }] of Object.entries(resources)) {
          if (!id.startsWith('Ipv6VpcPrivate')) continue;
          delete Properties['EgressOnlyInternetGatewayId'];
          Properties['NatGatewayId'] = { Ref: nat };
        }
        return resources;
      },
      /^NAT gateway '\w+' passes no IPv6 but to addresses of 64:ff9b::\/96, which it translates$/,
    ],
  ])('reach nothing without %s', (_what, resources, why) => {
    expect(deployNetwork(resources()).toService('ecr.api')).toMatch(why);
  });

  test('are told of a gateway that no template defines', () => {
    const resources = change(without(ipv6Only(), 'EgressOnlyInternetGateway'), /^Ipv6VpcPrivate/, {
      EgressOnlyInternetGatewayId: 'eigw-elsewhere',
    });
    const { toService, unproven } = deployNetwork(resources);

    expect(toService('logs')).toBeUndefined();
    expect(unproven()).toEqual([
      expect.stringContaining("'eigw-elsewhere', which no template defines"),
      expect.stringContaining("'eigw-elsewhere', which no template defines"),
    ]);
  });

  test('are not reached by a load balancer whose security group does not let it', () => {
    const resources = without(ipv6Only(), 'SecurityGroupIngress');

    expect(deployNetwork(resources).toTarget()).toContain('has no ingress rule for tcp 3000');
  });
});

describe('names of IPv4 alone', () => {
  test.each(IPV4_NAMES)('of %s lead nowhere without DNS64', (service) => {
    expect(deployNetwork(ipv6Only()).toService(service, 'ipv4')).toMatch(
      /^subnet 'VpcPrivateSubnet1Subnet\w+' has no IPv4, and without EnableDns64 there is no way to \S+\.eu-west-1\.amazonaws\.com, which has no addresses of IPv6$/,
    );
  });

  test.each(IPV4_NAMES)('of %s are reached by DNS64 and a NAT gateway', (service) => {
    const { toService, unproven } = deployNetwork(ipv6OnlyWithNat64());

    expect(toService(service, 'ipv4')).toBeUndefined();
    expect(unproven()).toEqual([expect.stringContaining('by its dual-stack name')]);
  });

  test('need the route of NAT64 to lead to a NAT gateway', () => {
    const gateway = { EgressOnlyInternetGatewayId: { Ref: 'EgressOnly' } };

    expect(deployNetwork(ipv6OnlyWithNat64(gateway)).toService('ecr.dkr', 'ipv4')).toMatch(
      /: 64:ff9b::\/96 to no NAT gateway, and only that translates 64:ff9b::\/96$/,
    );
  });

  test('need the NAT gateway to have a way out by IPv4', () => {
    const resources = without(ipv6OnlyWithNat64(), 'Route', 'VpcPublic');

    expect(deployNetwork(resources).toService('ecr.dkr', 'ipv4')).toMatch(
      /^route table 'VpcPublicSubnet1RouteTable\w+' of subnet '\w+' has no route to ecr\.dkr/,
    );
  });
});

describe('VPC endpoints and tasks without IPv4', () => {
  const isolated = (service: string, properties: Record<string, unknown>) => {
    const resources = without(ipv6Only(), 'Route', 'Ipv6VpcPrivate');
    const vpc = Object.keys(resources).find((id) => /^Vpc\w{8}$/.test(id));
    resources['Endpoint'] = {
      Type: 'AWS::EC2::VPCEndpoint',
      Properties: {
        VpcId: { Ref: vpc },
        ServiceName: `com.amazonaws.eu-west-1.${service}`,
        VpcEndpointType: 'Interface',
        PrivateDnsEnabled: true,
        SubnetIds: Object.keys(resources)
          .filter((id) => /^VpcPrivateSubnet\dSubnet/.test(id))
          .map((id) => ({ Ref: id })),
        SecurityGroupIds: [{ 'Fn::GetAtt': ['EndpointGroup', 'GroupId'] }],
        ...properties,
      },
    };
    resources['EndpointGroup'] = {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: {
        VpcId: { Ref: vpc },
        GroupDescription: 'endpoints',
        SecurityGroupIngress: [{ CidrIpv6: '::/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }],
      },
    };
    return deployNetwork(resources);
  };

  test('meet at addresses of IPv6, and the report says what is not documented', () => {
    const { toService, unproven } = isolated('logs', { IpAddressType: 'ipv6' });

    expect(toService('logs')).toBeUndefined();
    expect(unproven()).toEqual([
      "whether VPC endpoint 'Endpoint' answers to the name that tasks without IPv4 ask for",
    ]);
  });

  test.each([
    ['an endpoint of IPv4', {}],
    ['a name of IPv4', { IpAddressType: 'dualstack', DnsOptions: { DnsRecordIpType: 'ipv4' } }],
  ])('do not meet at %s', (_what, properties) => {
    expect(isolated('logs', properties).toService('logs')).toContain(
      "(VPC endpoint 'Endpoint' has no addresses of IPv6: its IpAddressType or DnsRecordIpType is 'ipv4')",
    );
  });

  test('do not meet at those of ECR, which has none that they can use', () => {
    expect(isolated('ecr.api', { IpAddressType: 'dualstack' }).toService('ecr.api')).toContain(
      "(ECR has no VPC endpoints that tasks without IPv4 can use, as 'Endpoint' would be)",
    );
  });

  test('meet at a gateway endpoint for S3 only when it is one of IPv6', () => {
    const withEndpoint = (properties: Record<string, unknown>) => {
      const resources = without(ipv6Only(), 'Route', 'Ipv6VpcPrivate');
      Object.assign(find(resources, 'VPCEndpoint', 'VpcS3').Properties, properties);
      return deployNetwork(resources).toService('s3');
    };

    expect(withEndpoint({})).toContain('has no addresses of IPv6');
    expect(withEndpoint({ IpAddressType: 'dualstack' })).toBeUndefined();
  });
});

describe('addresses of IPv6', () => {
  test.each(['2001:db8::', '2001:db8:0:1::4', '::1', '64:ff9b::305:8c0a'])(
    '%s is taken apart and put together again',
    (address) => {
      expect(addressOf(addressBlock(address)!.first, 6)).toBe(address);
    },
  );

  test('of which AWS keeps the first four of a subnet and the last', () => {
    expect(firstAndLastHost('2001:db8:0:1::/64')).toEqual([
      '2001:db8:0:1::4',
      '2001:db8:0:1:ffff:ffff:ffff:fffe',
    ]);
  });

  test('stand for those of IPv4 as RFC 6052 has it, and for no others', () => {
    expect(synthesized('192.0.2.33')).toBe('64:ff9b::c000:221');
    expect(translated('64:ff9b::192.0.2.33')).toBe('192.0.2.33');
    expect(translated('2001:db8::1')).toBeUndefined();
  });
});
