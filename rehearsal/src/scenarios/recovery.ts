import type { Alarm } from '../cloudwatch/alarm';
import { RehearsalError } from '../errors';
import type { Check } from '../report/report';
import type { World } from '../world';
import { lostCheck, runningCheck } from './checks/checks';
import { executionsCheck } from './checks/failure-checks';
import { alarmChecks } from './checks/mail-checks';
import { type Recovery, recoveryChecks } from './checks/recovery-checks';
import { imageDefinitionsCommit } from './commits/image-definitions-commit';
import { quickRelease } from './commits/quick-release';
import type { Scenario } from './scenario';
import { FAILURE_SPEED } from './story/failing-release';
import { Story } from './story/story';
import { isToldByRule } from './story/told-alarms';

/** A release that fails, and the next one that does not: whoever heard of the first hears of the second. */
export const recovery: Scenario = {
  name: 'recovery',
  expectation:
    'A release fails, and an alarm goes off; the next one succeeds, an alarm is OK again because of it, and one mail tells everybody who heard of the failure.',
  sharesWorld: true,
  speed: FAILURE_SPEED,
  begin(world, settings) {
    const story = new Story(world, settings);
    let alarms: Check[] = [];
    let recovery: Recovery | undefined;
    return {
      steps: [
        ...story.opening,
        {
          title: 'git push of a release that fails',
          run: async () => {
            requireRecoveryRule(world);
            await story.push(await imageDefinitionsCommit(story, '[{"name":'));
            await story.awaitExecutions();
            await story.evaluateAlarms();
            alarms = alarmChecks(story.facts());
            await untilForgotten(world);
          },
        },
        {
          title: 'git push of one that does not',
          run: async () => {
            const { mail: before } = story.facts();
            const red = alarmsOf(world).filter(({ state }) => state === 'ALARM');
            await story.push(await quickRelease(story));
            await story.awaitExecutions();
            const end = story.executions().at(-1)?.finishedAt ?? Infinity;
            await story.evaluateAlarms();
            const isWell = (alarm: Alarm) =>
              red.includes(alarm) &&
              alarm.state === 'OK' &&
              (alarm.changes.at(-1)?.time ?? 0) >= end &&
              saysWhenWell(world, alarm);
            recovery = {
              alarms: namesOf(alarmsOf(world).filter(isWell)),
              otherAlarms: namesOf(alarmsOf(world).filter((alarm) => !isWell(alarm))),
              pipelines: story.running.pipelines.map(({ definition }) => definition.name),
              before: before.filter(({ ofBefore }) => !ofBefore),
              after: story.facts().mail.filter(({ at }) => Date.parse(at) >= end),
            };
          },
        },
        { title: 'Traffic against the new version', run: () => story.observeEnd() },
      ],
      facts: () => story.facts(),
      checks: (facts) => [
        executionsCheck(facts, ['Failed', 'Succeeded']),
        ...alarms,
        ...(recovery === undefined ? [] : recoveryChecks(recovery)),
        lostCheck(facts),
        runningCheck(facts, facts.deployments.at(-1)),
      ],
    };
  },
};

function alarmsOf({ services }: World): readonly Alarm[] {
  return services?.notifications.alarms.alarms ?? [];
}

function namesOf(alarms: readonly Alarm[]): string[] {
  return alarms.map(({ definition: { name } }) => name);
}

/** Whether a rule tells a topic when an alarm about releases is OK again. */
function saysWhenWell(world: World, { definition }: Alarm): boolean {
  const namespaces = definition.queries.map(({ metric: { namespace } }) => namespace);
  // What watches another service says how that is, and not how releases are.
  return (
    namespaces.every((name) => !name.startsWith('AWS/') || name === 'AWS/CodePipeline') &&
    isToldByRule(world, definition, { from: 'ALARM', to: 'OK' })
  );
}

/** Nobody mends a release so soon that both ends fall into one period of the alarm. */
function untilForgotten(world: World): Promise<void> {
  const alarms = alarmsOf(world).filter((alarm) => saysWhenWell(world, alarm));
  const seconds = alarms.map(({ definition }) => definition.periodSeconds);
  return world.clock.wait(Math.max(0, ...seconds) * 1000);
}

function requireRecoveryRule(world: World): void {
  if (alarmsOf(world).some((alarm) => saysWhenWell(world, alarm))) return;
  throw new RehearsalError(
    'ScenarioUnplayable',
    'no rule of the templates tells a topic when an alarm about releases is OK again, so nobody could hear that they work again.',
  );
}
