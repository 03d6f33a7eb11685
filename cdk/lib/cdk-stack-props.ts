import type { Duration, StackProps } from 'aws-cdk-lib/core';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { CdkStack } from './cdk-stack';
import {
  checkFargateSize,
  checkInteger,
  checkName,
  checkOneOf,
  InvalidPropertyError,
} from './check-props';
import { type HardeningProps, resolveHardening } from './hardening';
import { type AlarmThresholds, resolveAlarmThresholds } from './monitoring/alarm-thresholds';
import { EGRESS_CHOICES, type Egress } from './network';
import { DEFAULT_APP_NAME, DEFAULT_SERVICE_NAME } from './resource-names';

/** Spelled as the task definition spells it. */
export type ServiceArchitecture = 'ARM64' | 'X86_64';

export const ARCHITECTURES: readonly ServiceArchitecture[] = ['ARM64', 'X86_64'];

/**
 * Everything is optional: `new CdkStack(app, 'X')` is a complete service.
 * Prices are US dollars a month in us-east-1 at 730 hours; other regions are up to a third dearer.
 * HTTPS, firewall and the other controls that cost something are in hardening.ts.
 */
export interface CdkStackProps extends StackProps, HardeningProps {
  /**
   * First part of every physical name. Two apps in one account and region need two.
   *
   * @default 'ecs-codepipeline-practice'
   */
  readonly appName?: string;

  /**
   * Second part of every physical name. Two services of one app need two, and share
   * one cluster (`shareClusterOf`).
   *
   * @default 'api'
   */
  readonly serviceName?: string;

  /**
   * Another service's stack whose VPC and cluster this one moves into, and whose `egress` it takes:
   * a second service then pays for no second NAT gateway.
   *
   * @default - a VPC and a cluster of its own
   */
  readonly shareClusterOf?: CdkStack;

  /**
   * The tasks' way out to the internet.
   *
   * - `single-nat`: tasks in private subnets, one NAT gateway: about $37 and $0.045 per GB. When
   *   its availability zone fails, tasks keep serving but cannot pull an image or reach others.
   * - `nat-per-az`: as above with a gateway in each zone: about $73.
   * - `public-ip`: tasks in public subnets with an address each, shielded by the security group
   *   alone: about $3.65 per task, nothing per GB.
   *
   * @default 'single-nat'
   * @see docs/decisions/0001-egress.md
   */
  readonly egress?: Egress;

  /**
   * Processor of the tasks and platform of the image. ARM64 costs a fifth less per task: $7.20
   * against $9.01 at the default size. deploy.sh builds for ARM64 unless told otherwise
   * (`--platform linux/amd64`).
   *
   * @default 'ARM64'
   */
  readonly cpuArchitecture?: ServiceArchitecture;

  /**
   * CPU units of a task; 1024 is one vCPU.
   *
   * @default 256
   */
  readonly cpu?: number;

  /**
   * Memory of a task in MiB. Fargate accepts only some pairs of CPU and memory.
   *
   * @default 512
   */
  readonly memoryLimitMiB?: number;

  /**
   * Tasks that run while nothing is released; twice as many for the minutes of a release. With one,
   * a crash or the loss of a zone is an outage.
   *
   * @default 2
   */
  readonly desiredCount?: number;

  /**
   * How long an old task may finish its requests after the load balancer stops sending new ones.
   * Set it above the slowest normal request: whatever is open afterwards gets a 502. Every release
   * waits for all of it, also without traffic. 1 to 3600 seconds.
   *
   * @default Duration.seconds(15)
   * @see docs/decisions/0004-deploy-timings.md
   */
  readonly deregistrationDelay?: Duration;

  /**
   * How long the service's log lines are kept.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * When the alarms of the service go off. There are seven, $0.80 a month; an account's first ten
   * are free. Two of them guard deployments, which makes each at least a minute longer.
   *
   * @default - the defaults of each threshold
   * @see docs/decisions/0013-service-alarms.md
   */
  readonly alarmThresholds?: Partial<AlarmThresholds>;
}

/**
 * Names, numbers and choices with their defaults filled in.
 *
 * @throws InvalidPropertyError naming the property, what is allowed and what was given
 */
export function resolveServiceSettings(props: CdkStackProps) {
  const settings = {
    appName: props.appName ?? DEFAULT_APP_NAME,
    serviceName: props.serviceName ?? DEFAULT_SERVICE_NAME,
    egress: props.egress ?? props.shareClusterOf?.egress ?? 'single-nat',
    cpuArchitecture: props.cpuArchitecture ?? 'ARM64',
    cpu: props.cpu ?? 256,
    memoryLimitMiB: props.memoryLimitMiB ?? 512,
    desiredCount: props.desiredCount ?? 2,
    alarmThresholds: resolveAlarmThresholds(props.alarmThresholds),
    deregistrationDelaySeconds: props.deregistrationDelay?.toSeconds() ?? 15,
    hardening: resolveHardening(props),
  } as const;
  checkName('appName', settings.appName, 40);
  checkName('serviceName', settings.serviceName, 20);
  checkOneOf('egress', settings.egress, EGRESS_CHOICES);
  const shared = props.shareClusterOf;
  if (shared && shared.egress !== settings.egress) {
    throw new InvalidPropertyError(
      `'egress' should be left out or '${shared.egress}' with 'shareClusterOf' ${shared.node.id}, whose subnets it uses, got: '${settings.egress}'`,
    );
  }
  for (const control of ['flowLogs', 'containerInsights'] as const) {
    if (!shared || settings.hardening[control] === shared.hardening[control]) continue;
    throw new InvalidPropertyError(
      `'${control}' should be '${shared.hardening[control]}' with 'shareClusterOf' ${shared.node.id}, to whose VPC and cluster it belongs, got: '${settings.hardening[control]}'`,
    );
  }
  checkOneOf('cpuArchitecture', settings.cpuArchitecture, ARCHITECTURES);
  checkFargateSize(settings.cpu, settings.memoryLimitMiB);
  checkInteger('desiredCount', settings.desiredCount, 1, 5000);
  checkInteger('deregistrationDelay in seconds', settings.deregistrationDelaySeconds, 1, 3600);
  return settings;
}

export type ServiceSettings = ReturnType<typeof resolveServiceSettings>;
