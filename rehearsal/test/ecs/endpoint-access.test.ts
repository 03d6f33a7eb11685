import type { TaskInterface } from '../../src/ec2/reachability-questions';
import { containerProperties, ecsAccount, region, serviceResource } from './_helpers/ecs-account';

const SECRET = `arn:aws:secretsmanager:${region}:000000000000:secret:db-AbCdEf`;
const DENIAL =
  "because no VPC endpoint policy allows the action (PolicyDocument of VPC endpoint 'E')";
const WHY = "route table 'Private' of subnet 'A' has no route";

/** A service of one task whose network leads to everything but `missing`. */
async function startWithout(
  missing: string | undefined,
  secrets: readonly string[] = [],
  denied?: string,
) {
  const asked: { from: TaskInterface; service: string }[] = [];
  const ecs = ecsAccount({
    secrets: { [SECRET]: 'hunter2', '/api/key': 'k' },
    taskDefinition: {
      ContainerDefinitions: [
        {
          ...containerProperties,
          Secrets: secrets.map((ValueFrom, index) => ({ Name: `S${index}`, ValueFrom })),
        },
      ],
    },
    network: {
      barrierToAwsService: (from, service) => {
        asked.push({ from, service });
        return service === missing ? WHY : undefined;
      },
      barrierToInternet: () => undefined,
      denialByEndpoint: (_from, _service, { action }) => (action === denied ? DENIAL : undefined),
    },
  });
  ecs.controlPlane.createService(
    serviceResource({
      DesiredCount: 1,
      NetworkConfiguration: {
        AwsvpcConfiguration: {
          Subnets: ['subnet-a'],
          SecurityGroups: ['sg-tasks'],
          AssignPublicIp: 'ENABLED',
        },
      },
    }),
  );
  await ecs.clock.advance(1000);
  return { ...ecs, asked, task: ecs.controlPlane.tasks()[0]! };
}

describe('a task that cannot reach', () => {
  test.each([
    [
      'the registry’s API',
      'ecr.api',
      'ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration.',
    ],
    [
      'Secrets Manager',
      'secretsmanager',
      'ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from asm: There is a connection issue between the task and AWS Secrets Manager. Check your task network configuration.',
    ],
    [
      'Parameter Store',
      'ssm',
      'ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secrets from ssm: The task cannot pull secrets from AWS Systems Manager. There is a connection issue between the task and AWS Systems Manager Parameter Store.',
    ],
    [
      'CloudWatch Logs',
      'logs',
      'ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon CloudWatch log group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch.',
    ],
    [
      'the registry itself',
      'ecr.dkr',
      'CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref ',
    ],
    [
      'the layers in S3',
      's3',
      'CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: failed to do request: Get ',
    ],
  ])(
    '%s fails to start in the words of Fargate, with what is missing',
    async (_, service, text) => {
      const { task, containers, messages } = await startWithout(service, [SECRET, '/api/key']);

      expect(task.stopCode).toBe('TaskFailedToStart');
      expect(task.stoppedReason?.startsWith(text)).toBe(true);
      expect(task.stoppedReason?.endsWith(`(${WHY})`)).toBe(true);
      expect(containers.started).toEqual([]);
      expect(messages()).toContain(
        `(service api-service) was unable to place a task. Reason: ${task.stoppedReason}.`,
      );
    },
  );

  test('what it does not use starts all the same', async () => {
    const { task } = await startWithout('secretsmanager');

    expect(task.lastStatus).toBe('RUNNING');
  });
});

test('the network is asked as the service’s AwsvpcConfiguration has the task, in the order of Fargate', async () => {
  const { asked, task } = await startWithout('nothing', [SECRET]);

  expect(asked.map(({ service }) => service)).toEqual([
    'ecr.api',
    'secretsmanager',
    'logs',
    'ecr.dkr',
    's3',
  ]);
  expect(asked[0]!.from).toEqual({
    name: "a task of service 'api-service'",
    subnetId: 'subnet-a',
    address: task.networkInterface.address,
    securityGroupIds: ['sg-tasks'],
    assignPublicIp: true,
  });
});

describe('a policy of the VPC endpoint', () => {
  test.each([
    ['ecr:GetAuthorizationToken', 'ResourceInitializationError'],
    ['ecr:BatchGetImage', 'CannotPullContainerError'],
    ['s3:GetObject', 'CannotPullContainerError'],
    ['logs:CreateLogStream', 'ResourceInitializationError'],
    ['secretsmanager:GetSecretValue', 'ResourceInitializationError'],
  ])('that denies %s keeps the task from starting', async (action, category) => {
    const { task } = await startWithout(undefined, [SECRET], action);
    expect(task.stopCode).toBe('TaskFailedToStart');
    expect(task.stoppedReason).toMatch(new RegExp(`^${category}: `));
    expect(task.stoppedReason).toContain(DENIAL);
  });
});
