import type { AwsEvent, RehearsalEvent } from '../events';
import { printable } from './printable';

/** For people, safe to print; undefined for what only fills logs. */
export function describeEvent(event: RehearsalEvent): string | undefined {
  const description = descriptionOf(event);
  return description === undefined ? undefined : printable(description);
}

function descriptionOf(event: RehearsalEvent): string | undefined {
  switch (event.kind) {
    case 'progress':
      return event.message;
    case 'unproven':
      return `not proven by this run: ${event.message}`;
    case 'service-message':
      return event.message;
    case 'target-health':
      return `target ${event.target} is ${event.state}${event.description ? ` (${event.description})` : ''}`;
    case 'mail':
      return `mail to ${event.to}: ${event.subject}`;
    case 'log':
      return undefined;
    case 'aws':
      return describeAwsEvent(event);
  }
}

function describeAwsEvent(event: AwsEvent): string | undefined {
  const text = (key: string) => String(event.detail[key]);
  switch (event['detail-type']) {
    case 'CodePipeline Pipeline Execution State Change':
      return `pipeline ${text('pipeline')}: ${text('state')}`;
    case 'CodePipeline Action Execution State Change':
      return `${text('stage')} / ${text('action')}: ${text('state')}${reasonOf(event)}`;
    case 'CodeBuild Build Phase Change':
      return `build ${text('completed-phase')}: ${text('completed-phase-status')}`;
    case 'ECS Deployment State Change':
      return text('reason');
    case 'ECS Task State Change':
      return `task ${text('taskArn').split('/').at(-1)?.slice(0, 8) ?? ''}: ${text('lastStatus')}${
        event.detail['stoppedReason'] === undefined ? '' : ` (${text('stoppedReason')})`
      }`;
    case 'ECR Image Action':
      return `image ${text('repository-name')}:${text('image-tag')} pushed`;
    default:
      return undefined;
  }
}

function reasonOf(event: AwsEvent): string {
  if (event.detail['state'] !== 'FAILED') return '';
  const result = event.detail['execution-result'] as Record<string, string> | undefined;
  return `: ${result?.['external-execution-summary'] ?? 'no reason given'}`;
}
