import { type Clock, isoTime } from './clock';
import type { DeployedResources } from './cloudformation/deployed-resource';
import type { AlarmState } from './cloudwatch/alarm-evaluation';
import { Alarms, type SilentAlarm } from './cloudwatch/alarms';
import { AwsTime } from './cloudwatch/aws-time';
import { emptyWidgets } from './cloudwatch/dashboards';
import { MetricStore } from './cloudwatch/metric-store';
import { QueueMetrics } from './cloudwatch/queue-metrics';
import { type ServiceCounts, ServiceMetrics } from './cloudwatch/service-metrics';
import { NotificationRules } from './codestarnotifications/notification-rules';
import { UtilizationMetrics } from './cloudwatch/utilization-metrics';
import type { TaskUtilization } from './ecs/task-utilization';
import type { AccessLogRecord } from './elbv2/access-log';
import type { ConnectionCounts } from './elbv2/connection-counts';
import { EventBus, type RuleUse } from './eventbridge/event-bus';
import type { TargetDelivery } from './eventbridge/target-delivery';
import type { EventStream, MailEvent } from './events';
import type { Authorizer, Caller } from './iam/authorizer';
import { LogGroups } from './logs/log-groups';
import { MetricFilters } from './logs/metric-filters';
import type { EmailOutbox } from './sns/email-outbox';
import type { Publication } from './sns/message';
import { Topics } from './sns/topics';
import { type Queue, Queues } from './sqs/queues';
import type { UndeliveredMessage } from './undelivered-message';

export interface NotificationDependencies {
  readonly clock: Clock;
  readonly events: EventStream;
  readonly authorizer: Authorizer;
  readonly outbox: EmailOutbox;
  /** The services as ECS describes them now */
  readonly services: () => readonly ServiceCounts[];
  /** Connections of the load balancers since the last look. @default not measured */
  readonly connections?: () => readonly ConnectionCounts[];
  /** What their tasks use now. @default not measured */
  readonly measureTasks?: () => Promise<readonly TaskUtilization[]>;
  /** Targets of rules besides topics, queues and log groups, by the service in their ARN */
  readonly targets?: ReadonlyMap<string, TargetDelivery>;
}

/** Rules, alarms, topics, queues and mail of the deployed stacks: how people hear of what happened. */
export class Notifications {
  /** Every mail so far */
  readonly mail: MailEvent[] = [];
  private readonly unsubscribe: () => void;

  private constructor(
    readonly alarms: Alarms,
    private readonly bus: EventBus,
    private readonly topics: Topics,
    private readonly queues_: Queues,
    private readonly notificationRules: NotificationRules,
    private readonly metrics: ServiceMetrics,
    filters: MetricFilters,
    events: EventStream,
  ) {
    this.unsubscribe = events.subscribe((event) => {
      metrics.record(event);
      if (event.kind === 'log') filters.record(event);
      if (event.kind === 'mail') this.mail.push(event);
    });
  }

  /**
   * Reads every rule, alarm, topic and subscription, then begins to listen.
   *
   * @throws RehearsalError for what AWS would refuse, or what is not understood
   */
  static start(resources: DeployedResources, deps: NotificationDependencies): Notifications {
    const { clock, events } = deps;
    const time = new AwsTime(clock);
    const store = new MetricStore();
    const metrics = new ServiceMetrics(store, time, resources);
    const measure = deps.measureTasks ?? (() => Promise.resolve([]));
    const utilization = new UtilizationMetrics(resources, store, time, measure);
    const filters = new MetricFilters(resources, (metric, value) =>
      store.put(metric, value, time.now()),
    );
    for (const message of emptyWidgets(resources)) {
      events.emit({ kind: 'unproven', time: isoTime(clock.now()), message });
    }
    const queues = new Queues(resources, deps);
    const queueMetrics = new QueueMetrics(store, time);
    const topics = new Topics(resources, { ...deps, queues });
    const logGroups = new LogGroups(resources, deps);
    const targets: (readonly [string, TargetDelivery])[] = [
      [
        'sns',
        ({ arn, input, caller, cause }) => topics.offer(arn, { message: input, cause }, caller),
      ],
      [
        'sqs',
        (call) =>
          queues.send(call.arn, { body: call.input, groupId: call.messageGroupId }, call.caller),
      ],
      ['logs', (invocation) => logGroups.deliver(invocation)],
    ];
    const bus = EventBus.start(resources, {
      ...{ clock, events, authorizer: deps.authorizer, queues },
      targets: new Map([...(deps.targets ?? []), ...targets]),
    });
    const publish: Topics['publish'] = (topicArn, publication, caller) =>
      topics.publish(topicArn, publication, caller);
    const rules = new NotificationRules(resources, { clock, events, publish });
    const alarms = Alarms.start(resources, {
      clock,
      time,
      events,
      metrics: store,
      sample: () => {
        metrics.sample(deps.services(), deps.connections?.());
        queueMetrics.sample(queues.all);
        return utilization.sample();
      },
      publish,
    });
    return new Notifications(alarms, bus, topics, queues, rules, metrics, filters, events);
  }

  /** A request that a load balancer has finished. */
  recordRequest(record: AccessLogRecord): void {
    this.metrics.recordRequest(record);
  }

  /** `sns:Publish` of another service, e.g. of an approval that waits */
  publish(topicArn: string, publication: Publication, caller: Caller): void {
    this.topics.publish(topicArn, publication, caller);
  }

  /** Messages that a topic or another target did not take. */
  get undelivered(): readonly UndeliveredMessage[] {
    return [...this.topics.undelivered, ...this.bus.undelivered];
  }

  /** What is in the queues: nobody receives it here. */
  get queues(): readonly Queue[] {
    return this.queues_.all;
  }

  /** How often each rule matched. */
  get rules(): readonly RuleUse[] {
    return this.bus.uses();
  }

  /** Alarms that get no data, or that are not evaluated. */
  get silentAlarms(): readonly SilentAlarm[] {
    return this.alarms.silent;
  }

  stateOf(alarmName: string): AlarmState | undefined {
    return this.alarms.stateOf(alarmName);
  }

  close(): void {
    this.alarms.close();
    this.bus.close();
    this.notificationRules.close();
    this.unsubscribe();
  }
}
