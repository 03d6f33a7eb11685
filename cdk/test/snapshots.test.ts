import { Template } from 'aws-cdk-lib/assertions';
import { pipelineStack, serviceStack, testApp } from './_helpers/synth';

/**
 * The whole of both templates, to see what a change changes. Hashes that change with the library
 * are masked; what has to hold is asserted elsewhere. Refresh: `npm test -- --selectProjects cdk -u`.
 */
function masked(template: Template): unknown {
  const text = JSON.stringify(template.toJSON())
    .replaceAll(/[0-9a-f]{64}/g, 'ASSET_HASH')
    .replaceAll(/(?<=[A-Za-z])[0-9A-F]{8}(?=")/g, '_HASH');
  const { Resources: resources, Outputs, Parameters } = JSON.parse(text) as Record<string, unknown>;
  return { Parameters, Resources: resources, Outputs };
}

const app = testApp();
const service = serviceStack({}, app);
const release = pipelineStack({ stack: service, notificationEmail: 'team@example.com' }, app);

test.each([
  ['service', service, 30],
  ['release pipeline', release, 20],
])('the template of the %s is as reviewed', (_, stack, atLeast) => {
  const template = Template.fromStack(stack);
  expect(Object.keys(template.toJSON()['Resources'] as object).length).toBeGreaterThan(atLeast);
  expect(masked(template)).toMatchSnapshot();
});
