import type { Check } from '../../report/report';
import {
  callsCheck,
  check,
  deploymentStates,
  lostCheck,
  runningCheck,
  servedAlone,
  tagOf,
} from './checks';
import type { Facts } from './facts';

/** Everything a healthy release promises, each with what was seen. */
export function releaseChecks(facts: Facts): Check[] {
  const [first] = facts.deployments;
  const last = facts.deployments.at(-1);
  return [
    executionCheck(facts),
    actionsCheck(facts),
    check(
      'the release is a deployment of its own, and it and the first one are COMPLETED',
      facts.deployments.length === 2 &&
        facts.deployments.every(({ rolloutState }) => rolloutState === 'COMPLETED'),
      deploymentStates(facts),
    ),
    runningCheck(facts, last),
    check(
      'the service runs the image that the build of this commit pushed',
      last !== undefined && facts.pushedImages.includes(last.image),
      last?.image ?? 'none',
    ),
    ...recordCheck(facts, tagOf(first?.image), tagOf(last?.image)),
    lostCheck(facts),
    servedAlone('before the push the first version answered alone', facts.answersBefore, first),
    servedAlone('after the release the new version answered alone', facts.answersAfter, last),
    ...pageCheck(facts, tagOf(first?.image), tagOf(last?.image)),
    callsCheck(facts),
  ];
}

function executionCheck({ executions, pushedCommits }: Facts): Check {
  return check(
    'the push started one execution of each pipeline that watches it, with the pushed commit, and it Succeeded',
    executions.length > 0 &&
      new Set(executions.map(({ pipeline }) => pipeline)).size === executions.length &&
      executions.every(
        ({ status, commit }) => status === 'Succeeded' && commit === pushedCommits[0],
      ),
    executions
      .map(({ pipeline, commit, status }) => `${pipeline}: ${commit ?? 'no commit'} ${status}`)
      .join(', ') || 'no execution',
  );
}

function actionsCheck({ executions }: Facts): Check {
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

/**
 * Decision 8: the released tag is recorded, so that a later deploy of the stack keeps it. Projects
 * whose templates read no tag have nothing to record it in.
 */
function recordCheck(
  { recordedTags }: Facts,
  firstTag: string | undefined,
  tag: string | undefined,
): Check[] {
  const recorded = Object.entries(recordedTags);
  if (recorded.length === 0) return [];
  return [
    check(
      'every SSM parameter that held the first tag holds the released one, which is another',
      tag !== firstTag && recorded.every(([, value]) => value === tag),
      recorded.map(([name, value]) => `${name} = ${value}`).join(', '),
    ),
  ];
}

/** Only an API that tells its version can be asked whether it is the new one. */
function pageCheck(
  { pageBefore, pageAfter }: Facts,
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
