import { isoTime } from '../clock';
import type { EcsDependencies } from './ecs-dependencies';

/** A line of DescribeServices' `events`; the time is in milliseconds since the epoch. */
export interface ServiceMessage {
  readonly createdAt: number;
  readonly message: string;
}

type DeploymentEventName =
  'SERVICE_DEPLOYMENT_IN_PROGRESS' | 'SERVICE_DEPLOYMENT_COMPLETED' | 'SERVICE_DEPLOYMENT_FAILED';

/** DescribeServices shows the newest hundred (service-event-messages.html). */
const KEPT_MESSAGES = 100;

/** What one service says: lines of its event list, and events on the event bus. */
export class ServiceEvents {
  /** Newest first */
  readonly messages: ServiceMessage[] = [];

  constructor(
    private readonly service: {
      readonly serviceName: string;
      readonly serviceArn: string;
      readonly clusterArn: string;
    },
    private readonly deps: Pick<EcsDependencies, 'clock' | 'events' | 'account' | 'region'>,
  ) {}

  /**
   * Live services put the name first: `(service api) has reached a steady state.`
   * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
   */
  message(text: string, deploymentId?: string): void {
    const name = this.service.serviceName;
    const subject = deploymentId === undefined ? name : `${name}, taskSet ${deploymentId}`;
    const message = `(service ${subject}) ${text}`;
    const createdAt = this.deps.clock.now();
    this.messages.unshift({ createdAt, message });
    this.messages.splice(KEPT_MESSAGES);
    this.deps.events.emit({
      kind: 'service-message',
      time: isoTime(createdAt),
      service: name,
      message,
    });
  }

  /** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html */
  deploymentStateChange(eventName: DeploymentEventName, deploymentId: string, reason: string) {
    this.emit('ECS Deployment State Change', {
      eventType: eventName === 'SERVICE_DEPLOYMENT_FAILED' ? 'ERROR' : 'INFO',
      eventName,
      deploymentId,
      updatedAt: isoTime(this.deps.clock.now()),
      reason,
    });
  }

  /** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html */
  serviceAction(eventType: 'INFO' | 'WARN' | 'ERROR', eventName: string): void {
    this.emit('ECS Service Action', {
      eventType,
      eventName,
      clusterArn: this.service.clusterArn,
      createdAt: isoTime(this.deps.clock.now()),
    });
  }

  private emit(detailType: string, detail: Record<string, unknown>): void {
    this.deps.events.emit({
      kind: 'aws',
      source: 'aws.ecs',
      'detail-type': detailType,
      account: this.deps.account,
      region: this.deps.region,
      time: isoTime(this.deps.clock.now()),
      resources: [this.service.serviceArn],
      detail,
    });
  }
}
