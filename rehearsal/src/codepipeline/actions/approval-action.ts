import type { Clock } from '../../clock';
import type { Authorizer, Caller } from '../../iam/authorizer';
import type { Approvals, PendingApproval } from '../approvals';
import type { ActionRun, ActionRunner } from './action';

/** A message for a topic, as SNS takes it. */
export interface TopicMessage {
  readonly topicArn: string;
  readonly caller: Caller;
  readonly subject: string;
  readonly message: string;
}

export interface ApprovalActionServices {
  readonly approvals: Approvals;
  readonly clock: Clock;
  readonly authorizer: Authorizer;
  /** Hands the message to SNS, which decides by the topic's policy; without it nobody is told */
  readonly publish?: (message: TopicMessage) => void;
}

/** Seven days. https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html */
const DEFAULT_TIMEOUT_MINUTES = 7 * 24 * 60;

/**
 * `Approval/AWS/Manual/1`: waits until somebody approves or rejects.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html
 */
export function approvalAction(services: ApprovalActionServices): ActionRunner {
  return async (run) => {
    const { NotificationArn, CustomData, ExternalEntityLink } = run.action.configuration;
    if (NotificationArn !== undefined) {
      const decision = services.authorizer.authorize({
        caller: run.caller,
        action: 'sns:Publish',
        resource: NotificationArn,
      });
      if (!decision.allowed) {
        return { status: 'Failed', errorCode: 'PermissionError', summary: decision.message };
      }
    }
    const timeoutMs = (run.action.timeoutMinutes ?? DEFAULT_TIMEOUT_MINUTES) * 60_000;
    const over = new AbortController();
    const expired = services.clock.wait(timeoutMs, AbortSignal.any([over.signal, run.signal]));
    const result = await services.approvals.wait(
      {
        pipeline: run.pipeline.name,
        stage: run.stage,
        action: run.action.name,
        executionId: run.executionId,
        expiresAt: services.clock.now() + timeoutMs,
        customData: CustomData,
        externalEntityLink: ExternalEntityLink,
      },
      expired,
      (approval) => {
        if (NotificationArn === undefined) return;
        services.publish?.({
          topicArn: NotificationArn,
          caller: run.caller,
          subject: subjectOf(approval),
          message: JSON.stringify(approvalMessage(approval, run)),
        });
      },
    );
    over.abort();
    if (result === undefined) {
      return { status: 'Failed', summary: 'The approval request has expired.' };
    }
    return result.status === 'Approved'
      ? { status: 'Succeeded', summary: result.summary }
      : { status: 'Failed', summary: result.summary };
  };
}

/** SNS takes subjects of at most 100 characters. */
function subjectOf({ pipeline, action }: PendingApproval): string {
  return `APPROVAL NEEDED: AWS CodePipeline ${pipeline} for action ${action}`.slice(0, 100);
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals-json-format.html */
function approvalMessage(approval: PendingApproval, { pipeline: { region } }: ActionRun) {
  const { pipeline, stage, action, token, expiresAt, customData, externalEntityLink } = approval;
  const consoleLink = `https://console.aws.amazon.com/codepipeline/home?region=${region}#/view/${pipeline}`;
  return {
    region,
    consoleLink,
    approval: {
      pipelineName: pipeline,
      stageName: stage,
      actionName: action,
      token,
      // As AWS writes it: to the minute.
      expires: `${new Date(expiresAt).toISOString().slice(0, 16)}Z`,
      ...(externalEntityLink !== undefined && { externalEntityLink }),
      approvalReviewLink: `${consoleLink}/${stage}/${action}/approve/${token}`,
      ...(customData !== undefined && { customData }),
    },
  };
}
