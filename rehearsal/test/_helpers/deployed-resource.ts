import type { DeployedResource } from '../../src/cloudformation/deployed-resource';

/** A resource as a deployment would leave it, for tests that need no template. */
export function deployedResource(
  type: string,
  properties: Record<string, unknown>,
  overrides: Partial<DeployedResource> = {},
): DeployedResource {
  return {
    stack: 'TestStack',
    logicalId: 'Thing',
    type,
    physicalId: 'thing',
    attributes: {},
    properties,
    region: 'ap-northeast-2',
    account: '000000000000',
    ...overrides,
  };
}
