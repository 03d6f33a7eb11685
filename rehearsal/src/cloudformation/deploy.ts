import { RehearsalError } from '../errors';
import type { CloudAssembly, StackArtifact } from './cloud-assembly';
import type { DeployedResource } from './deployed-resource';
import { type DeployedStack, DeployedStacks } from './deployed-stacks';
import type { DeployLookups } from './dynamic-references';
import { checkNothingMissing, resolveParameters } from './parameters';
import { partitionOf } from './resource-namer';
import { StackDeployment } from './stack-deployment';

export interface DeployOptions {
  /** For stacks that are bound to no account */
  readonly account: string;
  /** For stacks that are bound to no region */
  readonly region: string;
  /** `--parameter` values, by parameter name or by `Stack:Parameter` */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly lookups: DeployLookups;
  /**
   * Names (or artifact ids, or display names) of the stacks to deploy. As with `cdk deploy`, stacks
   * that they depend on come along, unless `previous` has them.
   * @default all
   */
  readonly stacks?: readonly string[];
  /** What earlier calls deployed: its exports can be imported, and it is part of the result */
  readonly previous?: DeployedStacks;
  /** Called for each resource once everything it refers to exists, e.g. to store a parameter's value */
  onCreate?(resource: DeployedResource): void;
}

/**
 * Deploys stacks of an assembly on paper: decides what every resource is called and what its
 * properties are. Nothing is started.
 *
 * @throws RehearsalError for whatever CloudFormation would refuse, and for what cannot be evaluated here
 */
export function deployStacks(assembly: CloudAssembly, options: DeployOptions): DeployedStacks {
  checkParameterNames(assembly, options.parameters ?? {});
  const stacks = wantedStacks(assembly, options);
  checkNothingMissing(stacks, options.parameters ?? {});
  return stacks.reduce(
    (deployed, stack) => deployed.with(deployStack(stack, deployed, options)),
    options.previous ?? new DeployedStacks(),
  );
}

function deployStack(
  stack: StackArtifact,
  deployed: DeployedStacks,
  options: DeployOptions,
): DeployedStack {
  const { template, stackName, executionRoleArn } = stack;
  const account = stack.account ?? options.account;
  const region = stack.region ?? options.region;
  const given = { ...stack.parameters, ...options.parameters };
  // An update may export again what its former version exported.
  const others = new DeployedStacks(deployed.stacks.filter(({ id }) => id !== stack.id));
  const deployment = new StackDeployment(stack, {
    account,
    region,
    lookups: options.lookups,
    parameters: resolveParameters(stackName, template.Parameters, given, options.lookups),
    importValue: (name) => others.exportedValue(name, account, region),
    onCreate: (resource) => options.onCreate?.(resource),
  });
  return {
    ...deployment.deploy(),
    ...(executionRoleArn !== undefined && {
      executionRoleArn: withoutPlaceholders(executionRoleArn, account, region),
    }),
  };
}

/**
 * What the CDK leaves open in the ARNs of the roles that it deploys with.
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 */
function withoutPlaceholders(arn: string, account: string, region: string): string {
  return arn
    .replaceAll('${AWS::Partition}', partitionOf(region))
    .replaceAll('${AWS::AccountId}', account)
    .replaceAll('${AWS::Region}', region);
}

function wantedStacks(assembly: CloudAssembly, options: DeployOptions): StackArtifact[] {
  const wanted = new Set<string>();
  const want = (stack: StackArtifact): void => {
    wanted.add(stack.id);
    for (const { id, ...rest } of assembly.stacks) {
      const needed = stack.dependencies.includes(id) && !wanted.has(id);
      if (needed && options.previous?.stack(id) === undefined) want({ id, ...rest });
    }
  };
  for (const name of options.stacks ?? assembly.stacks.map(({ id }) => id)) {
    const stack = assembly.stacks.find(
      ({ id, stackName, displayName }) => id === name || stackName === name || displayName === name,
    );
    if (stack === undefined) {
      throw new RehearsalError(
        'StackNotFound',
        `The cloud assembly in ${assembly.directory} has no stack '${name}'; it has ${assembly.stacks.map(({ displayName }) => displayName).join(', ')}.`,
      );
    }
    want(stack);
  }
  return assembly.stacks.filter(({ id }) => wanted.has(id));
}

function checkParameterNames(
  assembly: CloudAssembly,
  given: Readonly<Record<string, string>>,
): void {
  const declared = assembly.stacks.flatMap(({ stackName, template }) =>
    Object.keys(template.Parameters).flatMap((name) => [name, `${stackName}:${name}`]),
  );
  // A path is the name of a parameter in Systems Manager.
  const stranger = Object.keys(given).find(
    (name) => !name.startsWith('/') && !declared.includes(name),
  );
  if (stranger !== undefined) {
    throw new RehearsalError(
      'ParameterUnknown',
      `--parameter ${stranger}: no stack has a parameter of that name; there are ${declared.filter((name) => !name.includes(':')).join(', ') || 'none'}.`,
    );
  }
}
