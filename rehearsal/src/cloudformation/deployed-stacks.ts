import type { DeployedResource, DeployedResources } from './deployed-resource';

export interface DeployedStack {
  /** Id of the stack's artifact in the cloud assembly */
  readonly id: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** The role that CloudFormation took on; undefined when it had the rights of who deploys */
  readonly executionRoleArn?: string;
  /** By logical id of the output */
  readonly outputs: Readonly<Record<string, string>>;
  /** What the stack exports, by export name */
  readonly exports: Readonly<Record<string, string>>;
  /** In the order in which they were created */
  readonly resources: readonly DeployedResource[];
}

/** Everything that is deployed, in the order of deployment. */
export class DeployedStacks implements DeployedResources {
  readonly all: readonly DeployedResource[];

  constructor(readonly stacks: readonly DeployedStack[] = []) {
    this.all = stacks.flatMap(({ resources }) => resources);
  }

  ofType(type: string): readonly DeployedResource[] {
    return this.all.filter((resource) => resource.type === type);
  }

  find(type: string, identifier: string): DeployedResource | undefined {
    return this.ofType(type).find(
      ({ physicalId, name, attributes }) =>
        physicalId === identifier ||
        name === identifier ||
        Object.entries(attributes).some(
          ([attribute, value]) => attribute.endsWith('Arn') && value === identifier,
        ),
    );
  }

  /** By name or by artifact id */
  stack(nameOrId: string): DeployedStack | undefined {
    return this.stacks.find(({ name, id }) => name === nameOrId || id === nameOrId);
  }

  /** The value of an export; exports belong to an account and a region. */
  exportedValue(name: string, account: string, region: string): string | undefined {
    return this.stacks.find(
      (stack) =>
        stack.account === account && stack.region === region && Object.hasOwn(stack.exports, name),
    )?.exports[name];
  }

  /** With each resource as `change` returns it; one that it returns nothing for is left out. */
  map(change: (resource: DeployedResource) => DeployedResource | undefined): DeployedStacks {
    const changed = this.stacks.map((stack) => ({
      ...stack,
      resources: stack.resources.map(change).filter((resource) => resource !== undefined),
    }));
    return new DeployedStacks(changed);
  }

  /** With `stack` added, in place of what it was before. */
  with(stack: DeployedStack): DeployedStacks {
    return new DeployedStacks([...this.stacks.filter(({ id }) => id !== stack.id), stack]);
  }
}
