import { AwsTime } from '../../src/cloudwatch/aws-time';
import { MetricStore } from '../../src/cloudwatch/metric-store';
import { UtilizationMetrics } from '../../src/cloudwatch/utilization-metrics';
import type { TaskUtilization } from '../../src/ecs/task-utilization';
import { deployedResource } from '../_helpers/deployed-resource';
import { ManualClock } from '../_helpers/manual-clock';

const CLUSTER_ARN = 'arn:aws:ecs:ap-northeast-2:000000000000:cluster/shop';
const dimensions = { ClusterName: 'shop', ServiceName: 'api' };

const alarm = (MetricName: string) => deployedResource('AWS::CloudWatch::Alarm', { MetricName });

const cluster = (Value: string) =>
  deployedResource('AWS::ECS::Cluster', {
    ClusterSettings: [{ Name: 'containerInsights', Value }],
  });

const task = (used: number): TaskUtilization => ({
  clusterArn: CLUSTER_ARN,
  serviceName: 'api',
  cpuUnits: { used, reserved: 256 },
  memoryMiB: { used: 128, reserved: 512 },
});

function start(metricName: string, insights = 'disabled') {
  const clock = new ManualClock();
  const store = new MetricStore();
  const all = [alarm(metricName), cluster(insights)];
  const ofType = (type: string) => all.filter((one) => one.type === type);
  const resources = {
    all,
    ofType,
    find: (type: string) => ofType(type)[0],
  };
  let looks = 0;
  const metrics = new UtilizationMetrics(resources, store, new AwsTime(clock), () => {
    looks += 1;
    return Promise.resolve([task(64), task(128)]);
  });
  const statistic = (namespace: string, name: string, which = 'Average') =>
    store.statistic({ namespace, name, dimensions }, which, {
      from: clock.now() - 60_000,
      to: clock.now() + 1,
    });
  return { clock, metrics, statistic, looks: () => looks };
}

test('a service’s utilization is what its tasks use of what they reserve', async () => {
  const { metrics, statistic } = start('CPUUtilization');
  await metrics.sample();
  expect(statistic('AWS/ECS', 'CPUUtilization')).toBe(37.5);
  expect(statistic('AWS/ECS', 'CPUUtilization', 'Maximum')).toBe(50);
  expect(statistic('AWS/ECS', 'MemoryUtilization')).toBe(25);
});

test('is published once a minute, however often it is looked at', async () => {
  const { clock, metrics, looks } = start('MemoryUtilization');
  for (let second = 0; second < 120; second += 10) {
    await metrics.sample();
    await clock.advance(10_000);
  }
  expect(looks()).toBe(2);
});

test('Container Insights adds units and mebibytes where the cluster has it', async () => {
  const without = start('CPUUtilization');
  await without.metrics.sample();
  expect(without.statistic('ECS/ContainerInsights', 'CpuUtilized')).toBeUndefined();
  const { metrics, statistic } = start('CpuUtilized', 'enabled');
  await metrics.sample();
  expect(statistic('ECS/ContainerInsights', 'CpuUtilized', 'Sum')).toBe(192);
  expect(statistic('ECS/ContainerInsights', 'MemoryReserved')).toBe(512);
});

test('nothing is measured when no alarm watches it', async () => {
  const { metrics, looks } = start('RequestCount');
  await metrics.sample();
  expect(looks()).toBe(0);
});
