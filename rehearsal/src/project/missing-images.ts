import type { DeployedResource } from '../cloudformation/deployed-resource';
import type { DeployedStacks } from '../cloudformation/deployed-stacks';
import { parseImageReference } from '../containers/image-reference';
import type { ImageCatalog } from '../ecr/image-catalog';
import { registryImageReference } from '../ecs/registry-image';

/** A container of a service whose image no task could pull. */
export interface MissingImage {
  readonly service: DeployedResource;
  readonly taskDefinition: DeployedResource;
  readonly container: string;
  readonly image: string;
  /**
   * What keeps tasks from it: nobody has pushed it to this account's registry yet (`unpushed`), it is
   * in the private registry of another account or region (`foreign`), or in no registry of ECR that
   * asks for a login, where Docker alone fetches it (`outside`)
   */
  readonly because: 'unpushed' | 'foreign' | 'outside';
}

/** Images that services need for their first tasks, and that are not there. */
export function missingImages(resources: DeployedStacks, images: ImageCatalog): MissingImage[] {
  return resources.ofType('AWS::ECS::Service').flatMap((service) => {
    const taskDefinition = taskDefinitionOf(service, resources);
    if (taskDefinition === undefined) return [];
    return containersOf(taskDefinition).flatMap(({ Name, Image }): MissingImage[] => {
      const because = reasonFor(Image, images);
      return because === undefined
        ? []
        : [{ service, taskDefinition, container: Name, image: Image, because }];
    });
  });
}

function reasonFor(image: string, images: ImageCatalog): MissingImage['because'] | undefined {
  const reference = parseImageReference(image);
  if (registryImageReference(image) === undefined) return 'outside';
  if (reference?.host !== images.registryHost) return 'foreign';
  const { repositoryName, tag, digest } = reference;
  return images.findImage(repositoryName, digest ?? tag ?? '') === undefined
    ? 'unpushed'
    : undefined;
}

interface Container {
  readonly Name: string;
  readonly Image: string;
  readonly DependsOn?: readonly { readonly ContainerName: string }[];
}

function containersOf({ properties }: DeployedResource): readonly Container[] {
  return (properties['ContainerDefinitions'] ?? []) as readonly Container[];
}

function taskDefinitionOf(
  service: DeployedResource,
  resources: DeployedStacks,
): DeployedResource | undefined {
  const name = service.properties['TaskDefinition'];
  return typeof name === 'string' ? resources.find('AWS::ECS::TaskDefinition', name) : undefined;
}

/** The resources with another image in one container. */
export function withImage(
  resources: DeployedStacks,
  { taskDefinition, container }: MissingImage,
  image: string,
): DeployedStacks {
  return withContainers(resources, taskDefinition, (containers) =>
    containers.map((each) => (each.Name === container ? { ...each, Image: image } : each)),
  );
}

/** The resources without one container; a service that would have none left goes as a whole. */
export function withoutContainer(
  resources: DeployedStacks,
  { service, taskDefinition, container }: MissingImage,
): DeployedStacks {
  const left = withContainers(resources, taskDefinition, (containers) =>
    containers
      .filter(({ Name }) => Name !== container)
      .map(({ DependsOn, ...rest }) => ({
        ...rest,
        ...(DependsOn !== undefined && {
          DependsOn: DependsOn.filter(({ ContainerName }) => ContainerName !== container),
        }),
      })),
  );
  const definition = taskDefinitionOf(service, left);
  if (definition === undefined || containersOf(definition).length > 0) return left;
  return left.map((resource) => (isSame(resource, service) ? undefined : resource));
}

function withContainers(
  resources: DeployedStacks,
  taskDefinition: DeployedResource,
  change: (containers: readonly Container[]) => readonly Container[],
): DeployedStacks {
  return resources.map((resource) =>
    isSame(resource, taskDefinition)
      ? {
          ...resource,
          properties: {
            ...resource.properties,
            ContainerDefinitions: change(containersOf(resource)),
          },
        }
      : resource,
  );
}

function isSame(one: DeployedResource, other: DeployedResource): boolean {
  return one.stack === other.stack && one.logicalId === other.logicalId;
}
