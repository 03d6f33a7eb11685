import { deployStacks, type DeployOptions } from '../../src/cloudformation/deploy';
import type { DeployedStack } from '../../src/cloudformation/deployed-stacks';
import type { DeployLookups } from '../../src/cloudformation/dynamic-references';
import { readTemplate } from '../../src/cloudformation/template';

/** Nothing is stored outside the templates. */
export const nothingStored: DeployLookups = {
  ssmParameter: () => undefined,
  secretString: () => undefined,
};

/** Deploys one template as stack `Stack` in eu-west-1. */
export function deployTemplate(
  template: object,
  options: Partial<DeployOptions> = {},
): DeployedStack {
  const artifact = {
    id: 'Stack',
    stackName: 'Stack',
    displayName: 'Stack',
    account: undefined,
    region: undefined,
    templateFile: 'Stack.template.json',
    template: readTemplate(template, 'Stack.template.json'),
    nestedStacks: {},
    parameters: {},
    dependencies: [],
  };
  const deployed = deployStacks(
    { directory: 'cdk.out', stacks: [artifact] },
    { account: '000000000000', region: 'eu-west-1', lookups: nothingStored, ...options },
  );
  return deployed.stacks[0]!;
}

/** What a property value becomes when its stack is deployed. */
export function evaluated(
  value: unknown,
  template: Record<string, object> = {},
  options: Partial<DeployOptions> = {},
): unknown {
  const Subject = { Type: 'Test::Type::Subject', Properties: { Value: value } };
  const { Resources, ...sections } = template;
  const stack = deployTemplate({ ...sections, Resources: { Subject, ...Resources } }, options);
  return stack.resources.find(({ logicalId }) => logicalId === 'Subject')!.properties.Value;
}
