import { allBarriers, deployNetwork, find, practice, REGISTRY, without } from './_network';

type Rules = Record<string, unknown>[];

describe('the network of this repository', () => {
  test.each(['single-nat', 'nat-per-az', 'public-ip'] as const)(
    'lets tasks pull, the load balancer reach them and clients connect with egress %s',
    (egress) => {
      expect(allBarriers(practice(egress))).toEqual([]);
    },
  );

  test('needs nothing that its templates do not define', () => {
    const { toService, toTarget, toListener, unproven } = deployNetwork(practice('single-nat'));
    REGISTRY.forEach((name) => toService(name));
    toTarget();
    toListener();

    expect(unproven()).toEqual([]);
  });
});

describe('a task cannot reach the registry', () => {
  test('without a NAT gateway in its route table, and S3 is still reached by the gateway endpoint', () => {
    const { toService } = deployNetwork(
      without(practice('single-nat'), 'Route', 'VpcPrivateSubnet'),
    );

    expect(toService('ecr.api')).toMatch(
      /^route table 'VpcPrivateSubnet1RouteTable\w+' of subnet 'VpcPrivateSubnet1\w+' has no route to ecr\.api\.eu-west-1\.amazonaws\.com$/,
    );
    expect(toService('logs')).toContain('has no route to logs');
    expect(toService('s3')).toBeUndefined();
  });

  test('in a public subnet without a public address', () => {
    const resources = practice('public-ip');
    const service = find(resources, 'Service').Properties as {
      NetworkConfiguration: { AwsvpcConfiguration: Record<string, unknown> };
    };
    delete service.NetworkConfiguration.AwsvpcConfiguration['AssignPublicIp'];

    expect(deployNetwork(resources).toService('ecr.dkr')).toMatch(
      /internet gateway 'VpcIGW\w+', which passes nothing of a task of service 'api-service' in subnet 'VpcPublicSubnet1\w+', because it has no public address$/,
    );
  });

  test('when the internet gateway is attached to nothing', () => {
    const { toService } = deployNetwork(without(practice('public-ip'), 'VPCGatewayAttachment'));

    expect(toService('ecr.api')).toContain('which is not attached to');
  });

  test('when the NAT gateway stands in a subnet that has no route to the internet gateway', () => {
    const resources = practice('single-nat');
    const [privateSubnet] = Object.keys(resources).filter((id) =>
      /^VpcPrivateSubnet1Subnet/.test(id),
    );
    find(resources, 'NatGateway').Properties['SubnetId'] = { Ref: privateSubnet };

    expect(deployNetwork(resources).toService('ecr.api')).toMatch(
      /^NAT gateway '\w+' is in subnet 'VpcPrivateSubnet1\w+', whose route table '\w+' leads to a NAT gateway, not to an internet gateway$/,
    );
  });

  test('through a private NAT gateway, or one without an address', () => {
    const isPrivate = practice('single-nat');
    Object.assign(find(isPrivate, 'NatGateway').Properties, { ConnectivityType: 'private' });
    const hasNoAddress = practice('single-nat');
    delete find(hasNoAddress, 'NatGateway').Properties['AllocationId'];

    expect(deployNetwork(isPrivate).toService('ecr.api')).toContain('is private');
    expect(deployNetwork(hasNoAddress).toService('ecr.api')).toContain('has no AllocationId');
  });

  test('when its security group lets nothing out to port 443', () => {
    const resources = practice('single-nat');
    find(resources, 'SecurityGroup', 'Service').Properties['SecurityGroupEgress'] = [
      { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '0.0.0.0/0' },
      { IpProtocol: 'udp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' },
    ];

    expect(deployNetwork(resources).toService('ecr.api')).toMatch(
      /^security group 'ServiceSecurityGroup\w+' of a task of service 'api-service' has no egress rule for tcp 443 to ecr\.api/,
    );
  });

  test('when its rules or routes cover only some of the addresses of AWS', () => {
    const rules = practice('single-nat');
    find(rules, 'SecurityGroup', 'Service').Properties['SecurityGroupEgress'] = [
      { IpProtocol: '-1', CidrIp: '52.0.0.0/8' },
    ];
    const routes = practice('single-nat');
    for (const route of ['VpcPrivateSubnet1', 'VpcPrivateSubnet2']) {
      find(routes, 'Route', route).Properties['DestinationCidrBlock'] = '52.0.0.0/8';
    }

    expect(deployNetwork(rules).toService('ecr.api')).toContain('no egress rule');
    expect(deployNetwork(routes).toService('ecr.api')).toContain('has no route');
  });

  test('in a VPC that resolves no names', () => {
    const resources = practice('single-nat');
    find(resources, 'VPC').Properties['EnableDnsSupport'] = false;

    expect(deployNetwork(resources).toService('ecr.api')).toContain('EnableDnsSupport off');
  });
});

