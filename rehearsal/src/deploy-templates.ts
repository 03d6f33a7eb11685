import type { AwsAccount } from './aws-account';
import type { CloudAssembly } from './cloudformation/cloud-assembly';
import { deployStacks } from './cloudformation/deploy';
import type { DeployedResource } from './cloudformation/deployed-resource';
import type { DeployedStacks } from './cloudformation/deployed-stacks';
import type { OutsideSecrets } from './project/outside-secrets';
import { readScanningDefinition } from './ecr/registry-scanning-definition';
import { readRepositoryDefinition } from './ecr/repository-definition';
import { readSecretDefinition } from './secretsmanager/secret-definition';
import { ServiceException } from './service-exception';
import { readParameterDefinition } from './ssm/parameter-definition';

/**
 * `cdk deploy --all` on paper: names every resource, evaluates its properties, puts what only holds
 * data (parameters, secrets, repositories) into the account, and its policies into force.
 *
 * @param parameters values for template parameters, by name
 * @param outside makes up the secrets that the templates only read
 * @throws RehearsalError for whatever CloudFormation would refuse
 */
export function deployTemplates(
  assembly: CloudAssembly,
  account: AwsAccount,
  parameters: Readonly<Record<string, string>>,
  outside: OutsideSecrets,
): DeployedStacks {
  const deployed = deployStacks(assembly, {
    account: account.id,
    region: account.region,
    parameters,
    lookups: {
      ssmParameter: (name, version) =>
        account.parameters.find(version === undefined ? name : `${name}:${version}`)?.value,
      secretString: (secretId, { stage, id }, jsonKey) => {
        outside.ensure(secretId, jsonKey);
        return foundOrUndefined(
          () =>
            account.secrets.getValue(secretId, {
              ...(stage !== undefined && { stage }),
              ...(id !== undefined && { versionId: id }),
            }).secretString,
        );
      },
    },
    onCreate: (resource) => create(resource, account),
  });
  account.access.deployed(deployed);
  outside.ensureForRunning(deployed);
  return deployed;
}

function create(resource: DeployedResource, account: AwsAccount): void {
  switch (resource.type) {
    case 'AWS::SSM::Parameter':
      account.parameters.put(readParameterDefinition(resource));
      return;
    case 'AWS::SecretsManager::Secret': {
      const { name, arn, secretString, description } = readSecretDefinition(resource);
      account.secrets.create(name, secretString, description, arn);
      return;
    }
    case 'AWS::ECR::Repository': {
      const { name, settings, lifecyclePolicyText } = readRepositoryDefinition(resource);
      account.images.createRepository(name, settings);
      if (lifecyclePolicyText !== undefined) {
        account.images.putLifecyclePolicy(name, lifecyclePolicyText);
      }
      return;
    }
    case 'AWS::ECR::RegistryScanningConfiguration':
      account.images.putScanningConfiguration(readScanningDefinition(resource));
  }
}

function foundOrUndefined(look: () => string): string | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof ServiceException) return undefined;
    throw error;
  }
}
