import type { Queue } from '../sqs/queues';
import type { AwsTime } from './aws-time';
import type { MetricStore } from './metric-store';

/**
 * What SQS publishes every minute of each queue, and alarms on dead-letter queues look at.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export class QueueMetrics {
  /** Messages of each queue at the last sample, by its name */
  private readonly before = new Map<string, number>();

  constructor(
    private readonly store: MetricStore,
    private readonly time: AwsTime,
  ) {}

  sample(queues: readonly Queue[]): void {
    for (const { name, messages } of queues) {
      const put = (metric: string, value: number) =>
        this.store.put(
          { namespace: 'AWS/SQS', name: metric, dimensions: { QueueName: name } },
          value,
          this.time.now(),
        );
      put('ApproximateNumberOfMessagesVisible', messages.length);
      put('NumberOfMessagesSent', messages.length - (this.before.get(name) ?? 0));
      this.before.set(name, messages.length);
    }
  }
}
