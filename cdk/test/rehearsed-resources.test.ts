import { Template } from 'aws-cdk-lib/assertions';
import { classifyResources } from '../../rehearsal/src/cloudformation/supported-resources';
import { HARDENED, pipelineStack, serviceStack, testApp } from './_helpers/synth';

interface Resources {
  readonly [logicalId: string]: { readonly Type: string };
}

/** What a rehearsal does with the resources of both stacks. */
function rehearsed(props: object) {
  const app = testApp();
  const stack = serviceStack(props, app);
  const stacks = [stack, pipelineStack({ stack }, app)];
  return classifyResources(
    stacks.flatMap((each) =>
      Object.entries(Template.fromStack(each).toJSON()['Resources'] as Resources).map(
        ([logicalId, { Type: type }]) => ({ logicalId, type, stack: each.stackName }),
      ),
    ),
  );
}

test('a rehearsal knows every resource of the stacks, as they are and hardened', () => {
  expect(rehearsed({}).refused).toEqual([]);
  expect(rehearsed(HARDENED).refused).toEqual([]);
});

test('it does not play the firewall, and says so', () => {
  const { played, accepted } = rehearsed(HARDENED);
  expect(played.map(({ type }) => type)).not.toContain('AWS::WAFv2::WebACL');
  expect(accepted).toContainEqual(
    expect.objectContaining({
      type: 'AWS::WAFv2::WebACL',
      reason: expect.stringContaining('not played'),
    }),
  );
});
