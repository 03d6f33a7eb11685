import { APP_PORT, deployNetwork, find, practice } from './_network';

/** The practice network with a Network Load Balancer that has no security group. */
function network(preserves: boolean, ...ingress: Record<string, unknown>[]) {
  const resources = practice('single-nat');
  const loadBalancer = find(resources, 'LoadBalancer').Properties;
  loadBalancer['Type'] = 'network';
  delete loadBalancer['SecurityGroups'];
  find(resources, 'TargetGroup').Properties['TargetGroupAttributes'] = [
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

test('a Network Load Balancer reaches tasks from its own addresses by default', () => {
  expect(network(false, inside).toTarget()).toBeUndefined();
  expect(network(false).toTarget()).toContain('has no ingress rule');
});

test('with preserved client addresses the tasks have to admit the clients', () => {
  expect(network(true, inside).toTarget()).toMatch(
    /^security group 'Tasks' of a task of service '[-\w]+' has no ingress rule for tcp 3000 from clients of load balancer '\w+', whose addresses it preserves/,
  );
  expect(network(true, everybody).toTarget()).toBeUndefined();
});
