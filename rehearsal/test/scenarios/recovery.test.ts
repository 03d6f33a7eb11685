import { jest } from '@jest/globals';
import { scratchDirectory } from '../_helpers/scratch-directory';
import { rehearse, SCENARIO_TIMEOUT_MS, untrue } from './_rehearse';
import { addSubscribers, tellOfRecovery } from './_template';

jest.setTimeout(SCENARIO_TIMEOUT_MS);
const scratch = scratchDirectory();

it('everybody who heard of a failure hears once that releases work again', async () => {
  const result = await rehearse(scratch, ['recovery'], (template) => {
    tellOfRecovery(template);
    addSubscribers(template, 'team@example.com', 'boss@example.com');
  });
  expect(untrue(result)).toEqual({});
  const [scenario] = result.report.scenarios;
  expect(scenario?.mail.map(({ to, text }) => [to, /FAILED|"OK"/.exec(text)?.[0]])).toEqual([
    ['team@example.com', 'FAILED'],
    ['boss@example.com', 'FAILED'],
    ['team@example.com', '"OK"'],
    ['boss@example.com', '"OK"'],
  ]);
});

it('a rule that tells of the alarm twice is one too many', async () => {
  const result = await rehearse(scratch, ['recovery'], (template) => {
    tellOfRecovery(template);
    template.Resources['RecoveredToo'] = structuredClone(template.Resources['Recovered']!);
  });
  expect(untrue(result)).toEqual({
    recovery: [expect.stringMatching(/^one mail tells everybody who heard of the failure/)],
  });
});

it('without a rule for it the scenario is not played, and says why', async () => {
  await expect(rehearse(scratch, ['recovery'])).rejects.toThrow(
    'no rule of the templates tells a topic when an alarm about releases is OK again',
  );
});
