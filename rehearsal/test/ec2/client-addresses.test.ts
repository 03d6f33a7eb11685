import { APP_PORT, deployNetwork, find, practice } from './_network';

interface Setting {
  readonly protocol?: 'TCP' | 'UDP' | 'TCP_UDP';
  readonly preserves?: boolean;
  readonly scheme?: 'internet-facing' | 'internal';
}

/** The practice network with a Network Load Balancer that has no security group. */
function network(
  { protocol = 'TCP', preserves = false, scheme = 'internet-facing' }: Setting,
  ...ingress: Record<string, unknown>[]
) {
  const resources = practice('single-nat');
  const loadBalancer = find(resources, 'LoadBalancer').Properties;
  loadBalancer['Type'] = 'network';
  loadBalancer['Scheme'] = scheme;
  delete loadBalancer['SecurityGroups'];
  find(resources, 'Listener').Properties['Protocol'] = protocol;
  const group = find(resources, 'TargetGroup').Properties;
  group['Protocol'] = protocol;
  group['TargetGroupAttributes'] = [
    { Key: 'preserve_client_ip.enabled', Value: String(preserves) },
  ];
  const service = find(resources, 'Service').Properties['NetworkConfiguration'] as {
    AwsvpcConfiguration: { SecurityGroups: unknown[] };
  };
  resources['Tasks'] = {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: {
      GroupDescription: 'tasks',
      VpcId: { Ref: Object.keys(resources).find((id) => /^Vpc\w{8}$/.test(id)) },
      SecurityGroupIngress: ingress.map((rule) => ({
        IpProtocol: 'tcp',
        FromPort: APP_PORT,
        ToPort: APP_PORT,
        ...rule,
      })),
    },
  };
  service.AwsvpcConfiguration.SecurityGroups = [{ 'Fn::GetAtt': ['Tasks', 'GroupId'] }];
  return deployNetwork(resources);
}

const inside = { CidrIp: '10.0.0.0/16' };
const everybody = { CidrIp: '0.0.0.0/0' };
const datagramsOf = (rule: { CidrIp: string }) => ({ ...rule, IpProtocol: 'udp' });

test('a Network Load Balancer reaches tasks from its own addresses by default', () => {
  expect(network({}, inside).toTarget()).toBeUndefined();
  expect(network({}).toTarget()).toContain('has no ingress rule');
});

test('with preserved client addresses the tasks have to admit the clients', () => {
  expect(network({ preserves: true }, inside).toTarget()).toMatch(
    /^security group 'Tasks' of a task of service '[-\w]+' has no ingress rule for tcp 3000 from clients of load balancer '\w+', whose addresses it preserves/,
  );
  expect(network({ preserves: true }, everybody).toTarget()).toBeUndefined();
});

test('clients of an internal load balancer may be any in the network, which is said', () => {
  const setting = { preserves: true, scheme: 'internal' } as const;
  const { toTarget, unproven } = network(setting, inside);
  expect(toTarget()).toBeUndefined();
  expect(unproven()).toContainEqual(expect.stringContaining('lets tcp 3000 through'));
  expect(network(setting).toTarget()).toContain('has no ingress rule for tcp 3000');
});

test('datagrams need rules for udp that admit the clients, and health checks rules for tcp', () => {
  const { toTarget } = network({ protocol: 'UDP' }, inside, datagramsOf(everybody));
  expect(toTarget(APP_PORT, 'udp')).toBeUndefined();
  expect(toTarget(APP_PORT, 'tcp')).toBeUndefined();
  expect(network({ protocol: 'UDP' }, everybody).toTarget(APP_PORT, 'udp')).toMatch(
    /^security group 'Tasks' of a task of service '[-\w]+' has no ingress rule for udp 3000 from/,
  );
  expect(network({ protocol: 'UDP' }, datagramsOf(inside)).toTarget(APP_PORT, 'udp')).toContain(
    'has no ingress rule for udp 3000 from clients of load balancer',
  );
});

test('a group for both protocols shows its targets the clients of both', () => {
  const { toTarget } = network({ protocol: 'TCP_UDP' }, inside, datagramsOf(everybody));
  expect(toTarget(APP_PORT, 'udp')).toBeUndefined();
  expect(toTarget(APP_PORT, 'tcp')).toContain('has no ingress rule for tcp 3000 from clients of');
});

test('a security group of the load balancer has to let in what the listener takes', () => {
  const toListener = (protocol: 'TCP' | 'UDP' | 'TCP_UDP') => {
    const resources = practice('single-nat');
    find(resources, 'LoadBalancer').Properties['Type'] = 'network';
    find(resources, 'Listener').Properties['Protocol'] = protocol;
    return deployNetwork(resources).toListener();
  };
  expect(toListener('TCP')).toBeUndefined();
  expect(toListener('UDP')).toMatch(/has no ingress rule for udp 80 from clients on the internet/);
  expect(toListener('TCP_UDP')).toMatch(/has no ingress rule for udp 80/);
});

test('a network ACL has to let datagrams in, and their answers out', () => {
  const resources = practice('single-nat');
  find(resources, 'LoadBalancer').Properties['Type'] = 'network';
  delete find(resources, 'LoadBalancer').Properties['SecurityGroups'];
  find(resources, 'Listener').Properties['Protocol'] = 'UDP';
  const acl = 'OnlyTcp';
  const subnets = Object.keys(resources).filter((id) => /PublicSubnet\dSubnet\w{8}$/.test(id));
  resources[acl] = { Type: 'AWS::EC2::NetworkAcl', Properties: { VpcId: 'vpc' } };
  for (const Egress of [false, true]) {
    resources[`${acl}${String(Egress)}`] = {
      Type: 'AWS::EC2::NetworkAclEntry',
      Properties: {
        ...{ NetworkAclId: { Ref: acl }, RuleNumber: 100, RuleAction: 'allow', Egress },
        ...{
          CidrBlock: '0.0.0.0/0',
          Protocol: Egress ? 6 : 17,
          PortRange: { From: 0, To: 65_535 },
        },
      },
    };
  }
  for (const SubnetId of subnets) {
    resources[`${acl}${SubnetId}`] = {
      Type: 'AWS::EC2::SubnetNetworkAclAssociation',
      Properties: { SubnetId: { Ref: SubnetId }, NetworkAclId: { Ref: acl } },
    };
  }
  expect(subnets.length).toBeGreaterThan(0);
  expect(deployNetwork(resources).toListener()).toMatch(
    /^network ACL 'OnlyTcp' does not allow udp 1024 outbound to clients on the internet/,
  );
});
