import { readListener } from '../../src/elbv2/listener-definition';
import { readLoadBalancer } from '../../src/elbv2/load-balancer-definition';
import { LoadBalancers } from '../../src/elbv2/load-balancers';
import { readTargetGroup } from '../../src/elbv2/target-group-definition';
import { ManualClock } from '../_helpers/manual-clock';
import { recordingEvents } from '../_helpers/recording-events';
import {
  closeAll,
  LISTENER_ARN,
  listenerProperties,
  listenerRule,
  LOAD_BALANCER_ARN,
  resource,
  resources,
  startLoadBalancer,
  TARGET_GROUP_ARN,
  targetGroupProperties,
} from './fixtures';

afterEach(closeAll);

const targetGroup = (properties: Record<string, unknown>) =>
  readTargetGroup(resource('TargetGroup', TARGET_GROUP_ARN, properties));
const loadBalancer = (properties: Record<string, unknown>) =>
  readLoadBalancer(resource('LoadBalancer', LOAD_BALANCER_ARN, properties));
const listener = (properties: Record<string, unknown>) =>
  readListener(resource('Listener', LISTENER_ARN, listenerProperties(properties)));

test("takes AWS's defaults for what a template leaves out", () => {
  expect(targetGroup({ Protocol: 'HTTP', TargetType: 'ip' })).toMatchObject({
    healthCheck: {
      path: '/',
      port: 'traffic-port',
      intervalSeconds: 30,
      timeoutSeconds: 5,
      healthyThreshold: 5,
      unhealthyThreshold: 2,
      matcher: '200',
    },
    deregistrationDelaySeconds: 300,
    algorithm: 'round_robin',
    unplayedAttributes: [],
  });
  expect(loadBalancer({})).toMatchObject({
    idleTimeoutSeconds: 60,
    clientKeepAliveSeconds: 3600,
    forwardedForMode: 'append',
  });
});

test('reads numbers that the template writes as texts', () => {
  const definition = targetGroup(
    targetGroupProperties({
      HealthCheckIntervalSeconds: '15',
      TargetGroupAttributes: [
        { Key: 'deregistration_delay.timeout_seconds', Value: '20' },
        { Key: 'stickiness.enabled', Value: 'false' },
      ],
    }),
  );
  expect(definition.healthCheck.intervalSeconds).toBe(15);
  expect(definition.deregistrationDelaySeconds).toBe(20);
});

test('an error names the resource, the property, the value and what is allowed', () => {
  expect(() =>
    targetGroup(
      targetGroupProperties({
        HealthCheckIntervalSeconds: 4,
        Matcher: { HttpCode: '600' },
        TargetGroupAttributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '4000' }],
      }),
    ),
  ).toThrow(
    [
      "AWS::ElasticLoadBalancingV2::TargetGroup 'TargetGroup1' in stack 'ServiceStack' cannot be read:",
      '  HealthCheckIntervalSeconds: expected a whole number from 5 to 300, got 4',
      "  Matcher.HttpCode: expected codes from 200 to 499 such as '200,204' or '200-299', got \"600\"",
      '  TargetGroupAttributes.0.Value: deregistration_delay.timeout_seconds: expected a whole number from 0 to 3600, got "4000"',
    ].join('\n'),
  );
});

test('a health check timeout that is not below the interval is refused, as AWS does', () => {
  expect(() =>
    targetGroup(
      targetGroupProperties({ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 5 }),
    ),
  ).toThrow('HealthCheckTimeoutSeconds: expected less than HealthCheckIntervalSeconds, got 5');
});

test('refuses by name what it cannot play', () => {
  expect(() => loadBalancer({ Type: 'gateway' })).toThrow(
    "load balancer 'LoadBalancer1' in stack 'ServiceStack' has Type 'gateway'; only 'application' and 'network' can be rehearsed.",
  );
  expect(() => listener({ Protocol: 'QUIC' })).toThrow(
    'Protocol: only HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP listeners can be rehearsed, got "QUIC"',
  );
  expect(() => listener({ DefaultActions: [{ Type: 'authenticate-oidc' }] })).toThrow(
    'only the action types forward, redirect and fixed-response can be rehearsed',
  );
  expect(() => targetGroup({ Protocol: 'HTTP', TargetType: 'instance' })).toThrow(
    'TargetType: only target type \'ip\' can be rehearsed (Fargate needs it), got "instance"',
  );
});

