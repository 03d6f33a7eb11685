import type { AlarmState } from '../../cloudwatch/alarm-evaluation';
import type { AccessUse } from '../../iam/access-control';
import type { DeploymentReport, ExecutionReport, MailReport } from '../../report/report';
import type { TrafficFacts } from '../story/observed-traffic';

/** What a story has seen so far, as far as its checks look at it; nothing from before it began. */
export interface Facts extends TrafficFacts {
  /** Commits that were pushed after the first one, oldest first */
  readonly pushedCommits: readonly string[];
  /** Statuses that deliveries to the pipeline's webhook were answered with, oldest first */
  readonly deliveries: readonly number[];
  readonly executions: readonly ExecutionReport[];
  /** Category of each action by `stage/action`, e.g. `Build` */
  readonly actionCategories: Readonly<Record<string, string>>;
  /** Oldest first; the one that ran when the story began comes first */
  readonly deployments: readonly DeploymentReport[];
  readonly desiredCount: number;
  /** Tasks that were made since the story began, oldest first */
  readonly tasks: readonly TaskFacts[];
  /** ARN of the revision of each task that is RUNNING */
  readonly runningTasks: readonly string[];
  /** Images that were pushed after the first commit was, as `host/repository:tag` */
  readonly pushedImages: readonly string[];
  /** SSM parameters that held the first image's tag, and what they hold now */
  readonly recordedTags: Readonly<Record<string, string>>;
  readonly calls: readonly AccessUse[];
  readonly mail: readonly MailReport[];
  /** Names of alarms whose mails are about the service, not about a release */
  readonly serviceAlarms: readonly string[];
  /** Alarms that one failed execution of the pipeline should set off, as they are now */
  readonly releaseAlarms: readonly AlarmFacts[];
  /** Which failures the templates have a mail with a reason for */
  readonly mailRules: { readonly actions: boolean; readonly deployments: boolean };
  /** Whether a rule of the templates tells somebody of what happens to pipelines */
  readonly hasPipelineRule: boolean;
}

export interface AlarmFacts {
  readonly name: string;
  readonly state: AlarmState;
}

/** A task, as far as checks ask how it ended. */
export interface TaskFacts {
  readonly taskDefinition: string;
  readonly lastStatus: string;
  /** Undefined while it runs */
  readonly stopCode: string | undefined;
  readonly stoppedReason: string | undefined;
}
