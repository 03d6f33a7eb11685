import { jest } from '@jest/globals';
import { RehearsalError } from '../../../src/errors';
import { scratchDirectory } from '../../_helpers/scratch-directory';
import { rehearse, REHEARSAL_TIMEOUT_MS } from '../_helpers/rehearse';

/** CDK 2.170: what the engine cannot play, and what makes no difference here. */
jest.setTimeout(REHEARSAL_TIMEOUT_MS);
const scratch = scratchDirectory();

async function refusal(allowUnplayed: readonly string[] = []): Promise<RehearsalError> {
  const error = await rehearse('ledger', scratch, { allowUnplayed }).catch(
    (cause: unknown) => cause,
  );
  if (error instanceof RehearsalError) return error;
  throw error;
}

test('whatever could change the outcome is refused at once, each by name and with a reason', async () => {
  const { message, exitCode } = await refusal();

  expect(exitCode).toBe(2);
  expect(message.split('\n').filter((line) => line.startsWith('  '))).toEqual([
    "  AWS::Lambda::Function 'Migrate' in stack 'Ledger': functions are not played",
    "  Custom::DatabaseMigration 'MigrateOnDeploy' in stack 'Ledger': a function of the account would carry it out, and functions are not played",
    "  AWS::CloudFormation::CustomResource 'Lookup' in stack 'Ledger': a function of the account would carry it out, and functions are not played",
    "  AWS::RDS::DBInstance 'Database' in stack 'Ledger': there is no such service here, and an app that needs it would not start",
    "  AWS::CodeDeploy::DeploymentGroup 'Blue' in stack 'Ledger': only rolling deployments of ECS itself are played",
    "  AWS::CodeDeploy::Application 'Application' in stack 'Ledger': only rolling deployments of ECS itself are played",
    "  AWS::AutoScaling::AutoScalingGroup 'Hosts' in stack 'Ledger': only Fargate is played: there are no instances to run tasks on",
    "  AWS::ServiceDiscovery::PrivateDnsNamespace 'Names' in stack 'Ledger': names of it cannot be looked up, so services would not find each other",
    "  Acme::Widgets::Widget 'Widget' in stack 'Ledger': the engine does not know this type",
  ]);
});

test('a person can go on without them, also where others read their attributes', async () => {
  const types = [...(await refusal()).message.matchAll(/^ {2}(\S+) /gm)].map(([, type]) => type!);

  expect((await refusal(types)).message).toContain(
    'has a pipeline with a source in GitHub, CodeCommit or S3',
  );
});
