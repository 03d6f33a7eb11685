import { jest } from '@jest/globals';
import { scratchDirectory } from '../_helpers/scratch-directory';
import { rehearse, SCENARIO_TIMEOUT_MS, type Template, untrue } from './_rehearse';

jest.setTimeout(SCENARIO_TIMEOUT_MS);
const scratch = scratchDirectory();

const properties = (template: Template, logicalId: string): Record<string, unknown> => {
  const resource = template.Resources[logicalId];
  if (resource === undefined) throw new Error(`the fixture has no ${logicalId}`);
  return resource.Properties;
};

it.each<[string, string, (template: Template) => void, RegExp]>([
  [
    'no circuit breaker',
    'crash-on-start',
    (template) => {
      properties(template, 'Service')['DeploymentConfiguration'] = {
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
      };
    },
    /^the circuit breaker failed the deployment/,
  ],
  [
    'a service that may stop its old tasks first',
    'failing-health-check',
    (template) => {
      properties(template, 'Service')['DeploymentConfiguration'] = {
        MinimumHealthyPercent: 0,
        MaximumPercent: 100,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      };
    },
    /^no request was lost/,
  ],
  [
    'a webhook without a filter for its branch',
    'other-branch',
    (template) => {
      properties(template, 'Webhook')['Filters'] = [
        { JsonPath: '$.ref', MatchEquals: 'refs/heads/rehearsed-feature' },
      ];
    },
    /^no execution of the pipeline was started/,
  ],
  [
    'a webhook that authenticates nobody',
    'forged-webhook',
    (template) => {
      Object.assign(properties(template, 'Webhook'), {
        Authentication: 'UNAUTHENTICATED',
        AuthenticationConfiguration: {},
      });
    },
    /^all three forged deliveries were refused/,
  ],
  [
    'a topic that takes no messages of rules',
    'missing-token',
    (template) => {
      delete template.Resources['FailuresPolicy'];
    },
    /^the team gets a mail for every execution that failed/,
  ],
])('%s turns %s red', async (_, scenario, change, expectation) => {
  const result = await rehearse(scratch, [scenario], change);
  expect(result.passed).toBe(false);
  expect(untrue(result)[scenario]).toContainEqual(expect.stringMatching(expectation));
});
