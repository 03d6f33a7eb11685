import type { z } from 'zod';
import type { DeployedResource, DeployedResources } from '../cloudformation/deployed-resource';
import { readProperties } from '../cloudformation/read-properties';
import { type NetworkType, schemas } from './network-definitions';

type NetworkProperties = {
  readonly [Type in NetworkType]: z.output<(typeof schemas)[Type]>;
};

/** A resource of the network with the properties that are played. */
export interface NetworkResource<Type extends NetworkType> {
  readonly id: string;
  /** Logical id */
  readonly name: string;
  readonly resource: DeployedResource;
  readonly properties: NetworkProperties[Type];
}

/** @throws RehearsalError `PropertyInvalid` */
export function networkResources<Type extends NetworkType>(
  resources: DeployedResources,
  type: Type,
): readonly NetworkResource<Type>[] {
  return resources.ofType(type).map((resource) => ({
    id: resource.physicalId,
    name: resource.logicalId,
    resource,
    // TypeScript does not see that the output belongs to the very schema that was picked.
    properties: readProperties(resource, schemas[type] as z.ZodType) as NetworkProperties[Type],
  }));
}