test('names attributes that are set and not played, but not those that change nothing', async () => {
  const { events } = await startLoadBalancer({
    loadBalancer: {
      LoadBalancerAttributes: [
        { Key: 'deletion_protection.enabled', Value: 'true' },
        { Key: 'ipv6.deny_all_igw_traffic', Value: 'true' },
      ],
    },
    targetGroup: {
      TargetGroupAttributes: [
        { Key: 'load_balancing.algorithm.anomaly_mitigation', Value: 'on' },
        { Key: 'stickiness.type', Value: 'lb_cookie' },
        { Key: 'slow_start.duration_seconds', Value: '0' },
      ],
    },
  });
  expect(events.map((event) => event.kind === 'unproven' && event.message)).toEqual([
    "AWS::ElasticLoadBalancingV2::LoadBalancer 'LoadBalancer1' in stack 'ServiceStack' sets LoadBalancerAttributes 'ipv6.deny_all_igw_traffic', which is not played",
    "AWS::ElasticLoadBalancingV2::TargetGroup 'TargetGroup1' in stack 'ServiceStack' sets TargetGroupAttributes 'load_balancing.algorithm.anomaly_mitigation', which is not played",
  ]);
});

test('names rules and certificates of a listener that no stack defines', async () => {
  const more = [
    resource('ListenerRule', 'rule', listenerRule({ ListenerArn: 'imported' })),
    resource('ListenerCertificate', 'list', {
      ListenerArn: 'imported',
      Certificates: [{ CertificateArn: 'one' }],
    }),
  ];
  const { events } = await startLoadBalancer({ more });
  expect(events.map((event) => event.kind === 'unproven' && event.message)).toEqual([
    "AWS::ElasticLoadBalancingV2::ListenerRule 'ListenerRule1' in stack 'ServiceStack' is of the listener 'imported', which no rehearsed stack defines: it is not played",
    "AWS::ElasticLoadBalancingV2::ListenerCertificate 'ListenerCertificate1' in stack 'ServiceStack' is of the listener 'imported', which no rehearsed stack defines: it is not played",
  ]);
});

test('reads weighted target groups', () => {
  expect(
    listener({
      DefaultActions: [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: [
              { TargetGroupArn: 'blue', Weight: '90' },
              { TargetGroupArn: 'green', Weight: 10 },
            ],
          },
        },
      ],
    }).defaultAction,
  ).toEqual({
    type: 'forward',
    targetGroups: [
      { arn: 'blue', weight: 90 },
      { arn: 'green', weight: 10 },
    ],
  });
});

test('listens on this machine only, and says which port stands for the one in the template', async () => {
  const { loadBalancers, port } = await startLoadBalancer();
  const address = {
    loadBalancerArn: LOAD_BALANCER_ARN,
    listenerArn: LISTENER_ARN,
    listenerPort: 80,
    listenerProtocol: 'HTTP',
    targetGroupArns: [TARGET_GROUP_ARN],
    host: '127.0.0.1',
    port,
  };
  expect(loadBalancers.addressOf(LOAD_BALANCER_ARN)).toEqual([address]);
  expect(loadBalancers.addressOf(LISTENER_ARN)).toEqual([address]);
  expect(loadBalancers.addressOf('another')).toEqual([]);
});

test('a target group without a listener is not in use: no checks, no draining', async () => {
  const { loadBalancers, clock } = await startLoadBalancer({
    more: [resource('TargetGroup', 'lonely', targetGroupProperties())],
  });
  const target = { id: '10.0.0.9', port: 3000, address: { host: '127.0.0.1', port: 9 } };
  loadBalancers.registerTarget('lonely', target);
  await clock.advance(60_000);
  expect(loadBalancers.targetHealth('lonely', target).reason).toBe('Target.NotInUse');
  loadBalancers.deregisterTarget('lonely', target);
  expect(loadBalancers.targetHealth('lonely', target).reason).toBe('Target.NotRegistered');
});

test('a target group that no stack defines is an error for whoever names it', async () => {
  const { loadBalancers } = await startLoadBalancer();
  expect(() => loadBalancers.targetHealth('nowhere', { id: '10.0.0.1', port: 3000 })).toThrow(
    "uses the target group 'nowhere', which no rehearsed stack defines",
  );
  const start = LoadBalancers.start(
    resources([
      resource('LoadBalancer', LOAD_BALANCER_ARN, { Name: 'api-alb' }),
      resource('Listener', LISTENER_ARN, listenerProperties()),
    ]),
    { clock: new ManualClock(), events: recordingEvents().stream, onRequest: () => undefined },
  );
  await expect(start).rejects.toMatchObject({
    code: 'TargetGroupNotFound',
    message: expect.stringContaining("a listener of 'api-alb' uses the target group"),
  });
});

test('can be closed twice, and everything is gone afterwards', async () => {
  const alb = await startLoadBalancer();
  const target = await alb.addTarget((_, response) => response.end());
  await alb.loadBalancers.close();
  await alb.loadBalancers.close();
  expect(alb.state(target)).toBe('unused');
});
