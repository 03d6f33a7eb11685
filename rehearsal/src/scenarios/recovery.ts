import { RehearsalError } from '../errors';
import type { Check, MailReport } from '../report/report';
import type { World } from '../world';
import { check, lostCheck, runningCheck } from './checks/checks';
import { executionsCheck } from './checks/failure-checks';
import { alarmChecks } from './checks/mail-checks';
import { imageDefinitionsCommit } from './commits/image-definitions-commit';
import { quickRelease } from './commits/quick-release';
import type { Scenario } from './scenario';
import { FAILURE_SPEED } from './story/failing-release';
import { mailSince } from './story/observations';
import { Story } from './story/story';

/** A release that fails, and the next one that does not: whoever heard of the first hears of the second. */
export const recovery: Scenario = {
  name: 'recovery',
  expectation:
    'A release fails, and an alarm goes off; the next one succeeds, an alarm is OK again because of it, and a mail says so.',
  sharesWorld: true,
  speed: FAILURE_SPEED,
  begin(world, settings) {
    const story = new Story(world, settings);
    let alarms: Check[] = [];
    let recovered: Recovery = { alarms: [], mail: [] };
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
          },
        },
        {
          title: 'git push of one that does not',
          run: async () => {
            const red = alarmsInState(world, 'ALARM');
            const mails = world.services?.notifications.mail.length ?? 0;
            await story.push(await quickRelease(story));
            await story.awaitExecutions();
            const end = story.executions().at(-1)?.finishedAt ?? Infinity;
            await story.evaluateAlarms();
            recovered = {
              alarms: alarmsInState(world, 'OK').filter(
                ({ name, changedAt }) =>
                  changedAt >= end && red.some((alarm) => alarm.name === name),
              ),
              mail: mailSince(world, mails, 0).filter(({ at }) => Date.parse(at) >= end),
            };
          },
        },
        { title: 'Traffic against the new version', run: () => story.observeEnd() },
      ],
      facts: () => story.facts(),
      checks: (facts) => [
        executionsCheck(facts, ['Failed', 'Succeeded']),
        ...alarms,
        ...recoveryChecks(recovered),
        lostCheck(facts),
        runningCheck(facts, facts.deployments.at(-1)),
      ],
    };
  },
};

/** What has happened since the good release ended */
interface Recovery {
  readonly alarms: readonly { readonly name: string }[];
  readonly mail: readonly MailReport[];
}

function recoveryChecks({ alarms, mail }: Recovery): Check[] {
  return [
    check(
      'an alarm that the failure set off is OK because of the release that succeeded',
      alarms.length > 0,
      alarms.map(({ name }) => name).join(', ') || 'none',
    ),
    check(
      'one mail says that releases work again',
      mail.length === 1,
      mail.map(({ subject }) => subject).join(', ') || 'no mail',
    ),
  ];
}

function alarmsInState({ services }: World, wanted: string) {
  const alarms = services?.notifications.alarms.alarms ?? [];
  return alarms
    .filter(({ state }) => state === wanted)
    .map(({ definition: { name }, changes }) => ({ name, changedAt: changes.at(-1)?.time ?? 0 }));
}

function requireRecoveryRule({ deployed }: World): void {
  const rules = deployed?.ofType('AWS::Events::Rule') ?? [];
  const isAboutAlarms = rules.some(({ properties }) =>
    JSON.stringify(properties['EventPattern'] ?? '').includes('CloudWatch Alarm State Change'),
  );
  if (isAboutAlarms) return;
  throw new RehearsalError(
    'ScenarioUnplayable',
    'no rule of the templates listens for alarms, so nobody could hear that releases work again.',
  );
}
