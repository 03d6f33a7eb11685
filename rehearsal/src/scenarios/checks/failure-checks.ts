import type { Check, DeploymentReport } from '../../report/report';
import {
  callsCheck,
  check,
  deploymentStates,
  lastPart,
  lostCheck,
  runningCheck,
  servedAlone,
  tagOf,
} from './checks';
import type { Facts } from './facts';
import { alarmChecks, reasonMailChecks } from './mail-checks';

/** Each execution ended so, in this order. */
export function executionsCheck({ executions }: Facts, statuses: readonly string[]): Check {
  const seen = executions.map(({ status }) => status);
  return check(
    statuses.length === 0
      ? 'no execution of the pipeline was started'
      : `the executions of the pipeline ended as ${statuses.join(', ')}`,
    seen.join() === statuses.join(),
    seen.join(', ') || 'no execution',
  );
}

/**
 * The action of a category is the one that failed, in every execution, and it says why.
 *
 * @param category e.g. `Build`
 * @param reason what its summary must say
 */
export function failedActionCheck(facts: Facts, category: string, reason: RegExp): Check {
  const failed = facts.executions.flatMap(({ stages }) =>
    stages.flatMap((stage) =>
      stage.actions
        .filter(({ status }) => status === 'Failed')
        .map(({ name, summary }) => ({ name, summary, key: `${stage.name}/${name}` })),
    ),
  );
  return check(
    `it is the ${category} action that failed, and it says why`,
    failed.length === facts.executions.length &&
      failed.length > 0 &&
      failed.every(
        ({ key, summary }) => facts.actionCategories[key] === category && reason.test(summary),
      ),
    failed.map(({ name, summary }) => `${name}: ${summary}`).join('; ') || 'no action failed',
  );
}

/** Somebody hears of every execution that failed, when the templates have a rule for that. */
export function mailCheck(facts: Facts): Check[] {
  const { executions, hasPipelineRule, serviceAlarms } = facts;
  if (!hasPipelineRule) return [];
  // An alarm is OK for the first time when it is created, and again some time after a failure.
  const mail = facts.mail.filter(
    ({ ofBefore, text }) => !ofBefore && !serviceAlarms.some((name) => text.includes(name)),
  );
  const failed = executions.filter(({ status }) => status === 'Failed').length;
  return [
    check(
      failed === 0 ? 'nobody gets a mail' : 'the team gets a mail for every execution that failed',
      failed === 0 ? mail.length === 0 : mail.length >= failed,
      mail.map(({ subject, to }) => `${subject} to ${to}`).join(', ') || 'no mail',
    ),
  ];
}

/** The pipeline ended before it came to the service. */
export function untouchedCheck(facts: Facts): Check {
  return check(
    'the service was not touched: no deployment and no task of another revision began',
    facts.deployments.length === 1 &&
      facts.tasks.every(
        ({ taskDefinition }) => taskDefinition === facts.deployments[0]?.taskDefinition,
      ),
    deploymentStates(facts),
  );
}

/**
 * The deployment was ended, and the version before is the only one again.
 *
 * @param by who ended it
 */
export function rolledBackCheck(facts: Facts, by = 'the circuit breaker'): Check {
  const [first, failed, ...others] = facts.deployments;
  return check(
    `${by} failed the deployment and brought back the one before`,
    first?.rolloutState === 'COMPLETED' && failed?.rolloutState === 'FAILED' && others.length === 0,
    deploymentStates(facts),
  );
}

/** Tasks of the broken revision, and why they ended. */
export function brokenTasksCheck(facts: Facts, reason: RegExp): Check {
  const broken = tasksOf(facts, facts.deployments.at(-1));
  const seen = [...new Set(broken.map(({ stoppedReason }) => stoppedReason ?? 'runs'))];
  return check(
    'every task of the broken version was stopped, and ECS says why',
    broken.length > 0 &&
      broken.every(({ lastStatus }) => lastStatus === 'STOPPED') &&
      seen.some((text) => reason.test(text)),
    seen.join('; ') || 'no task was started',
  );
}

function tasksOf({ tasks }: Facts, deployment: DeploymentReport | undefined) {
  return tasks.filter(({ taskDefinition }) => taskDefinition === deployment?.taskDefinition);
}

/** Whatever went wrong: users noticed nothing, and the version before is all there is. */
export function nobodyNoticed(facts: Facts): Check[] {
  return [lostCheck(facts), strangersCheck(facts, facts.deployments[0]), ...asBefore(facts)];
}

/** In the end everything is as it was before the push, and those who care know why. */
export function asBefore(facts: Facts): Check[] {
  const [before] = facts.deployments;
  return [
    runningCheck(facts, before),
    servedAlone('before the push the healthy version answered alone', facts.answersBefore, before),
    servedAlone('in the end the healthy version answers alone', facts.answersAfter, before),
    recordKeptCheck(facts, before),
    ...mailCheck(facts),
    ...reasonMailChecks(facts),
    ...alarmChecks(facts),
    callsCheck(facts),
  ];
}

function strangersCheck({ traffic }: Facts, before: DeploymentReport | undefined): Check {
  const strangers = Object.entries(traffic.byTaskDefinition).filter(
    ([name, count]) => name !== before?.taskDefinition && count > 0,
  );
  return check(
    'no user ever got an answer of another version',
    strangers.length === 0,
    strangers.map(([name, count]) => `${lastPart(name)}: ${count}`).join(', ') || 'none did',
  );
}

/** A later deploy of the stacks must not bring the broken version. */
function recordKeptCheck({ recordedTags }: Facts, before: DeploymentReport | undefined): Check {
  const recorded = Object.entries(recordedTags);
  return check(
    'every SSM parameter that held the tag of the healthy version still holds it',
    recorded.every(([, value]) => value === tagOf(before?.image)),
    recorded.map(([name, value]) => `${name} = ${value}`).join(', ') || 'no parameter held it',
  );
}
