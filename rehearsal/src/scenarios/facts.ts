import type { AccessUse } from '../iam/access-control';
import type {
  DeploymentReport,
  ExecutionReport,
  MailReport,
  TrafficReport,
} from '../report/report';

/** What a story has seen so far, as far as its checks look at it. */
export interface Facts {
  /** Commits that were pushed after the first one, oldest first */
  readonly pushedCommits: readonly string[];
  readonly executions: readonly ExecutionReport[];
  /** Oldest first */
  readonly deployments: readonly DeploymentReport[];
  readonly desiredCount: number;
  /** ARN of the revision of each task that is RUNNING */
  readonly runningTasks: readonly string[];
  /** Images that were pushed after the first commit was, as `host/repository:tag` */
  readonly pushedImages: readonly string[];
  /** SSM parameters that held the first image's tag, and what they hold now */
  readonly recordedTags: Readonly<Record<string, string>>;
  readonly traffic: TrafficReport;
  /** Answers by task definition before the push, and in the last observation */
  readonly answersBefore: Readonly<Record<string, number>>;
  readonly answersAfter: Readonly<Record<string, number>>;
  /** What `GET /` answered before and after; undefined when it was not asked */
  readonly pageBefore: string | undefined;
  readonly pageAfter: string | undefined;
  readonly calls: readonly AccessUse[];
  readonly mail: readonly MailReport[];
}
