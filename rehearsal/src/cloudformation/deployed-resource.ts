/**
 * A resource as it stands after its stack was deployed: every intrinsic evaluated.
 */
export interface DeployedResource {
  /** Name of the stack, e.g. `EcsCodePipelinePracticeStack` */
  readonly stack: string;
  readonly logicalId: string;
  /** e.g. `AWS::ECS::Service` */
  readonly type: string;
  /** What `Ref` returns: a name, an id or an ARN, as CloudFormation defines for the type */
  readonly physicalId: string;
  /** Its name, where the type has one, e.g. of the service whose `Ref` is an ARN */
  readonly name?: string;
  /** What `Fn::GetAtt` returns, by attribute name, e.g. `Arn`, `DNSName` */
  readonly attributes: Readonly<Record<string, string>>;
  /** Plain JSON; numbers and booleans may be texts, as CloudFormation allows */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly region: string;
  readonly account: string;
  /** Where the CDK app defined it, e.g. `EcsCodePipelinePracticeStack/Service/Service` */
  readonly constructPath?: string;
}

/** All deployed stacks, as services look things up in them. */
export interface DeployedResources {
  readonly all: readonly DeployedResource[];
  ofType(type: string): readonly DeployedResource[];
  /** By ARN attribute, by what `Ref` returns, or by name; undefined when nothing matches */
  find(type: string, identifier: string): DeployedResource | undefined;
}
