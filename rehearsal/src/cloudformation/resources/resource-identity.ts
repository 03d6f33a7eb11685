import type { ResourceNamer } from '../resource-namer';

/** How others refer to a resource. */
export interface ResourceIdentity {
  /** What `Ref` returns */
  readonly physicalId: string;
  /** Its name, where the type has one */
  readonly name?: string;
  /** What `Fn::GetAtt` returns, by attribute name */
  readonly attributes: Readonly<Record<string, string>>;
  /** Attributes that are lists */
  readonly lists?: Readonly<Record<string, readonly string[]>>;
}

/**
 * The identity of a resource of one type. Which value `Ref` returns and which attributes there are
 * stands under "Return values" on the type's page in
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
 */
export type Identify = (namer: ResourceNamer) => ResourceIdentity;

/** For types that are known by an id alone, which they may offer as attributes too. */
export const idWith =
  (prefix: string, ...attributes: readonly string[]): Identify =>
  (namer) => {
    const id = namer.id(prefix);
    return {
      physicalId: id,
      attributes: Object.fromEntries(attributes.map((attribute) => [attribute, id])),
    };
  };

/** For types whose `Ref` is the generated name and that may offer it as attributes too. */
export const generatedNameWith =
  (...attributes: readonly string[]): Identify =>
  (namer) => {
    const name = namer.generatedName();
    return {
      physicalId: name,
      attributes: Object.fromEntries(attributes.map((attribute) => [attribute, name])),
    };
  };

/** For types whose `Ref` is the name and whose only attribute is the ARN. */
export const nameAndArn =
  (property: string, arn: (namer: ResourceNamer, name: string) => string): Identify =>
  (namer) => {
    const name = namer.name(property);
    return { physicalId: name, name, attributes: { Arn: arn(namer, name) } };
  };