describe('the layers of an image', () => {
  test('go through the NAT gateway when the gateway endpoint is in another route table', () => {
    const resources = practice('single-nat');
    find(resources, 'VPCEndpoint').Properties['RouteTableIds'] = [];

    expect(deployNetwork(resources).toService('s3')).toBeUndefined();
  });

  test('are out of reach when the only way would be an endpoint of another route table', () => {
    const resources = without(practice('single-nat'), 'Route', 'VpcPrivateSubnet');
    find(resources, 'VPCEndpoint').Properties['RouteTableIds'] = [];

    expect(deployNetwork(resources).toService('s3')).toMatch(
      /has no route to s3\.eu-west-1\.amazonaws\.com \(gateway endpoint 'VpcS3\w+' is not in route table/,
    );
  });
});

describe('interface endpoints', () => {
  const isolated = (endpoint: Record<string, unknown> = {}) => {
    const resources = without(practice('single-nat'), 'Route', 'VpcPrivateSubnet');
    const id = (pattern: RegExp) => Object.keys(resources).find((name) => pattern.test(name));
    const vpc = { Ref: id(/^Vpc\w{8}$/) };
    for (const service of ['ecr.api', 'ecr.dkr', 'logs']) {
      resources[`Endpoint${service.replace('.', '')}`] = {
        Type: 'AWS::EC2::VPCEndpoint',
        Properties: {
          ServiceName: { 'Fn::Sub': `com.amazonaws.\${AWS::Region}.${service}` },
          VpcEndpointType: 'Interface',
          PrivateDnsEnabled: true,
          SubnetIds: [
            { Ref: id(/^VpcPrivateSubnet1Subnet/) },
            { Ref: id(/^VpcPrivateSubnet2Subnet/) },
          ],
          SecurityGroupIds: [{ 'Fn::GetAtt': ['EndpointGroup', 'GroupId'] }],
          VpcId: vpc,
          ...endpoint,
        },
      };
    }
    resources['EndpointGroup'] = {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: {
        GroupDescription: 'endpoints',
        VpcId: vpc,
        SecurityGroupIngress: [
          { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '10.0.0.0/16' },
        ] as Rules,
      },
    };
    return resources;
  };

  test('take the place of a way to the internet', () => {
    const { toService } = deployNetwork(isolated());

    expect(REGISTRY.map((name) => toService(name))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('do not help a service that has none', () => {
    expect(deployNetwork(isolated()).toService('secretsmanager')).toContain('has no route');
  });

  test('need an ingress rule for the tasks', () => {
    const resources = isolated();
    resources['EndpointGroup']!.Properties['SecurityGroupIngress'] = [
      { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '192.168.0.0/16' },
    ];

    expect(deployNetwork(resources).toService('ecr.api')).toBe(
      "security group 'EndpointGroup' of VPC endpoint 'Endpointecrapi' has no ingress rule for tcp 443 from a task of service 'api-service' (10.0.2.17)",
    );
  });

  test('have the default security group of the VPC when none is named, which admits only itself', () => {
    expect(deployNetwork(isolated({ SecurityGroupIds: [] })).toService('logs')).toMatch(
      /^security group 'default of VPC '\w+'' of VPC endpoint 'Endpointlogs' has no ingress rule/,
    );
  });

  test('without private DNS names are not used', () => {
    expect(deployNetwork(isolated({ PrivateDnsEnabled: false })).toService('ecr.api')).toContain(
      "(VPC endpoint 'Endpointecrapi' has no private DNS name)",
    );
  });

  test('are used even where a NAT gateway would do, so that their rules decide', () => {
    const resources = { ...practice('single-nat'), ...isolated({ SecurityGroupIds: [] }) };
    Object.assign(resources, practice('single-nat'));

    expect(deployNetwork(resources).toService('ecr.api')).toContain('VPC endpoint');
    expect(deployNetwork(resources).toService('ssm')).toBeUndefined();
  });
});

describe('the load balancer cannot reach a task', () => {
  test('without an ingress rule of the task’s security group', () => {
    const { toTarget } = deployNetwork(without(practice('single-nat'), 'SecurityGroupIngress'));

    expect(toTarget()).toMatch(
      /^security group 'ServiceSecurityGroup\w+' of a task of service 'api-service' has no ingress rule for tcp 3000 from load balancer 'ApiALB\w+' \(10\.0\.0\.4\)$/,
    );
  });

  test('without an egress rule of its own', () => {
    const resources = practice('single-nat');
    Object.assign(find(resources, 'SecurityGroupEgress', 'Alb').Properties, {
      FromPort: 8080,
      ToPort: 8080,
    });

    expect(deployNetwork(resources).toTarget()).toMatch(
      /^security group 'AlbSecurityGroup\w+' of load balancer 'ApiALB\w+' has no egress rule for tcp 3000 to a task/,
    );
  });

  test('on a health check port that no rule mentions, though the traffic port is open', () => {
    const { toTarget } = deployNetwork(practice('single-nat'));

    expect(toTarget(3000)).toBeUndefined();
    expect(toTarget(8081)).toContain('for tcp 8081');
  });

  test('but does with the rule that lets everything out, which every group without egress rules has', () => {
    const { toTarget } = deployNetwork(without(practice('single-nat'), 'SecurityGroupEgress'));

    expect(toTarget()).toBeUndefined();
  });

  test('by the default security group, unless both have it', () => {
    const none = practice('single-nat');
    delete find(none, 'LoadBalancer').Properties['SecurityGroups'];
    const both = practice('single-nat');
    delete find(both, 'LoadBalancer').Properties['SecurityGroups'];
    const service = find(both, 'Service').Properties as {
      NetworkConfiguration: { AwsvpcConfiguration: Record<string, unknown> };
    };
    delete service.NetworkConfiguration.AwsvpcConfiguration['SecurityGroups'];

    expect(deployNetwork(none).toTarget()).toContain('no ingress rule');
    expect(deployNetwork(both).toTarget()).toBeUndefined();
    both['RestrictDefault'] = {
      Type: 'Custom::VpcRestrictDefaultSG',
      Properties: {
        ServiceToken: 'arn',
        Account: '000000000000',
        DefaultSecurityGroupId: {
          'Fn::GetAtt': [
            Object.keys(both).find((id) => /^Vpc\w{8}$/.test(id)),
            'DefaultSecurityGroup',
          ],
        },
      },
    };
    expect(deployNetwork(both).toTarget()).toContain("'default of VPC");
  });

  test('when a network ACL keeps its answers in', () => {
    const resources = practice('single-nat');
    const id = (pattern: RegExp) => Object.keys(resources).find((name) => pattern.test(name));
    const entry = (number: number, egress: boolean, from: number, to: number) => ({
      Type: 'AWS::EC2::NetworkAclEntry',
      Properties: {
        NetworkAclId: { Ref: 'Acl' },
        RuleNumber: number,
        Egress: egress,
        Protocol: 6,
        RuleAction: 'allow',
        CidrBlock: '0.0.0.0/0',
        PortRange: { From: from, To: to },
      },
    });
    Object.assign(resources, {
      Acl: {
        Type: 'AWS::EC2::NetworkAcl',
        Properties: { VpcId: { Ref: id(/^Vpc\w{8}$/) } },
      },
      AclOfTasks: {
        Type: 'AWS::EC2::SubnetNetworkAclAssociation',
        Properties: {
          NetworkAclId: { Ref: 'Acl' },
          SubnetId: { Ref: id(/^VpcPrivateSubnet1Subnet/) },
        },
      },
      In: entry(100, false, 0, 65_535),
      Out: entry(100, true, 443, 443),
    });

    expect(deployNetwork(resources).toTarget()).toMatch(
      /^network ACL 'Acl' does not allow tcp 1024 outbound to load balancer/,
    );
    expect(deployNetwork(resources).toService('ecr.api')).toBeUndefined();

    resources['Answers'] = entry(110, true, 1024, 65_535);
    expect(allBarriers(resources)).toEqual([]);
  });
});

describe('clients cannot connect to a listener', () => {
  test('without an ingress rule for its port', () => {
    const resources = practice('single-nat');
    find(resources, 'Listener').Properties['Port'] = 8080;

    expect(deployNetwork(resources).toListener()).toMatch(
      /^security group 'AlbSecurityGroup\w+' of load balancer 'ApiALB\w+' has no ingress rule for tcp 8080 from clients on the internet/,
    );
  });

  test('when its scheme is internal', () => {
    const resources = practice('single-nat');
    find(resources, 'LoadBalancer').Properties['Scheme'] = 'internal';

    expect(deployNetwork(resources).toListener()).toContain("has Scheme 'internal'");
  });

  test('when a subnet of the load balancer has no route to an internet gateway', () => {
    const resources = practice('single-nat');
    find(resources, 'LoadBalancer').Properties['Subnets'] = Object.keys(resources)
      .filter((id) => /^Vpc(Public|Private)Subnet1Subnet/.test(id))
      .map((id) => ({ Ref: id }));
    const { toListener } = deployNetwork(without(resources, 'Route', 'VpcPrivateSubnet'));

    expect(toListener()).toMatch(
      /^route table 'VpcPrivateSubnet1RouteTable\w+' of subnet '\w+' has no route to clients on the internet$/,
    );
  });

  test('but those whom a rule names can, and the report says that traffic stands for them', () => {
    const resources = practice('single-nat');
    find(resources, 'SecurityGroup', 'Alb').Properties['SecurityGroupIngress'] = [
      { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '198.51.100.0/24' },
    ];
    const { toListener, unproven } = deployNetwork(resources);

    expect(toListener()).toBeUndefined();
    expect(unproven()).toEqual([
      'only clients of 198.51.100.0/24 can connect; the traffic of this rehearsal stands for theirs',
    ]);
  });

  test('but clients inside the VPC can connect to an internal load balancer that admits them', () => {
    const resources = practice('single-nat');
    find(resources, 'LoadBalancer').Properties['Scheme'] = 'internal';
    find(resources, 'SecurityGroup', 'Alb').Properties['SecurityGroupIngress'] = [
      { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '10.0.0.0/16' },
    ];
    const { toListener } = deployNetwork(resources);

    expect(toListener()).toBeUndefined();
    find(resources, 'LoadBalancer').Properties['Scheme'] = 'internet-facing';
    expect(deployNetwork(resources).toListener()).toContain('no ingress rule for tcp 80');
  });
});

describe('what no template defines', () => {
  test('counts as reachable, and is told once as unproven', () => {
    const resources = practice('single-nat');
    const vpc = { Subnets: ['subnet-1', 'subnet-2'] };
    Object.assign(find(resources, 'LoadBalancer').Properties, vpc);
    const service = find(resources, 'Service').Properties as {
      NetworkConfiguration: { AwsvpcConfiguration: Record<string, unknown> };
    };
    Object.assign(service.NetworkConfiguration.AwsvpcConfiguration, vpc);
    const { toService, toTarget, toListener, unproven } = deployNetwork(resources);

    expect([toService('ecr.api'), toService('s3'), toTarget(), toListener()]).toEqual(
      Array(4).fill(undefined),
    );
    expect(unproven()).toEqual([
      "the subnet of a task of service 'api-service' is in no template, so its routes are not checked",
      expect.stringMatching(/^the subnet of load balancer 'ApiALB\w+' is in no template/),
      expect.stringMatching(/^the subnets of load balancer 'ApiALB\w+' are in no template/),
    ]);
  });

  test('does not hide a security group rule that is missing', () => {
    const resources = without(practice('single-nat'), 'SecurityGroupIngress');
    find(resources, 'LoadBalancer').Properties['Subnets'] = ['subnet-1', 'subnet-2'];

    expect(deployNetwork(resources).toTarget()).toContain('no ingress rule for tcp 3000');
  });

  test('may be a security group of another team', () => {
    const resources = practice('single-nat');
    find(resources, 'LoadBalancer').Properties['SecurityGroups'] = ['sg-0123'];
    const { toListener, unproven } = deployNetwork(resources);

    expect(toListener()).toBeUndefined();
    expect(unproven()[0]).toContain("security group 'sg-0123' of load balancer");
  });

  test('may be a list of addresses that AWS manages', () => {
    const resources = practice('single-nat');
    find(resources, 'SecurityGroup', 'Alb').Properties['SecurityGroupIngress'] = [
      { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, SourcePrefixListId: 'pl-22a6434b' },
    ];
    const { toListener, unproven } = deployNetwork(resources);

    expect(toListener()).toBeUndefined();
    expect(unproven()).toHaveLength(1);
  });
});

test('what is missing is told to people who watch, once', () => {
  const { toTarget, told } = deployNetwork(without(practice('single-nat'), 'SecurityGroupIngress'));
  const barrier = toTarget();
  toTarget();

  expect(told()).toEqual([`network: ${barrier}`]);
});
