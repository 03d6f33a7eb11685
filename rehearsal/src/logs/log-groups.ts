import { randomUUID } from 'node:crypto';
import { type Clock, isoTime } from '../clock';
import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { TargetInvocation } from '../eventbridge/target-delivery';
import type { EventStream } from '../events';
import type { Authorizer } from '../iam/authorizer';
import type { DeliveryRefusal } from '../undelivered-message';

export interface LogGroupsDependencies {
  readonly clock: Clock;
  readonly events: EventStream;
  readonly authorizer: Authorizer;
}

/** The log groups of the deployed stacks as targets of rules. */
export class LogGroups {
  /** Name of the log stream that each rule writes to, by the rule's ARN */
  private readonly streams = new Map<string, string>();

  constructor(
    private readonly resources: DeployedResources,
    private readonly deps: LogGroupsDependencies,
  ) {}

  /**
   * Writes an event into the log group, when the account's resource policies let EventBridge. The
   * group may have any name; `/aws/events/` is only what policies that AWS makes allow.
   * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
   *
   * @returns why it was refused
   */
  deliver(invocation: TargetInvocation): DeliveryRefusal | undefined {
    const { arn, input, transformed, caller, ruleArn } = invocation;
    const name = /:log-group:([^:]+)(?::\*)?$/.exec(arn)?.[1];
    if (name === undefined) {
      return { code: 'INVALID_PARAMETER', reason: `it is not the ARN of a log group` };
    }
    if (caller.kind === 'role') {
      const reason =
        'EventBridge writes to log groups by their resource policy alone: leave the RoleArn of the target out';
      return { code: 'INVALID_PARAMETER', reason };
    }
    if (this.resources.ofType('AWS::Logs::LogGroup').every((group) => group.name !== name)) {
      return { code: 'NO_RESOURCE', reason: 'the specified log group does not exist' };
    }
    const message = transformed ? messageOf(input) : input;
    if (message === undefined) {
      const reason = `a log group takes only {"timestamp": …, "message": "…"} from an input transformer, got ${input}`;
      return { code: 'INVALID_PARAMETER', reason };
    }
    const stream = this.streams.get(ruleArn) ?? randomUUID();
    this.streams.set(ruleArn, stream);
    const resource = `${arn.replace(/:\*$/, '')}:log-stream:${stream}`;
    for (const action of ['logs:CreateLogStream', 'logs:PutLogEvents']) {
      const decision = this.deps.authorizer.authorize({ caller, action, resource });
      if (!decision.allowed) return { code: 'NO_PERMISSIONS', reason: decision.message };
    }
    const time = isoTime(this.deps.clock.now());
    this.deps.events.emit({ kind: 'log', time, group: name, stream, message });
    return undefined;
  }
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html */
function messageOf(input: string): string | undefined {
  try {
    const record = JSON.parse(input) as Record<string, unknown>;
    const keys = Object.keys(record).sort().join();
    return keys === 'message,timestamp' ? String(record['message']) : undefined;
  } catch {
    return undefined;
  }
}
