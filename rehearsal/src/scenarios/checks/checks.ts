import type { Check, DeploymentReport } from '../../report/report';
import type { Facts } from './facts';

/** One point of an expectation. */
export function check(expectation: string, passed: boolean, actual: string): Check {
  return { expectation, passed, actual };
}

/** After the last slash of an ARN or a path. */
export function lastPart(text: string): string {
  return text.split('/').at(-1) ?? text;
}

/** The tag of `host/repository:tag`; undefined for a digest. */
export function tagOf(image: string | undefined): string | undefined {
  return /:([^:/@]+)$/.exec(image ?? '')?.[1];
}

/** Every deployment with its state, for people. */
export function deploymentStates({ deployments }: Pick<Facts, 'deployments'>): string {
  return deployments.map(({ id, rolloutState }) => `${id} ${rolloutState}`).join(', ') || 'none';
}

/** @param deployment the one whose revision must run; the newest unless given */
export function runningCheck(
  facts: Pick<Facts, 'deployments' | 'desiredCount' | 'runningTasks'>,
  deployment: DeploymentReport | undefined = facts.deployments.at(-1),
): Check {
  const { runningTasks, desiredCount } = facts;
  return check(
    `every task that runs is of the revision ${deployment === facts.deployments[0] ? 'that ran before' : 'that was deployed last'}, and there are as many as desired`,
    deployment !== undefined &&
      runningTasks.length === desiredCount &&
      runningTasks.every((arn) => arn === deployment.taskDefinition),
    `${runningTasks.map(lastPart).join(', ') || 'none'} of ${desiredCount}`,
  );
}

export function lostCheck({ traffic }: Pick<Facts, 'traffic'>): Check {
  return check(
    'no request was lost',
    traffic.sent > 0 && traffic.failed === 0,
    `${traffic.failed} of ${traffic.sent} failed`,
  );
}

/** One version gave every answer. */
export function servedAlone(
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

/** Least privilege, proven by use. */
export function callsCheck({ calls }: Pick<Facts, 'calls'>): Check {
  const denied = calls.filter(({ allowed }) => !allowed);
  return check(
    "the templates' policies allowed every call that was made",
    calls.length > 0 && denied.length === 0,
    denied
      .map(({ principal, action, resource }) => `${lastPart(principal)}: ${action} on ${resource}`)
      .join(', ') || `${calls.length} kinds of calls, none denied`,
  );
}
