import type { AwsAccount } from '../../aws-account';
import type { CloudAssembly } from '../../cloudformation/cloud-assembly';
import { deployStacks } from '../../cloudformation/deploy';
import { RehearsalError } from '../../errors';

/** What a deploy would be made of. */
export interface DeployPlan {
  readonly assembly: CloudAssembly;
  readonly account: Pick<AwsAccount, 'id' | 'region' | 'parameters'>;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * `cdk deploy --all` in an account where nobody has put the secrets that the templates read, the
 * source's token first of all. CloudFormation refuses a dynamic reference that it cannot resolve.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
 *
 * @returns what the deploy says; undefined when the templates read no secret
 * @throws RehearsalError `DeployNotRefused` when it goes through
 */
export function deployWithoutSecrets({
  assembly,
  account,
  parameters,
}: DeployPlan): string | undefined {
  const reads = assembly.stacks.some(({ template }) =>
    JSON.stringify(template).includes('{{resolve:secretsmanager:'),
  );
  if (!reads) return undefined;
  try {
    deployStacks(assembly, {
      account: account.id,
      region: account.region,
      parameters,
      lookups: {
        ssmParameter: (name, version) =>
          account.parameters.find(version === undefined ? name : `${name}:${version}`)?.value,
        secretString: () => undefined,
      },
    });
  } catch (error) {
    if (error instanceof RehearsalError) return error.message;
    throw error;
  }
  throw new RehearsalError(
    'DeployNotRefused',
    'the stacks were deployed although the secrets that they read are not there.',
    { exitCode: 1 },
  );
}
