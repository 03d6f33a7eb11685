import type { AccessUse } from '../iam/access-control';
import type { Check, DeploymentReport, ExecutionReport, TrafficReport } from '../report/report';

/** What a release left behind, as far as its checks look at it. */
export interface ReleaseOutcome {
  readonly pushedCommit: string | undefined;
  readonly executions: readonly ExecutionReport[];
  /** Oldest first */
  readonly deployments: readonly DeploymentReport[];
  readonly desiredCount: number;
  /** ARN of the revision of each task that is RUNNING */
  readonly runningTasks: readonly string[];
  /** Images that were pushed after the commit was, as `host/repository:tag` */
  readonly pushedImages: readonly string[];
  /** SSM parameters that held the first image's tag, and what they hold now */
  readonly recordedTags: Readonly<Record<string, string>>;
  readonly traffic: TrafficReport;
  /** Answers by task definition before the push, and after the release */
  readonly answersBefore: Readonly<Record<string, number>>;
  readonly answersAfter: Readonly<Record<string, number>>;
  /** What `GET /` answered before and after; undefined when it was not asked */
  readonly pageBefore: string | undefined;
  readonly pageAfter: string | undefined;
  readonly calls: readonly AccessUse[];
}

/** Everything a healthy release promises, each with what was seen. */
export function releaseChecks(outcome: ReleaseOutcome): Check[] {
  const [first] = outcome.deployments;
  const last = outcome.deployments.at(-1);
  return [
    executionCheck(outcome),
    actionsCheck(outcome),
    check(
      'the release is a deployment of its own, and it and the first one are COMPLETED',
      outcome.deployments.length === 2 &&
        outcome.deployments.every(({ rolloutState }) => rolloutState === 'COMPLETED'),
      outcome.deployments.map(({ id, rolloutState }) => `${id} ${rolloutState}`).join(', '),
    ),
    check(
      'every task that runs is of the new revision, and there are as many as desired',
      last !== undefined &&
        outcome.runningTasks.length === outcome.desiredCount &&
        outcome.runningTasks.every((arn) => arn === last.taskDefinition),
      `${outcome.runningTasks.map(lastPart).join(', ') || 'none'} of ${outcome.desiredCount}`,
    ),
    check(
      'the service runs the image that the build of this commit pushed',
      last !== undefined && outcome.pushedImages.includes(last.image),
      last?.image ?? 'none',
    ),
    recordCheck(outcome, tagOf(first?.image), tagOf(last?.image)),
    check(
      'no request was lost',
      outcome.traffic.sent > 0 && outcome.traffic.failed === 0,
      `${outcome.traffic.failed} of ${outcome.traffic.sent} failed`,
    ),
    servedAlone('before the push the first version answered alone', outcome.answersBefore, first),
    servedAlone('after the release the new version answered alone', outcome.answersAfter, last),
    ...pageCheck(outcome, tagOf(first?.image), tagOf(last?.image)),
    check(
      "the templates' policies allowed every call that was made",
      outcome.calls.length > 0 && outcome.calls.every(({ allowed }) => allowed),
      deniedCalls(outcome.calls),
    ),
  ];
}

function executionCheck({ executions, pushedCommit }: ReleaseOutcome): Check {
  return check(
    'the push started one execution of the pipeline, with the pushed commit, and it Succeeded',
    executions.length === 1 &&
      executions[0]?.status === 'Succeeded' &&
      executions[0].commit === pushedCommit,
    executions.map(({ commit, status }) => `${commit ?? 'no commit'} ${status}`).join(', ') ||
      'no execution',
  );
}

function actionsCheck({ executions }: ReleaseOutcome): Check {
  const actions = executions.flatMap(({ stages }) => stages.flatMap((stage) => stage.actions));
  return check(
    'every action Succeeded',
    actions.length > 0 && actions.every(({ status }) => status === 'Succeeded'),
    actions
      .map(({ name, status, summary }) =>
        status === 'Succeeded' ? name : `${name} ${status}: ${summary}`,
      )
      .join(', '),
  );
}

/** Decision 8: the released tag is recorded, so that a later deploy of the stack keeps it. */
function recordCheck(
  { recordedTags }: ReleaseOutcome,
  firstTag: string | undefined,
  tag: string | undefined,
): Check {
  const recorded = Object.entries(recordedTags);
  return check(
    'every SSM parameter that held the first tag holds the released one, which is another',
    tag !== firstTag && recorded.every(([, value]) => value === tag),
    recorded.map(([name, value]) => `${name} = ${value}`).join(', ') || 'no parameter held it',
  );
}

function servedAlone(
  expectation: string,
  answers: Readonly<Record<string, number>>,
  deployment: DeploymentReport | undefined,
): Check {
  const names = Object.keys(answers).filter((name) => (answers[name] ?? 0) > 0);
  return check(
    expectation,
    names.length === 1 && names[0] === deployment?.taskDefinition,
    names.map((name) => `${lastPart(name)}: ${String(answers[name])}`).join(', ') || 'no answers',
  );
}

/** Only an API that tells its version can be asked whether it is the new one. */
function pageCheck(
  { pageBefore, pageAfter }: ReleaseOutcome,
  firstTag: string | undefined,
  tag: string | undefined,
): Check[] {
  if (firstTag === undefined || pageBefore?.includes(firstTag) !== true) return [];
  return [
    check(
      'GET / named the first image before, and names the released one now',
      tag !== undefined && pageAfter?.includes(tag) === true && !pageAfter.includes(firstTag),
      `before ${pageBefore}, after ${pageAfter ?? 'no answer'}`,
    ),
  ];
}

function deniedCalls(calls: readonly AccessUse[]): string {
  const denied = calls.filter(({ allowed }) => !allowed);
  return (
    denied
      .map(({ principal, action, resource }) => `${lastPart(principal)}: ${action} on ${resource}`)
      .join(', ') || `${calls.length} kinds of calls, none denied`
  );
}

function check(expectation: string, passed: boolean, actual: string): Check {
  return { expectation, passed, actual };
}

function tagOf(image: string | undefined): string | undefined {
  return /:([^:/@]+)$/.exec(image ?? '')?.[1];
}

function lastPart(text: string): string {
  return text.split('/').at(-1) ?? text;
}
