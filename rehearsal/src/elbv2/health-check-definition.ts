import { z } from 'zod';
import { cfnBoolean, cfnNumber, cfnString } from '../cloudformation/read-properties';
import { isMatcherText } from './health-check-matcher';

/**
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html
 */
export interface HealthCheckDefinition {
  /** @default HTTP behind an Application Load Balancer, TCP behind a Network Load Balancer */
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP';
  /** @default '/' */
  readonly path: string;
  /** A port, or `traffic-port`: where the target receives its requests. @default traffic-port */
  readonly port: string;
  /** @default 30 */
  readonly intervalSeconds: number;
  /**
   * @default 5 behind an Application Load Balancer, as the user guide says. The API reference says
   *   6: the stricter one is played, and a template had better set it. Behind a Network Load
   *   Balancer 6 for HTTP and 10 for others.
   */
  readonly timeoutSeconds: number;
  /** Successes in a row that bring an unhealthy target back. @default 5 */
  readonly healthyThreshold: number;
  /** Failures in a row that make a target unhealthy. @default 2 */
  readonly unhealthyThreshold: number;
  /**
   * Successes in a row that a new target needs: one behind an Application Load Balancer. For a
   * Network Load Balancer "initial health checks" is all that is documented; the threshold is played.
   */
  readonly initialThreshold: number;
  /** e.g. `200` or `200-299`. @default '200', behind a Network Load Balancer '200-399' */
  readonly matcher: string;
  /** Whether a header of proxy protocol goes before the check. @default false */
  readonly proxyProtocol: boolean;
}

/** Properties of AWS::ElasticLoadBalancingV2::TargetGroup about its health checks. */
export const healthCheckProperties = [
  'HealthCheckEnabled',
  'HealthCheckIntervalSeconds',
  'HealthCheckPath',
  'HealthCheckPort',
  'HealthCheckProtocol',
  'HealthCheckTimeoutSeconds',
  'HealthyThresholdCount',
  'Matcher',
  'UnhealthyThresholdCount',
] as const;

const between = (minimum: number, maximum: number) =>
  cfnNumber.refine(
    (value) => Number.isInteger(value) && value >= minimum && value <= maximum,
    `expected a whole number from ${minimum} to ${maximum}`,
  );

/** @param isNetwork whether the group stands behind a Network Load Balancer */
export const healthCheckSchema = (isNetwork: boolean) =>
  z.object({
    HealthCheckEnabled: cfnBoolean
      .default(true)
      .refine((enabled) => enabled, "AWS lets only groups of type 'lambda' switch it off"),
    HealthCheckProtocol: z
      .enum(['HTTP', 'HTTPS', 'TCP'], 'only HTTP, HTTPS and TCP checks can be rehearsed')
      .optional(),
    HealthCheckPort: cfnString.default('traffic-port'),
    HealthCheckPath: z.string().startsWith('/').default('/'),
    HealthCheckIntervalSeconds: between(5, 300).default(30),
    HealthCheckTimeoutSeconds: between(2, 120).optional(),
    HealthyThresholdCount: between(2, 10).default(5),
    UnhealthyThresholdCount: between(2, 10).default(2),
    Matcher: z
      .object({
        HttpCode: cfnString
          .refine(
            (text) => isMatcherText(text, isNetwork ? 599 : 499),
            `expected codes from 200 to ${isNetwork ? 599 : 499} such as '200,204' or '200-299'`,
          )
          .default(isNetwork ? '200-399' : '200'),
      })
      .prefault({}),
  });

/**
 * What a target group's properties, read by `healthCheckSchema`, say.
 *
 * @param isNetwork whether the group stands behind a Network Load Balancer
 */
export function healthCheckOf(
  properties: z.output<ReturnType<typeof healthCheckSchema>>,
  isNetwork: boolean,
): Omit<HealthCheckDefinition, 'proxyProtocol'> {
  const protocol = properties.HealthCheckProtocol ?? (isNetwork ? 'TCP' : 'HTTP');
  const networkTimeout = protocol === 'HTTP' ? 6 : 10;
  return {
    protocol,
    path: properties.HealthCheckPath,
    port: properties.HealthCheckPort,
    intervalSeconds: properties.HealthCheckIntervalSeconds,
    timeoutSeconds: properties.HealthCheckTimeoutSeconds ?? (isNetwork ? networkTimeout : 5),
    healthyThreshold: properties.HealthyThresholdCount,
    unhealthyThreshold: properties.UnhealthyThresholdCount,
    initialThreshold: isNetwork ? properties.HealthyThresholdCount : 1,
    matcher: properties.Matcher.HttpCode,
  };
}
