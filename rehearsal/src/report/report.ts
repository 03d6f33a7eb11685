import type { AlarmState } from '../cloudwatch/alarm-evaluation';
import type { SilentAlarm } from '../cloudwatch/alarms';
import type { ProjectBuild } from '../codebuild/project-builds';
import type { ContainerEngine } from '../containers/container-engine';
import type { RuleUse } from '../eventbridge/event-bus';
import type { StatementUse } from '../iam/policy-use';
import type { DeadLetter, Queue } from '../sqs/queues';
import type { UndeliveredMessage } from '../undelivered-message';

/** `report.json`, schemaVersion 1. Times are ISO 8601; statuses are spelled as AWS spells them. */
export interface Report {
  readonly schemaVersion: 1;
  readonly engine: ContainerEngine['name'];
  readonly engineDescription: string;
  /** Divisor of the waits that AWS settings impose; times in the report are true times */
  readonly speed: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly project: string;
  readonly resources: {
    readonly played: readonly ReportedResource[];
    readonly accepted: readonly ReportedResource[];
    readonly refused: readonly ReportedResource[];
  };
  /** Properties set in the template that the engine does not play */
  readonly unplayedProperties: readonly (ReportedResource & { readonly property: string })[];
  /** Every kind of call that was made, as whom, and whether the templates' policies allow it */
  readonly calls: readonly CallReport[];
  /** Every statement of the templates' policies, and how many of the calls it decided */
  readonly statements: readonly StatementUse[];
  /** What a pass does not show, one sentence each */
  readonly unproven: readonly string[];
  /** Alarms whose metric nobody publishes, or that are not evaluated here */
  readonly silentAlarms: readonly SilentAlarm[];
  /** Requests over all scenarios */
  readonly totals: RequestCounts;
  readonly scenarios: readonly ScenarioReport[];
}

export interface CallReport {
  /** ARN of the role, name of the service, or `operator` */
  readonly principal: string;
  /** e.g. `ecr:PutImage` */
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
  readonly count: number;
}

export interface ReportedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly stack: string;
  readonly reason?: string;
}

export interface ScenarioReport {
  readonly name: string;
  readonly passed: boolean;
  readonly expectation: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly checks: readonly Check[];
  readonly executions: readonly ExecutionReport[];
  readonly deployments: readonly DeploymentReport[];
  readonly traffic: TrafficReport;
  readonly mail: readonly MailReport[];
  readonly alarms: readonly AlarmReport[];
  /** How often each rule of the templates has matched since its world began */
  readonly rules: readonly RuleUse[];
  /** Messages that no mail came of, because a policy forbids it */
  readonly undelivered: readonly UndeliveredMessage[];
  readonly queues: readonly QueueReport[];
  /** Builds that rules started, from the project's own source */
  readonly builds: readonly ProjectBuild[];
}

export interface QueueReport extends Omit<Queue, 'messages'> {
  /** In the queue when the scenario ended, sent since its world began: nobody receives them here */
  readonly messages: number;
  /** What came while the scenario ran because somebody else would not take it */
  readonly deadLetters: readonly (DeadLetter & { readonly at: string })[];
}

export interface AlarmReport {
  readonly name: string;
  /** When the scenario ended */
  readonly state: AlarmState;
  /** While it ran, oldest first */
  readonly changes: readonly {
    readonly at: string;
    readonly from: AlarmState;
    readonly to: AlarmState;
    readonly reason: string;
  }[];
}

/** One thing the scenario expected, and whether it came true. */
export interface Check {
  readonly expectation: string;
  readonly passed: boolean;
  /** What was seen */
  readonly actual: string;
}

interface Span {
  readonly status: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

export interface ExecutionReport extends Span {
  readonly id: string;
  /** Name of its pipeline */
  readonly pipeline: string;
  readonly commit: string | null;
  readonly stages: readonly (Span & {
    readonly name: string;
    readonly actions: readonly (Span & { readonly name: string; readonly summary: string })[];
  })[];
}

export interface DeploymentReport {
  readonly id: string;
  /** ARN with revision */
  readonly taskDefinition: string;
  readonly image: string;
  readonly rolloutState: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

export interface RequestCounts {
  readonly sent: number;
  readonly failed: number;
  /** Sent once more, because their kept-alive connections had ended with the tasks behind them */
  readonly resent: number;
  /** Of those that failed: given to tasks that the scenario killed, before the load balancer knew */
  readonly failedWithKilledTasks: number;
  /** Of those that failed: answered with an error by a healthy version that the scenario broke */
  readonly failedWithBrokenVersion: number;
}

export interface TrafficReport extends RequestCounts {
  readonly succeeded: number;
  /** By HTTP status, or the error where there was no answer */
  readonly byStatus: Readonly<Record<string, number>>;
  /** By ARN of the task definition that answered */
  readonly byTaskDefinition: Readonly<Record<string, number>>;
  /** Those of its answers that were 5xx */
  readonly errorsByTaskDefinition: Readonly<Record<string, number>>;
  /** Null when nothing was answered */
  readonly latencyMs: {
    readonly p50: number | null;
    readonly p99: number | null;
    readonly max: number | null;
  };
  /** The first of those that failed */
  readonly failures: readonly FailedRequestReport[];
  /**
   * How late the latest request left: this machine's own delay. Latencies of that size say nothing
   * about the release.
   */
  readonly longestStallMs: number;
}

export interface FailedRequestReport {
  readonly time: string;
  /** `new-connection`, `keep-alive` or `slow` */
  readonly kind: string;
  readonly path: string;
  /** Status, or error code */
  readonly result: string;
  /** `10.0.1.17:3000`; null when the load balancer gave it to no target */
  readonly target: string | null;
}

export interface MailReport {
  readonly subject: string;
  readonly to: string;
  readonly at: string;
  readonly file: string;
  /** As people read it */
  readonly text: string;
  /** About something from before the scenario: an alarm that was red then, or that was new */
  readonly ofBefore: boolean;
}
