import { type Clock, isoTime } from '../clock';
import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { AwsEvent, EventStream } from '../events';
import type { Caller } from '../iam/authorizer';
import type { Publication } from '../sns/message';
import {
  type NotificationRuleDefinition,
  readNotificationRule,
} from './notification-rule-definition';

export interface NotificationRulesDependencies {
  readonly clock: Clock;
  readonly events: EventStream;
  readonly publish: (topicArn: string, publication: Publication, caller: Caller) => void;
}

interface FailedAction {
  readonly action: string;
  readonly additionalInformation: string;
}

/** Notification rules of the developer tools: events of pipelines and builds as messages for topics. */
export class NotificationRules {
  private readonly rules: readonly NotificationRuleDefinition[];
  private readonly unsubscribe: () => void;
  /** By execution; the pipeline's own event does not name them */
  private readonly failures = new Map<string, { stage: string; actions: FailedAction[] }>();

  /** @throws RehearsalError `PropertyInvalid` */
  constructor(
    resources: DeployedResources,
    private readonly deps: NotificationRulesDependencies,
  ) {
    this.rules = resources
      .ofType('AWS::CodeStarNotifications::NotificationRule')
      .map(readNotificationRule);
    for (const { logicalId, stack, targets } of this.rules) {
      for (const { type, address } of targets.filter((target) => target.type !== 'SNS')) {
        const time = isoTime(deps.clock.now());
        const message = `notification rule '${logicalId}' in stack '${stack}' has the target ${type} ${address}, which is not played`;
        deps.events.emit({ kind: 'unproven', time, message });
      }
    }
    this.unsubscribe = deps.events.subscribe((event) => {
      if (event.kind === 'aws') this.notice(event);
    });
  }

  close(): void {
    this.unsubscribe();
  }

  private notice(event: AwsEvent): void {
    this.rememberFailure(event);
    const id = eventTypeId(event);
    for (const rule of this.rules) {
      if (!rule.enabled || id === undefined || !rule.eventTypeIds.includes(id)) continue;
      if (rule.resource !== resourceOf(event)) continue;
      const message = JSON.stringify(this.message(rule, event));
      const caller: Caller = {
        kind: 'service',
        service: 'codestar-notifications.amazonaws.com',
        sourceArn: rule.arn,
      };
      for (const { address } of rule.targets.filter(({ type }) => type === 'SNS')) {
        this.deps.publish(address, { message }, caller);
      }
    }
  }

  /** https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html */
  private message(rule: NotificationRuleDefinition, event: AwsEvent): Record<string, unknown> {
    const failure = this.failures.get(String(event.detail['execution-id']));
    const failed = event.detail['state'] === 'FAILED' && isPipelineLevel(event);
    return {
      account: event.account,
      detailType: event['detail-type'],
      region: event.region,
      source: event.source,
      time: event.time.replace(/\.\d+Z$/, 'Z'),
      notificationRuleArn: rule.arn,
      detail: event.detail,
      resources: event.resources,
      additionalAttributes:
        rule.full && failed && failure !== undefined
          ? {
              failedActionCount: failure.actions.length,
              failedActions: failure.actions,
              failedStage: failure.stage,
            }
          : {},
    };
  }

  private rememberFailure({ 'detail-type': type, detail }: AwsEvent): void {
    if (type !== 'CodePipeline Action Execution State Change' || detail['state'] !== 'FAILED')
      return;
    const execution = String(detail['execution-id']);
    const stage = String(detail['stage']);
    const result = detail['execution-result'] as Record<string, string> | undefined;
    const action = {
      action: String(detail['action']),
      additionalInformation: result?.['external-execution-summary'] ?? '',
    };
    const known = this.failures.get(execution);
    const actions = known?.stage === stage ? [...known.actions, action] : [action];
    this.failures.set(execution, { stage, actions });
  }
}

/** https://docs.aws.amazon.com/dtconsole/latest/userguide/concepts.html#concepts-api */
function eventTypeId({ 'detail-type': type, detail }: AwsEvent): string | undefined {
  const [, level] =
    /^CodePipeline (Pipeline|Stage|Action) Execution State Change$/.exec(type) ?? [];
  if (level !== undefined) {
    const state = String(detail['state']).toLowerCase();
    return `codepipeline-pipeline-${level.toLowerCase()}-execution-${state}`;
  }
  if (type !== 'CodeBuild Build State Change') return undefined;
  const status = String(detail['build-status']);
  const failed = ['FAILED', 'FAULT', 'TIMED_OUT'].includes(status);
  return `codebuild-project-build-state-${failed ? 'failed' : status.toLowerCase().replace('_', '-')}`;
}

function isPipelineLevel({ 'detail-type': type }: AwsEvent): boolean {
  return type === 'CodePipeline Pipeline Execution State Change';
}

/** A rule watches the project, while the event is that of a build: `…:build/NAME:ID`. */
function resourceOf({ resources }: AwsEvent): string | undefined {
  return resources[0]?.replace(/:build\/([^:]+):.*$/, ':project/$1');
}
