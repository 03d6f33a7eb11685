import { RehearsalError } from '../errors';
import { type NewResource, ResourceNamer } from './resource-namer';
import { cloudformation } from './resources/cloudformation';
import { developerTools } from './resources/developer-tools';
import { ec2 } from './resources/ec2';
import { ecs } from './resources/ecs';
import { elbv2 } from './resources/elbv2';
import { iam } from './resources/iam';
import { observability } from './resources/observability';
import type { Identify, ResourceIdentity } from './resources/resource-identity';
import { storage } from './resources/storage';

const IDENTIFY_BY_TYPE: ReadonlyMap<string, Identify> = new Map(
  [cloudformation, ec2, ecs, elbv2, iam, developerTools, observability, storage].flatMap((types) =>
    Object.entries(types),
  ),
);

/** A type that nobody described: a generated name and an ARN that looks like one, nothing else. */
const identifyUnknown: Identify = (namer) => {
  const name = namer.generatedName();
  const [, service = 'custom', kind = 'resource'] = namer.resource.type.toLowerCase().split('::');
  return { physicalId: name, attributes: { Arn: namer.arn(service, `${kind}/${name}`) } };
};

/** What `Ref` and `Fn::GetAtt` return for a resource. */
export function identifyResource(resource: NewResource): ResourceIdentity {
  const identify = IDENTIFY_BY_TYPE.get(resource.type) ?? identifyUnknown;
  return identify(new ResourceNamer(resource));
}

/**
 * `Fn::GetAtt`.
 *
 * @param referrer where the template asks, e.g. `Outputs.Url.Value`
 * @throws RehearsalError `AttributeUnknown` for an attribute that the rehearsal has no value for
 */
export function attributeOf(
  resource: Pick<NewResource, 'stack' | 'logicalId' | 'type'>,
  { attributes, lists = {} }: ResourceIdentity,
  attribute: string,
  referrer: string,
): string | readonly string[] {
  if (Object.hasOwn(attributes, attribute)) return attributes[attribute] ?? '';
  if (Object.hasOwn(lists, attribute)) return lists[attribute] ?? [];
  // Nobody described the type, and who goes on without it (--allow-unplayed) has its name.
  if (!IDENTIFY_BY_TYPE.has(resource.type)) return `${resource.logicalId}.${attribute}`;
  const known = [...Object.keys(attributes), ...Object.keys(lists)];
  throw new RehearsalError(
    'AttributeUnknown',
    `Stack '${resource.stack}', ${referrer}: the rehearsal has no value for attribute '${attribute}' of ${resource.type} '${resource.logicalId}'. It has ${known.join(', ') || 'none for this type'}.`,
  );
}
