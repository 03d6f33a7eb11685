import type { Template } from 'aws-cdk-lib/assertions';
import {
  allPropertiesOf,
  HARDENED,
  type Properties,
  propertiesOf,
  serviceTemplate,
} from './_helpers/synth';

const listenersByPort = (template: Template): Record<string, Properties> =>
  Object.fromEntries(
    Object.values(allPropertiesOf(template, 'AWS::ElasticLoadBalancingV2::Listener')).map(
      (listener) => [String(listener['Port']), listener],
    ),
  );

describe('a certificate', () => {
  const { certificateArn } = HARDENED;
  const template = serviceTemplate({ certificateArn });
  const listeners = listenersByPort(template);

  test('brings HTTPS with TLS 1.2 and 1.3', () => {
    expect(listeners['443']).toMatchObject({
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: certificateArn }],
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09',
      DefaultActions: [{ Type: 'forward' }],
    });
  });

  test('turns HTTP into a permanent redirect', () => {
    expect(listeners['80']!['DefaultActions']).toEqual([
      {
        Type: 'redirect',
        RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' },
      },
    ]);
  });

  test('opens port 443 beside port 80, and no other', () => {
    const ports = Object.values(allPropertiesOf(template, 'AWS::EC2::SecurityGroup')).flatMap(
      (group) =>
        ((group['SecurityGroupIngress'] ?? []) as Properties[]).map(
          (rule) => rule['FromPort'] as unknown,
        ),
    );
    expect(ports).toEqual([80, 443]);
  });

  test('is not needed for HTTP', () => {
    expect(Object.keys(listenersByPort(serviceTemplate()))).toEqual(['80']);
  });
});

describe('the firewall', () => {
  const template = serviceTemplate({ waf: true, wafRateLimit: 500 });
  const acl = propertiesOf(template, 'AWS::WAFv2::WebACL');

  test("has a limit per address, AWS's common rules and known bad inputs, and lets the rest in", () => {
    expect(acl['DefaultAction']).toEqual({ Allow: {} });
    expect((acl['Rules'] as Properties[]).map((rule) => rule['Statement'] as unknown)).toEqual([
      { RateBasedStatement: { AggregateKeyType: 'IP', Limit: 500 } },
      {
        ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'AWSManagedRulesCommonRuleSet' },
      },
      {
        ManagedRuleGroupStatement: {
          VendorName: 'AWS',
          Name: 'AWSManagedRulesKnownBadInputsRuleSet',
        },
      },
    ]);
  });

  test('stands before the load balancer', () => {
    expect(propertiesOf(template, 'AWS::WAFv2::WebACLAssociation')).toMatchObject({
      ResourceArn: { Ref: expect.stringMatching(/^ApiALB/) },
      WebACLArn: { 'Fn::GetAtt': ['Firewall', 'Arn'] },
    });
  });

  test('logs what it stopped, without credentials, for a year', () => {
    const logging = propertiesOf(template, 'AWS::WAFv2::LoggingConfiguration');
    expect(logging).toMatchObject({
      RedactedFields: [
        { SingleHeader: { Name: 'authorization' } },
        { SingleHeader: { Name: 'cookie' } },
      ],
      LoggingFilter: { DefaultBehavior: 'DROP' },
    });
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: 'aws-waf-logs-ecs-codepipeline-practice-api',
      RetentionInDays: 365,
    });
  });
});
