import { join } from 'node:path';
import type { AwsAccount } from './aws-account';
import type { BuildDependencies } from './codebuild/build';
import type { VariableSources } from './codebuild/variable-values';
import type { TaskReachability } from './ec2/reachability-questions';
import type { Caller } from './iam/authorizer';
import type { Foundation } from './running-services';
import { ServiceException } from './service-exception';

/**
 * What builds need of the world.
 *
 * @param network that builds in a VPC stand in; without it they reach everything
 */
export function buildDependencies(
  foundation: Foundation,
  network?: TaskReachability,
): Omit<BuildDependencies, 'signal'> {
  const { account, limits, events, gateway, run, sources, hostEnvironment } = foundation;
  const repository = sources.codecommit.hostedRepository;
  return {
    clock: limits,
    events,
    account: account.id,
    region: account.region,
    openSession: (caller, barrierTo) => {
      const session = { caller, region: account.region, account: account.id };
      return Promise.resolve(gateway.openSession({ ...session, ...(barrierTo && { barrierTo }) }));
    },
    variables: variableSources(account),
    authorizer: account.access,
    ...(network !== undefined && { network }),
    ...(repository !== undefined && { repository }),
    ledger: run.ledger,
    runDirectory: run.directory('builds'),
    cacheDirectory: join(run.cache, 'codebuild'),
    hostEnvironment,
  };
}

/** What a build may look up, as its role. */
function variableSources({ access, parameters, secrets }: AwsAccount): VariableSources {
  const authorize = (caller: Caller, action: string, resource: string) => {
    const decision = access.authorize({ caller, action, resource });
    if (!decision.allowed) throw new ServiceException('AccessDeniedException', decision.message);
  };
  const answer = <T>(look: () => T): Promise<T> => new Promise((resolve) => resolve(look()));
  return {
    parameter: (name, caller) =>
      answer(() => {
        authorize(caller, 'ssm:GetParameters', parameters.parameterArn(name));
        const parameter = parameters.find(name);
        if (parameter === undefined) throw new ServiceException('ParameterNotFound', name);
        return parameter.value;
      }),
    secret: (secretId, { stage, id }, caller) =>
      answer(() => {
        authorize(caller, 'secretsmanager:GetSecretValue', secrets.secretArn(secretId));
        return secrets.getValue(secretId, {
          ...(stage !== undefined && { stage }),
          ...(id !== undefined && { versionId: id }),
        }).secretString;
      }),
  };
}
