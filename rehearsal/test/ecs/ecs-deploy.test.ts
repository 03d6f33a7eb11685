import { RehearsalError } from '../../src/errors';
import { deployImageDefinitions, type EcsDeployResult } from '../../src/ecs/ecs-deploy';
import {
  account,
  ecsAccount,
  executionRoleArn,
  region,
  repository,
  serviceResource,
  taskRoleArn,
} from './_helpers/ecs-account';

async function deploy(
  overrides: {
    image?: string;
    container?: string;
    denied?: string[];
    service?: string;
    minutes?: number;
  } = {},
  service: Record<string, unknown> = {},
) {
  const ecs = ecsAccount(overrides.denied === undefined ? {} : { denied: overrides.denied });
  ecs.controlPlane.createService(serviceResource(service));
  await ecs.clock.advance(120_000);
  const { requests } = ecs.authorizer;
  requests.splice(0);
  const abort = new AbortController();
  let result: EcsDeployResult | undefined;
  const done = deployImageDefinitions({
    controlPlane: ecs.controlPlane,
    clusterName: 'practice',
    serviceName: overrides.service ?? 'api-service',
    imageDefinitions: [
      {
        name: overrides.container ?? 'api-container',
        imageUri: overrides.image ?? `${repository}:two`,
      },
    ],
    timeoutMinutes: overrides.minutes ?? 15,
    caller: { kind: 'role', roleArn: `arn:aws:iam::${account}:role/deploy`, sessionName: 'one' },
    authorizer: ecs.authorizer,
    account,
    region,
    clock: ecs.clock,
    signal: abort.signal,
  }).then((value) => (result = value));
  return { ...ecs, requests, abort, done, result: () => result };
}

test('the new image runs alone before the action succeeds', async () => {
  const action = await deploy();
  await action.clock.advance(15_000);
  expect(action.result()).toBeUndefined();
  await action.clock.advance(15_000);
  expect(action.result()).toMatchObject({
    status: 'Succeeded',
    taskDefinitionArn: `arn:aws:ecs:${region}:${account}:task-definition/api:2`,
    externalExecutionId: action.describe().deployments[0]!.id,
  });
  expect(action.tasks('RUNNING').map(({ containers }) => containers[0]!.imageDigest)).toEqual([
    'sha256:22',
    'sha256:22',
  ]);
});

test('each call is made as the role of the action, on the narrowest resource that AWS knows', async () => {
  const action = await deploy();
  const service = `arn:aws:ecs:${region}:${account}:service/practice/api-service`;
  const own = action.requests.filter(
    ({ caller }) => caller.kind === 'role' && caller.roleArn.endsWith('role/deploy'),
  );
  expect(own.map((request) => [request.action, request.resource])).toEqual([
    ['ecs:DescribeServices', service],
    ['ecs:DescribeTaskDefinition', '*'],
    ['ecs:RegisterTaskDefinition', '*'],
    ['iam:PassRole', executionRoleArn],
    ['iam:PassRole', taskRoleArn],
    ['ecs:UpdateService', service],
  ]);
  expect(own[3]!.context).toEqual({ 'iam:PassedToService': 'ecs-tasks.amazonaws.com' });
});

test.each([
  'ecs:DescribeServices',
  'ecs:DescribeTaskDefinition',
  'ecs:RegisterTaskDefinition',
  'iam:PassRole',
  'ecs:UpdateService',
])('a role without %s fails at once with IAM’s message and deploys nothing', async (denied) => {
  const action = await deploy({ denied: [denied] });
  await action.done;
  expect(action.result()).toEqual({
    status: 'Failed',
    errorCode: 'PermissionError',
    summary: expect.stringContaining(`is not authorized to perform: ${denied} on resource:`),
  });
  expect(action.describe().deployments).toHaveLength(1);
});

test.each([
  [{ container: 'api' }, "The image definitions name the container 'api'"],
  [{ service: 'other' }, 'Service not found.'],
  [{ image: 'nginx:latest' }, "image 'nginx:latest' cannot be rehearsed"],
])('%j is an error of the configuration', async (overrides, summary) => {
  const action = await deploy(overrides);
  await action.done;
  expect(action.result()).toMatchObject({
    status: 'Failed',
    errorCode: 'ConfigurationError',
    summary: expect.stringContaining(summary),
  });
});

test('a rollback never looks like success: the action waits for its timeout and says why', async () => {
  const action = await deploy({ image: `${repository}:absent` });
  await action.clock.advance(14 * 60_000);
  expect(action.describe().deployments).toMatchObject([{ rolloutState: 'COMPLETED' }]);
  expect(action.result()).toBeUndefined();
  await action.clock.advance(60_000);
  expect(action.result()).toMatchObject({
    status: 'Failed',
    errorCode: 'JobFailed',
    summary: expect.stringMatching(
      /did not complete within 15 minutes\. Deployment ecs-svc\/\d+ is FAILED: .*tasks failed to start\. Task [0-9a-f]{32} stopped: CannotPullContainerError: .* The service runs .*:1\.$/,
    ),
  });
});

test('a deployment that can neither start nor stop tasks ends with the action’s timeout', async () => {
  const action = await deploy(
    {},
    { DeploymentConfiguration: { MinimumHealthyPercent: 100, MaximumPercent: 100 } },
  );
  await action.clock.advance(15 * 60_000);
  expect(action.result()).toMatchObject({
    status: 'Failed',
    errorCode: 'JobFailed',
    summary: expect.stringMatching(/did not complete within 15 minutes\. .* is IN_PROGRESS/),
  });
  expect(action.messages().at(-1)).toContain('was unable to stop or start tasks');
});

test('a new image that the machine refuses to run ends the rehearsal with its reason', async () => {
  const action = await deploy();
  const ended = expect(action.done).rejects.toMatchObject({ code: 'ContainerUserIsRoot' });
  action.containers.runError = new RehearsalError('ContainerUserIsRoot', 'would run as root');
  await action.clock.advance(60_000);
  await ended;
});

test('the end of the rehearsal ends the wait', async () => {
  const action = await deploy();
  action.abort.abort();
  await action.done;
  expect(action.result()).toMatchObject({
    status: 'Failed',
    summary: expect.stringContaining('The rehearsal ended before the deployment did.'),
  });
});
