import { LoadBalancerMetrics } from '../../src/cloudwatch/load-balancer-metrics';
import { metricProblem } from '../../src/cloudwatch/published-metrics';
import type { AccessLogRecord } from '../../src/elbv2/access-log';
import { deployedResource } from '../_helpers/deployed-resource';

const arn = (path: string) =>
  `arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:${path}/0123`;
const APPLICATION = arn('loadbalancer/app/web');
const NETWORK = arn('loadbalancer/net/web');
const GROUP = arn('targetgroup/api');

function start(loadBalancerArn: string, watchesZones: boolean) {
  const all = [
    deployedResource(
      'AWS::ElasticLoadBalancingV2::Listener',
      { LoadBalancerArn: loadBalancerArn, DefaultActions: [{ TargetGroupArn: GROUP }] },
      { physicalId: arn('listener/web') },
    ),
    deployedResource('AWS::CloudWatch::Alarm', {
      Dimensions: watchesZones ? [{ Name: 'AvailabilityZone', Value: 'a' }] : [],
    }),
  ];
  const ofType = (type: string) => all.filter((one) => one.type === type);
  const put: string[] = [];
  const metrics = new LoadBalancerMetrics(
    { all, ofType, find: (type) => ofType(type)[0] },
    (namespace, name, { LoadBalancer, TargetGroup, AvailabilityZone }, value) => {
      const place = [LoadBalancer, TargetGroup, AvailabilityZone].filter(Boolean).join(' ');
      put.push(`${namespace} ${name} ${place} ${value}`);
    },
  );
  return { metrics, put };
}

const request: AccessLogRecord = {
  time: '2026-01-01T00:00:00.000Z',
  traceRoot: '1-0-0',
  method: 'GET',
  path: '/',
  status: 200,
  targetStatus: 200,
  target: '10.0.0.1:3000',
  loadBalancerArn: APPLICATION,
  targetGroupArn: GROUP,
  availabilityZone: 'ap-northeast-2a',
  durationMs: 500,
  targetResponseMs: 120,
  bytes: 2,
};

const health = (target: string, availabilityZone: string, state: 'healthy' | 'unhealthy') =>
  ({
    kind: 'target-health',
    time: '2026-01-01T00:00:00.000Z',
    targetGroup: GROUP,
    target,
    availabilityZone,
    state,
  }) as const;

test('requests are counted by the Availability Zone of their node where an alarm asks for it', () => {
  const { metrics, put } = start(APPLICATION, true);
  metrics.recordRequest(request);
  expect(put.filter((line) => line.includes('RequestCount'))).toEqual([
    'AWS/ApplicationELB RequestCount app/web/0123 1',
    'AWS/ApplicationELB RequestCount app/web/0123 ap-northeast-2a 1',
    'AWS/ApplicationELB RequestCount app/web/0123 targetgroup/api/0123 1',
    'AWS/ApplicationELB RequestCount app/web/0123 targetgroup/api/0123 ap-northeast-2a 1',
  ]);
  const plain = start(APPLICATION, false);
  plain.metrics.recordRequest(request);
  expect(plain.put.some((line) => line.includes('ap-northeast-2a'))).toBe(false);
});

test('a response time is what the target took to begin its answer, not the whole exchange', () => {
  const { metrics, put } = start(APPLICATION, false);
  metrics.recordRequest(request);
  expect(put.filter((line) => line.includes('TargetResponseTime'))).toEqual([
    'AWS/ApplicationELB TargetResponseTime app/web/0123 0.12',
    'AWS/ApplicationELB TargetResponseTime app/web/0123 targetgroup/api/0123 0.12',
  ]);
});

test('a request that no target answered has no response time', () => {
  const { metrics, put } = start(APPLICATION, false);
  const unanswered: AccessLogRecord = {
    time: request.time,
    traceRoot: request.traceRoot,
    method: 'GET',
    path: '/',
    status: 504,
    target: '10.0.0.1:3000',
    loadBalancerArn: APPLICATION,
    targetGroupArn: GROUP,
    durationMs: 60_000,
    targetResponseMs: undefined,
    bytes: 0,
  };
  metrics.recordRequest(unanswered);
  expect(put).toContain('AWS/ApplicationELB HTTPCode_ELB_504_Count app/web/0123 1');
  expect(put.some((line) => line.includes('TargetResponseTime'))).toBe(false);
});

test('hosts are counted by the Availability Zone that they are in', () => {
  const { metrics, put } = start(APPLICATION, true);
  metrics.recordHealth(health('one', 'a', 'healthy'));
  metrics.recordHealth(health('two', 'b', 'unhealthy'));
  put.length = 0;
  metrics.sample([]);
  expect(put.filter((line) => line.includes('app/web'))).toEqual([
    'AWS/ApplicationELB HealthyHostCount app/web/0123 targetgroup/api/0123 1',
    'AWS/ApplicationELB UnHealthyHostCount app/web/0123 targetgroup/api/0123 1',
    'AWS/ApplicationELB HealthyHostCount app/web/0123 targetgroup/api/0123 a 1',
    'AWS/ApplicationELB UnHealthyHostCount app/web/0123 targetgroup/api/0123 a 0',
    'AWS/ApplicationELB HealthyHostCount app/web/0123 targetgroup/api/0123 b 0',
    'AWS/ApplicationELB UnHealthyHostCount app/web/0123 targetgroup/api/0123 b 1',
  ]);
});

test('connections and bytes are published for the load balancer', () => {
  const { metrics, put } = start(APPLICATION, false);
  metrics.sample([{ loadBalancerArn: APPLICATION, active: 3, opened: 2, bytes: 512 }]);
  expect(put).toEqual([
    'AWS/ApplicationELB ActiveConnectionCount app/web/0123 3',
    'AWS/ApplicationELB NewConnectionCount app/web/0123 2',
    'AWS/ApplicationELB ProcessedBytes app/web/0123 512',
  ]);
});

test('a Network Load Balancer has metrics of its own: flows, and hosts', () => {
  const { metrics, put } = start(NETWORK, false);
  metrics.recordHealth(health('one', 'a', 'healthy'));
  metrics.sample([{ loadBalancerArn: NETWORK, active: 3, opened: 2, bytes: 512 }]);
  expect(put).toContain('AWS/NetworkELB HealthyHostCount net/web/0123 targetgroup/api/0123 1');
  expect(put).toContain('AWS/NetworkELB ActiveFlowCount net/web/0123 3');
  expect(put.some((line) => line.startsWith('AWS/ApplicationELB'))).toBe(false);
});

test('an alarm on connections of one zone is named: they are counted for all zones', () => {
  const problem = (name: string) =>
    metricProblem({
      namespace: 'AWS/ApplicationELB',
      name,
      dimensions: { AvailabilityZone: 'a', LoadBalancer: 'app/web/0123' },
    });
  expect(problem('RequestCount')).toBeUndefined();
  expect(problem('NewConnectionCount')?.reason).toContain('is not measured on this machine');
});
