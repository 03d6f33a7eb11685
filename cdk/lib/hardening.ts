import { Duration } from 'aws-cdk-lib/core';
import { checkInteger, checkPattern, InvalidPropertyError } from './check-props';

/** Requests from one address in five minutes; ten times what a busy person makes. */
const DEFAULT_RATE_LIMIT = 2000;

/** PCI DSS 10.5.1 asks for a year of audit logs. */
const DEFAULT_TRAFFIC_LOG_RETENTION = Duration.days(365);

/**
 * Controls that cost money or get in the way of an experiment, so they are off until asked for.
 * What costs nothing is always on: a read-only container without root and capabilities, tasks that
 * only the load balancer reaches, dropped invalid headers, desync mitigation, TLS only for every
 * bucket and topic, versions and blocked public access for every bucket.
 *
 * Prices are US dollars a month in us-east-1 at 730 hours, with no traffic; SECURITY.md has the
 * arithmetic and the sources.
 */
export interface HardeningProps {
  /**
   * Turns on every control below, here and in the pipeline of this service: about $21, and what
   * traffic adds. A control can still be turned off by its own property.
   *
   * It needs a `certificateArn`, because nothing else here helps when anybody on the way can read
   * and change each request: docs/decisions/0008-hardened.md.
   *
   * @default false
   */
  readonly hardened?: boolean;

  /**
   * ARN of a certificate in AWS Certificate Manager, in the region of this stack. With it the load
   * balancer speaks HTTPS with TLS 1.2 and 1.3, and answers HTTP only with a redirect.
   *
   * Nothing: a public certificate is free, but AWS gives one only for a domain of yours, which has
   * to point at the output `AlbDnsName`.
   *
   * @default - HTTP only
   */
  readonly certificateArn?: string;

  /**
   * A firewall (AWS WAF) before the load balancer: AWS's common rules and known bad inputs, a
   * limit of requests from one address, and a log of what it stopped.
   *
   * $8: the ACL $5, three rules $1 each; and $0.60 per million requests.
   *
   * @default - as `hardened`
   */
  readonly waf?: boolean;

  /**
   * Requests that one address may make in five minutes before the firewall answers it with 403.
   * Everybody behind one office's address counts as one. 10 to 2,000,000,000.
   *
   * @default 2000
   */
  readonly wafRateLimit?: number;

  /**
   * Access logs of the load balancer and of the artifact bucket, each into a bucket of its stack.
   *
   * $0.023 for each GB stored; delivery is free.
   *
   * @default - as `hardened`
   */
  readonly accessLogs?: boolean;

  /**
   * A record of every connection in the VPC, into the bucket of the access logs.
   *
   * $0.25 for each GB written, $0.023 for each GB stored: next to nothing when idle.
   *
   * @default - as `hardened`
   */
  readonly flowLogs?: boolean;

  /**
   * How long access logs and flow logs are kept.
   *
   * @default Duration.days(365)
   */
  readonly trafficLogRetention?: Duration;

  /**
   * Log groups, artifacts and the webhook's secret are encrypted with keys of this account, one for
   * each stack, instead of keys of AWS: who may read is then also a matter of the key's policy, and
   * each use leaves a trace in CloudTrail.
   *
   * $2: two keys $1 each; and $0.03 per 10,000 uses. The yearly rotation adds $1 per key for the
   * first two years.
   *
   * @default - as `hardened`
   */
  readonly kmsEncryption?: boolean;

  /**
   * The load balancer and both stacks refuse to be deleted until this is turned off again.
   *
   * Nothing.
   *
   * @default - as `hardened`
   */
  readonly deletionProtection?: boolean;

  /**
   * Container Insights: how many tasks are wanted, waiting and running, and what they use.
   *
   * About $11: some 37 metrics $0.30 each.
   *
   * @default - as `hardened`
   */
  readonly containerInsights?: boolean;
}

/** Which controls are on. */
export interface Hardening {
  readonly certificateArn: string | undefined;
  readonly waf: boolean;
  readonly wafRateLimit: number;
  readonly accessLogs: boolean;
  readonly flowLogs: boolean;
  readonly trafficLogRetention: Duration;
  readonly kmsEncryption: boolean;
  readonly deletionProtection: boolean;
  readonly containerInsights: boolean;
}

/**
 * Every control with its own property, or else that of `hardened`.
 *
 * @throws InvalidPropertyError naming the property, what is allowed and what was given
 */
export function resolveHardening(props: HardeningProps): Hardening {
  const { hardened = false, certificateArn, wafRateLimit = DEFAULT_RATE_LIMIT } = props;
  if (hardened && certificateArn === undefined) {
    throw new InvalidPropertyError(
      "'certificateArn' should be given with 'hardened': behind plain HTTP the other controls protect little. Request one for a domain of yours with `aws acm request-certificate`, or leave 'hardened' out and turn on single controls, e.g. 'waf'",
    );
  }
  if (certificateArn !== undefined) {
    checkPattern(
      'certificateArn',
      certificateArn,
      /^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/,
      'arn:aws:acm:REGION:ACCOUNT:certificate/ID',
    );
  }
  // https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
  checkInteger('wafRateLimit', wafRateLimit, 10, 2_000_000_000);
  const trafficLogRetention = props.trafficLogRetention ?? DEFAULT_TRAFFIC_LOG_RETENTION;
  checkInteger('trafficLogRetention in days', trafficLogRetention.toDays(), 1, 36_500);
  return {
    certificateArn,
    waf: props.waf ?? hardened,
    wafRateLimit,
    accessLogs: props.accessLogs ?? hardened,
    flowLogs: props.flowLogs ?? hardened,
    trafficLogRetention,
    kmsEncryption: props.kmsEncryption ?? hardened,
    deletionProtection: props.deletionProtection ?? hardened,
    containerInsights: props.containerInsights ?? hardened,
  };
}
