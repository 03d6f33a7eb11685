import type { TargetHealth } from './elbv2/target-registrar';

/**
 * The one stream that every service writes and that reporters, alarms, EventBridge rules and the
 * scenarios read. Two families: events that AWS itself puts on the default event bus, with AWS's
 * field names, and things that are visible on AWS by other means (logs, target health, …).
 */
export type RehearsalEvent = AwsEvent | EngineEvent;

/**
 * An event as EventBridge delivers it.
 * https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 */
export interface AwsEvent {
  readonly kind: 'aws';
  readonly source:
    | 'aws.cloudwatch'
    | 'aws.codebuild'
    | 'aws.codecommit'
    | 'aws.codepipeline'
    | 'aws.ecr'
    | 'aws.ecs'
    | 'aws.inspector2'
    | 'aws.s3'
    | 'aws.ssm';
  readonly 'detail-type': string;
  readonly account: string;
  readonly region: string;
  /** ISO 8601 */
  readonly time: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
  /** When what it tells of began, where that was earlier; ISO 8601, nobody on AWS gets it */
  readonly cause?: string;
}

export type EngineEvent =
  LogEvent | ServiceMessageEvent | TargetHealthEvent | MailEvent | ProgressEvent | UnprovenEvent;

/** A line that a build or a container wrote, in the log group that the template names. */
export interface LogEvent {
  readonly kind: 'log';
  readonly time: string;
  /** Log group, or the name of the program where AWS would keep no log */
  readonly group: string;
  readonly stream: string;
  readonly message: string;
}

/** A line of the service's event list, in the words of ECS. */
export interface ServiceMessageEvent {
  readonly kind: 'service-message';
  readonly time: string;
  readonly service: string;
  readonly message: string;
}

/** A target changed state. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html */
export interface TargetHealthEvent {
  readonly kind: 'target-health';
  readonly time: string;
  readonly targetGroup: string;
  /** `10.0.1.17:3000` */
  readonly target: string;
  /** Undefined when no template tells it */
  readonly availabilityZone?: string;
  readonly state: TargetHealth['state'];
  readonly reason?: string;
  readonly description?: string;
}

/** A mail that a topic's subscriber gets. */
export interface MailEvent {
  readonly kind: 'mail';
  readonly time: string;
  readonly to: string;
  readonly subject: string;
  /** Path below the report's directory, e.g. `mail/01-AWS-Notification-Message.eml` */
  readonly file: string;
  readonly body: string;
  /** When what it tells of began: for an alarm that is fine again, when it went off; ISO 8601 */
  readonly cause: string;
}

/** A step of the scenario, for people who watch. */
export interface ProgressEvent {
  readonly kind: 'progress';
  readonly time: string;
  readonly message: string;
}

/** Something that this run cannot show; the report lists each text once. */
export interface UnprovenEvent {
  readonly kind: 'unproven';
  readonly time: string;
  readonly message: string;
}

/** Hands every event to every listener, in order, at once. */
export class EventStream {
  private readonly listeners = new Set<(event: RehearsalEvent) => void>();

  emit(event: RehearsalEvent): void {
    for (const listener of [...this.listeners]) listener(event);
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: (event: RehearsalEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
