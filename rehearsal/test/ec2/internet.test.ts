import { deployNetwork, find, practice, without } from './_network';

const HOST = 'public.ecr.aws';

describe('a host on the internet', () => {
  test.each(['single-nat', 'nat-per-az', 'public-ip'] as const)(
    'is reached by tasks of this repository with egress %s',
    (egress) => {
      const { toInternet, unproven } = deployNetwork(practice(egress));

      expect(toInternet(HOST)).toBeUndefined();
      expect(unproven()).toEqual([]);
    },
  );

  test('is not reached without a NAT gateway, whatever endpoints there are', () => {
    const { toInternet, toService } = deployNetwork(
      without(practice('single-nat'), 'Route', 'VpcPrivateSubnet'),
    );

    expect(toService('s3')).toBeUndefined();
    expect(toInternet(HOST)).toMatch(/ has no route to public\.ecr\.aws$/);
  });

  test('is not reached from a public subnet without a public address', () => {
    const resources = practice('public-ip');
    const { NetworkConfiguration } = find(resources, 'Service').Properties as {
      NetworkConfiguration: { AwsvpcConfiguration: Record<string, unknown> };
    };
    delete NetworkConfiguration.AwsvpcConfiguration['AssignPublicIp'];

    expect(deployNetwork(resources).toInternet(HOST)).toMatch(/because it has no public address$/);
  });

  test('is not reached when the security group lets nothing out to port 443', () => {
    const resources = practice('single-nat');
    find(resources, 'SecurityGroup', 'Service').Properties['SecurityGroupEgress'] = [
      { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '0.0.0.0/0' },
    ];

    expect(deployNetwork(resources).toInternet(HOST)).toContain('has no egress rule for tcp 443');
  });

  test('is not reached in a VPC that resolves no names', () => {
    const resources = practice('single-nat');
    find(resources, 'VPC').Properties['EnableDnsSupport'] = false;

    expect(deployNetwork(resources).toInternet(HOST)).toContain('EnableDnsSupport off');
  });
});
