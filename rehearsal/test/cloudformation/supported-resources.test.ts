import { classifyResources } from '../../src/cloudformation/supported-resources';
import { unplayedProperties } from '../../src/cloudformation/unplayed-properties';

const resource = (type: string, logicalId = 'Thing') => ({ type, logicalId, stack: 'Stack' });

describe('what a rehearsal does with a resource', () => {
  test('it plays services, accepts what has no effect here, and refuses the rest', () => {
    const { played, accepted, refused } = classifyResources([
      resource('AWS::ECS::Service', 'Service'),
      resource('AWS::EC2::FlowLog', 'FlowLog'),
      resource('AWS::RDS::DBInstance', 'Database'),
    ]);

    expect(played).toEqual([{ type: 'AWS::ECS::Service', logicalId: 'Service', stack: 'Stack' }]);
    expect(accepted.map(({ logicalId }) => logicalId)).toEqual(['FlowLog']);
    expect(refused.map(({ logicalId }) => logicalId)).toEqual(['Database']);
  });

  test('every accepted and refused resource has a reason to show', () => {
    const { accepted, refused } = classifyResources(
      ['AWS::KMS::Key', 'AWS::CDK::Metadata', 'AWS::Lambda::Function', 'Acme::X::Y'].map((type) =>
        resource(type),
      ),
    );

    expect([...accepted, ...refused].map(({ reason }) => (reason ?? '').length > 10)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  test('notifications that are not played are said to be unproven', () => {
    const chat = resource('AWS::Chatbot::SlackChannelConfiguration');
    const { accepted } = classifyResources([chat]);

    expect(accepted[0]!.reason).toContain('no chat message is proven');
  });

  test('a firewall is accepted, and the report says what that leaves unproven', () => {
    const { accepted } = classifyResources([resource('AWS::WAFv2::WebACL')]);

    expect(accepted[0]!.reason).toContain('what they would block passes in this run');
  });

  test('a function is refused unless it is the CDK’s own helper for an accepted resource', () => {
    const { accepted, refused } = classifyResources([
      resource(
        'AWS::Lambda::Function',
        'CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F',
      ),
      resource('AWS::Lambda::Function', 'Handler'),
    ]);

    expect(accepted).toHaveLength(1);
    expect(refused.map(({ logicalId }) => logicalId)).toEqual(['Handler']);
  });
});

describe('properties that are not played', () => {
  const properties = {
    DesiredCount: 2,
    DeploymentConfiguration: { MaximumPercent: 200, Alarms: { Enable: true } },
    LoadBalancers: [{ ContainerName: 'api' }, { ContainerName: 'api', Role: 'r' }],
    PlacementStrategies: [{ Type: 'spread' }],
    Tags: [{ Key: 'a', Value: 'b' }],
  };

  test('are named by path; a played path covers what is below it, and list items count as the list', () => {
    const played = [
      'DesiredCount',
      'DeploymentConfiguration.MaximumPercent',
      'LoadBalancers.ContainerName',
    ];

    expect(unplayedProperties({ properties }, played)).toEqual([
      'DeploymentConfiguration.Alarms',
      'LoadBalancers.Role',
      'PlacementStrategies',
    ]);
  });

  test('are none when every property is played', () => {
    expect(unplayedProperties({ properties }, Object.keys(properties))).toEqual([]);
  });
});
