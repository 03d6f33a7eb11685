import { RehearsalError } from '../errors';
import type { DeployedResource } from './deployed-resource';
import type { DeployedStack } from './deployed-stacks';
import { type DeployLookups, resolveDynamicReferences } from './dynamic-references';
import type { Evaluation, EvaluationScope } from './evaluation';
import { conditionsOf, evaluationAt } from './intrinsics';
import { resolveParameters } from './parameters';
import { attributeOf, identifyResource } from './resource-attributes';
import { partitionOf, urlSuffixOf } from './resource-namer';
import { stackArn } from './resources/cloudformation';
import type { ResourceIdentity } from './resources/resource-identity';
import { checkRules } from './rules';
import type { TemplateResource } from './template';
import type { TemplateFile } from './template-file';

/** A stack to deploy: an artifact of the assembly, or one nested in another. */
export interface DeployableStack extends Omit<TemplateFile, 'templateFile'> {
  readonly id: string;
  readonly stackName: string;
}

export interface StackDeploymentContext {
  readonly account: string;
  readonly region: string;
  readonly parameters: ReadonlyMap<string, string | readonly string[]>;
  readonly lookups: DeployLookups;
  importValue(name: string): string | undefined;
  /** Called for each resource once everything it refers to exists */
  onCreate?(resource: DeployedResource): void;
}

interface CreatedResource {
  readonly resource: DeployedResource;
  readonly identity: ResourceIdentity;
  /** What the stack that this resource is has created */
  readonly nested?: DeployedStack;
}

const NESTED_STACK = 'AWS::CloudFormation::Stack';

/** One deploy of one stack: creates resources in the order of their references. */
export class StackDeployment {
  private readonly created = new Map<string, CreatedResource>();
  private readonly beingCreated = new Set<string>();
  private readonly scope: EvaluationScope;
  private readonly condition: (name: string) => boolean | undefined;

  constructor(
    private readonly artifact: DeployableStack,
    private readonly context: StackDeploymentContext,
  ) {
    this.condition = conditionsOf(artifact.template.Conditions, () => this.scope);
    this.scope = {
      stack: artifact.stackName,
      region: context.region,
      mappings: artifact.template.Mappings,
      ref: (name) => this.ref(name),
      getAttribute: (logicalId, attribute, at) => {
        const { resource, identity } = this.resource(logicalId) ?? unresolved(logicalId, at);
        return attributeOf(resource, identity, attribute, at.path);
      },
      importValue: (name) => context.importValue(name),
      condition: this.condition,
    };
  }

  deploy(): DeployedStack {
    const { artifact, context } = this;
    checkRules(artifact.template.Rules, this.scope);
    for (const logicalId of Object.keys(artifact.template.Resources)) this.resource(logicalId);
    return {
      id: artifact.id,
      name: artifact.stackName,
      account: context.account,
      region: context.region,
      ...this.outputs(),
      resources: [...this.created.values()].flatMap(({ resource, nested }) => [
        ...(nested?.resources ?? []),
        resource,
      ]),
    };
  }

  /** Undefined when the template has no such resource, or its condition does not hold. */
  private resource(logicalId: string): CreatedResource | undefined {
    const { Resources } = this.artifact.template;
    const definition = Object.hasOwn(Resources, logicalId) ? Resources[logicalId] : undefined;
    if (definition === undefined || !this.holds(definition.Condition, `Resources.${logicalId}`)) {
      return undefined;
    }
    const known = this.created.get(logicalId);
    if (known !== undefined) return known;
    if (this.beingCreated.has(logicalId)) this.circular(logicalId);
    this.beingCreated.add(logicalId);
    for (const dependency of definition.DependsOn) this.resource(dependency);
    const created = this.create(logicalId, definition);
    this.beingCreated.delete(logicalId);
    this.created.set(logicalId, created);
    this.context.onCreate?.(created.resource);
    return created;
  }

