import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { AccessLogRecord } from '../elbv2/access-log';
import type { ConnectionCounts } from '../elbv2/connection-counts';
import type { TargetHealthEvent } from '../events';

type Dimensions = Readonly<Record<string, string>>;

/** Publishes one value. */
export type PutMetric = (
  namespace: string,
  name: string,
  dimensions: Dimensions,
  value: number,
) => void;

interface KnownTarget {
  readonly state: TargetHealthEvent['state'];
  readonly zone: string | undefined;
}

/**
 * Publishes the metrics of load balancers, by Availability Zone where an alarm asks for it.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html
 */
export class LoadBalancerMetrics {
  /** By target group, then by target */
  private readonly health = new Map<string, Map<string, KnownTarget>>();
  private readonly byZone: boolean;

  constructor(
    private readonly resources: DeployedResources,
    private readonly put: PutMetric,
  ) {
    this.byZone = resources
      .ofType('AWS::CloudWatch::Alarm')
      .some(({ properties }) => JSON.stringify(properties).includes('"AvailabilityZone"'));
  }

  /** A request that a load balancer has finished. */
  recordRequest(record: AccessLogRecord): void {
    const { loadBalancerArn, targetGroupArn, targetStatus, targetResponseMs, status } = record;
    if (loadBalancerArn === undefined) return;
    const loadBalancer = { LoadBalancer: fullName(loadBalancerArn) };
    const put = (name: string, value: number, toGroup: boolean) => {
      this.putZonal('AWS/ApplicationELB', name, loadBalancer, value, record.availabilityZone);
      if (!toGroup || targetGroupArn === undefined) return;
      const group = { ...loadBalancer, TargetGroup: fullName(targetGroupArn) };
      this.putZonal('AWS/ApplicationELB', name, group, value, record.availabilityZone);
    };
    if (record.target !== undefined) put('RequestCount', 1, true);
    if (targetStatus !== undefined) {
      put(`HTTPCode_Target_${hundreds(targetStatus)}_Count`, 1, true);
      if (targetResponseMs !== undefined) put('TargetResponseTime', targetResponseMs / 1000, true);
    } else if (status >= 300) {
      put(`HTTPCode_ELB_${hundreds(status)}_Count`, 1, false);
      if ([500, 502, 503, 504].includes(status)) put(`HTTPCode_ELB_${status}_Count`, 1, false);
    }
  }

  recordHealth({ targetGroup, target, state, availabilityZone }: TargetHealthEvent): void {
    const targets = this.health.get(targetGroup) ?? new Map<string, KnownTarget>();
    this.health.set(targetGroup, targets);
    if (state === 'healthy' || state.startsWith('unhealthy')) {
      targets.set(target, { state, zone: availabilityZone });
    } else targets.delete(target);
    this.putHealth(targetGroup);
  }

  /** What AWS measures again and again: hosts and connections. */
  sample(connections: readonly ConnectionCounts[]): void {
    for (const group of this.health.keys()) this.putHealth(group);
    for (const { loadBalancerArn, active, opened, bytes } of connections) {
      const dimensions = { LoadBalancer: fullName(loadBalancerArn) };
      const isNetwork = isNetworkLoadBalancer(loadBalancerArn);
      const namespace = isNetwork ? 'AWS/NetworkELB' : 'AWS/ApplicationELB';
      const what = isNetwork ? 'Flow' : 'Connection';
      this.put(namespace, `Active${what}Count`, dimensions, active);
      this.put(namespace, `New${what}Count`, dimensions, opened);
      this.put(namespace, 'ProcessedBytes', dimensions, bytes);
    }
  }

  private putHealth(targetGroupArn: string): void {
    const targets = [...(this.health.get(targetGroupArn)?.values() ?? [])];
    const zones = this.byZone ? [...new Set(targets.map(({ zone }) => zone))] : [];
    const group = { TargetGroup: fullName(targetGroupArn) };
    const users = this.loadBalancersOf(targetGroupArn);
    const isNetwork = users.some(isNetworkLoadBalancer);
    const namespace = isNetwork ? 'AWS/NetworkELB' : 'AWS/ApplicationELB';
    const places = [group, ...users.map((arn) => ({ ...group, LoadBalancer: fullName(arn) }))];
    for (const place of places) {
      for (const zone of [undefined, ...zones.filter((one) => one !== undefined)]) {
        const inZone = targets.filter((target) => zone === undefined || target.zone === zone);
        const dimensions = zone === undefined ? place : { ...place, AvailabilityZone: zone };
        const count = (state: string) =>
          inZone.filter((target) => target.state.startsWith(state)).length;
        this.put(namespace, 'HealthyHostCount', dimensions, count('healthy'));
        this.put(namespace, 'UnHealthyHostCount', dimensions, count('unhealthy'));
      }
    }
  }

  private putZonal(
    namespace: string,
    name: string,
    dimensions: Dimensions,
    value: number,
    zone: string | undefined,
  ): void {
    this.put(namespace, name, dimensions, value);
    if (!this.byZone || zone === undefined) return;
    this.put(namespace, name, { ...dimensions, AvailabilityZone: zone }, value);
  }

  private loadBalancersOf(targetGroupArn: string): string[] {
    const listeners = this.resources.ofType('AWS::ElasticLoadBalancingV2::Listener');
    const rules = this.resources.ofType('AWS::ElasticLoadBalancingV2::ListenerRule');
    const uses = (value: unknown) => JSON.stringify(value ?? '').includes(targetGroupArn);
    return listeners.flatMap(({ physicalId, properties }) =>
      uses(properties['DefaultActions']) ||
      rules.some(
        (rule) => rule.properties['ListenerArn'] === physicalId && uses(rule.properties['Actions']),
      )
        ? [String(properties['LoadBalancerArn'])]
        : [],
    );
  }
}

function isNetworkLoadBalancer(arn: string): boolean {
  return arn.includes(':loadbalancer/net/');
}

/** `app/api/0123456789abcdef`, `targetgroup/api/0123456789abcdef`: the ARN's last part */
function fullName(arn: string): string {
  return (arn.split(':').slice(5).join(':') || arn).replace(/^loadbalancer\//, '');
}

function hundreds(status: number): string {
  return `${Math.floor(status / 100)}XX`;
}
