import { isoTime } from '../clock';
import type { AwsEvent } from '../events';
import type { AlarmDefinition, MetricQuery } from './alarm-definition';
import type { AlarmState } from './alarm-evaluation';
import { decimal } from './alarm-reason';
import { regionName } from './regions';

/** One change of an alarm's state. Times are true ones, in milliseconds since the epoch. */
export interface StateChange {
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly reason: string;
  readonly fromReason: string;
  readonly fromTime: number;
  readonly time: number;
  /** When what it tells of began: the newest value that breaches; of a good state, when the bad one did */
  readonly causedAt: number;
  /** When the alarm was created */
  readonly configuredAt: number;
}

/**
 * The message as topics get it; the order of the keys is that of delivered ones.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export function alarmMessage(definition: AlarmDefinition, change: StateChange): string {
  const { actions } = definition;
  return JSON.stringify({
    AlarmName: definition.name,
    AlarmDescription: definition.description ?? null,
    AWSAccountId: definition.account,
    AlarmConfigurationUpdatedTimestamp: offsetTime(change.configuredAt),
    NewStateValue: change.to,
    NewStateReason: change.reason,
    StateChangeTime: offsetTime(change.time),
    Region: regionName(definition.region),
    AlarmArn: definition.arn,
    OldStateValue: change.from,
    OKActions: actions.OK,
    AlarmActions: actions.ALARM,
    InsufficientDataActions: actions.INSUFFICIENT_DATA,
    Trigger: trigger(definition),
  });
}

function trigger(definition: AlarmDefinition): Record<string, unknown> {
  const { math, queries, periodSeconds } = definition;
  const rest = {
    Period: periodSeconds,
    EvaluationPeriods: definition.evaluationPeriods,
    DatapointsToAlarm: definition.datapointsToAlarm,
    ComparisonOperator: definition.comparisonOperator,
    Threshold: definition.threshold,
    TreatMissingData: definition.treatMissingData,
    EvaluateLowSampleCountPercentile: '',
  };
  const [query] = queries;
  if (math !== undefined || query === undefined) {
    const metrics = queries.map((one) => ({
      Id: one.id,
      MetricStat: { Metric: metricFields(one), Period: periodSeconds, Stat: one.statistic },
      ReturnData: false,
    }));
    const expression = {
      Id: math?.id,
      Expression: math?.text,
      Period: periodSeconds,
      ReturnData: true,
    };
    return { Metrics: [expression, ...metrics], ...rest };
  }
  const { statistic } = query;
  const percentile = statistic.startsWith('p');
  return {
    MetricName: query.metric.name,
    Namespace: query.metric.namespace,
    StatisticType: percentile ? 'ExtendedStatistic' : 'Statistic',
    ...(percentile ? { ExtendedStatistic: statistic } : { Statistic: statisticWord(statistic) }),
    Unit: null,
    Dimensions: metricFields(query).Dimensions,
    ...rest,
  };
}

/** `SampleCount` → `SAMPLE_COUNT` */
function statisticWord(statistic: string): string {
  return statistic.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}

function metricFields({ metric }: MetricQuery) {
  return {
    MetricName: metric.name,
    Namespace: metric.namespace,
    Dimensions: Object.entries(metric.dimensions).map(([name, value]) => ({ value, name })),
  };
}

/** The text that CloudWatch adds for people who get plain mails. */
export function alarmEmailText(definition: AlarmDefinition, change: StateChange): string {
  const { name, region, actions } = definition;
  const at = longTime(change.time);
  const [query] = definition.queries;
  const dimensions = Object.entries(query?.metric.dimensions ?? {});
  return [
    `You are receiving this email because your Amazon CloudWatch Alarm "${name}" in the ${regionName(region)} region has entered the ${change.to} state, because "${change.reason}" at "${at}".`,
    '',
    'View this alarm in the AWS Management Console:',
    `https://${region}.console.aws.amazon.com/cloudwatch/deeplink.js?region=${region}#alarmsV2:alarm/${encodeURIComponent(name)}`,
    '',
    'Alarm Details:',
    `- Name:                       ${name}`,
    `- Description:                ${definition.description ?? ''}`,
    `- State Change:               ${change.from} -> ${change.to}`,
    `- Reason for State Change:    ${change.reason}`,
    `- Timestamp:                  ${at}`,
    `- AWS Account:                ${definition.account}`,
    `- Alarm Arn:                  ${definition.arn}`,
    '',
    'Threshold:',
    `- The alarm is in the ALARM state when the metric is ${definition.comparisonOperator} ${decimal(definition.threshold)} for at least ${definition.datapointsToAlarm} of the last ${definition.evaluationPeriods} period(s) of ${definition.periodSeconds} seconds.`,
    '',
    'Monitored Metric:',
    ...(definition.math === undefined
      ? [
          `- MetricNamespace:            ${query?.metric.namespace ?? ''}`,
          `- MetricName:                 ${query?.metric.name ?? ''}`,
          `- Dimensions:                 [${dimensions.map(([key, value]) => `${key} = ${value}`).join(', ')}]`,
        ]
      : [`- Expression:                 ${definition.math.text}`]),
    `- Period:                     ${definition.periodSeconds} seconds`,
    `- Statistic:                  ${query?.statistic ?? ''}`,
    '- Unit:                       not specified',
    `- TreatMissingData:           ${definition.treatMissingData}`,
    '',
    'State Change Actions:',
    `- OK: ${listed(actions.OK)}`,
    `- ALARM: ${listed(actions.ALARM)}`,
    `- INSUFFICIENT_DATA: ${listed(actions.INSUFFICIENT_DATA)}`,
    '',
  ].join('\n');
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
export function alarmEvent(definition: AlarmDefinition, change: StateChange): AwsEvent {
  const { math, queries, periodSeconds } = definition;
  const metrics = queries.map(({ id, metric, statistic }) => ({
    id,
    metricStat: { metric, period: periodSeconds, stat: statistic },
    returnData: math === undefined,
  }));
  return {
    kind: 'aws',
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    account: definition.account,
    region: definition.region,
    time: isoTime(change.time),
    cause: isoTime(change.causedAt),
    resources: [definition.arn],
    detail: {
      alarmName: definition.name,
      state: { value: change.to, reason: change.reason, timestamp: offsetTime(change.time) },
      previousState: {
        value: change.from,
        reason: change.fromReason,
        timestamp: offsetTime(change.fromTime),
      },
      configuration: {
        ...(definition.description !== undefined && { description: definition.description }),
        metrics: [
          ...(math === undefined ? [] : [{ id: math.id, expression: math.text, returnData: true }]),
          ...metrics,
        ],
      },
    },
  };
}

function listed(arns: readonly string[]): string {
  return arns.map((arn) => `[${arn}]`).join(' ');
}

/** `2026-01-05T08:06:21.231+0000` */
export function offsetTime(milliseconds: number): string {
  return isoTime(milliseconds).replace('Z', '+0000');
}

/** `Monday 05 January, 2026 08:06:21 UTC` */
export function longTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' }).format(date);
  const day = String(date.getUTCDate()).padStart(2, '0');
  return `${part({ weekday: 'long' })} ${day} ${part({ month: 'long' })}, ${date.getUTCFullYear()} ${isoTime(milliseconds).slice(11, 19)} UTC`;
}