  private create(logicalId: string, definition: TemplateResource): CreatedResource {
    const { account, region, lookups } = this.context;
    const at = evaluationAt(`Resources.${logicalId}.Properties`, this.scope);
    const evaluated = at.evaluate(definition.Properties);
    const properties = resolveDynamicReferences(evaluated, lookups, at) as Record<string, unknown>;
    const stack = this.artifact.stackName;
    const base = { stack, logicalId, type: definition.Type, properties, account, region };
    const ownIdentity = identifyResource(base);
    const nested =
      definition.Type === NESTED_STACK ? this.deployNested(base, ownIdentity, at) : undefined;
    const identity =
      nested === undefined
        ? ownIdentity
        : { ...ownIdentity, attributes: { ...ownIdentity.attributes, ...outputsOf(nested) } };
    const constructPath = definition.Metadata['aws:cdk:path'];
    return {
      identity,
      ...(nested !== undefined && { nested }),
      resource: {
        ...base,
        physicalId: identity.physicalId,
        attributes: identity.attributes,
        ...(identity.name !== undefined && { name: identity.name }),
        ...(typeof constructPath === 'string' && { constructPath }),
      },
    };
  }

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html */
  private deployNested(
    { logicalId, properties }: Pick<DeployedResource, 'logicalId' | 'properties'>,
    { name = logicalId }: ResourceIdentity,
    at: Evaluation,
  ): DeployedStack {
    const { artifact, context } = this;
    const file = artifact.nestedStacks[logicalId];
    if (file === undefined) {
      return at.fail(
        `the template of the nested stack is not in the cloud assembly: its TemplateURL is ${JSON.stringify(properties['TemplateURL'])}. Only templates that the CDK app makes itself (NestedStack) can be rehearsed`,
      );
    }
    const given = Object.entries((properties['Parameters'] ?? {}) as Record<string, unknown>);
    const parameters = resolveParameters(
      name,
      file.template.Parameters,
      Object.fromEntries(given.map(([key, value]) => [key, String(value)])),
      context.lookups,
    );
    const nested = { ...file, id: `${artifact.id}/${logicalId}`, stackName: name };
    return new StackDeployment(nested, { ...context, parameters }).deploy();
  }

  private outputs(): Pick<DeployedStack, 'outputs' | 'exports'> {
    const outputs: Record<string, string> = {};
    const exports: Record<string, string> = {};
    for (const { nested } of this.created.values()) Object.assign(exports, nested?.exports);
    for (const [name, output] of Object.entries(this.artifact.template.Outputs)) {
      if (!this.holds(output.Condition, `Outputs.${name}`)) continue;
      const at = evaluationAt(`Outputs.${name}`, this.scope);
      outputs[name] = at.at('Value').text(output.Value);
      if (output.Export === undefined) continue;
      const exported = at.at('Export').text(output.Export.Name);
      if (this.context.importValue(exported) !== undefined || Object.hasOwn(exports, exported)) {
        at.fail(`Export with name ${exported} is already exported by another stack`);
      }
      exports[exported] = outputs[name];
    }
    return { outputs, exports };
  }

  private holds(condition: string | undefined, path: string): boolean {
    if (condition === undefined) return true;
    const at = evaluationAt(path, this.scope);
    return this.condition(condition) ?? at.fail(`there is no condition named '${condition}'`);
  }

  private ref(name: string): unknown {
    const { account, region, parameters } = this.context;
    const { stackName } = this.artifact;
    switch (name) {
      case 'AWS::AccountId':
        return account;
      case 'AWS::Region':
        return region;
      case 'AWS::Partition':
        return partitionOf(region);
      case 'AWS::URLSuffix':
        return urlSuffixOf(region);
      case 'AWS::StackName':
        return stackName;
      case 'AWS::StackId':
        return stackArn(account, region, stackName);
      case 'AWS::NotificationARNs':
        return [];
      default:
        return parameters.get(name) ?? this.resource(name)?.resource.physicalId;
    }
  }

  private circular(logicalId: string): never {
    const trail = [...this.beingCreated];
    throw new RehearsalError(
      'CircularDependency',
      `Stack '${this.artifact.stackName}': Circular dependency between resources: [${trail.slice(trail.indexOf(logicalId)).join(', ')}]. Remove one of the references between them.`,
    );
  }
}

function unresolved(logicalId: string, at: Evaluation): never {
  return at.fail(
    `Unresolved resource dependencies [${logicalId}]: the template creates no such resource`,
  );
}

/** As `Fn::GetAtt` names the outputs of a nested stack. */
function outputsOf({ outputs }: DeployedStack): Record<string, string> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [`Outputs.${name}`, value]),
  );
}
