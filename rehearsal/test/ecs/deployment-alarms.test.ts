import { bakeSeconds } from '../../src/ecs/deployment-alarms';
import { deployedResource } from '../_helpers/deployed-resource';
import { release, runningService, twoMinutes } from './_helpers/running-service';

type State = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

const alarm = (name: string, properties: Record<string, unknown>) =>
  deployedResource('AWS::CloudWatch::Alarm', properties, { physicalId: name });

async function watchedService(
  states: Record<string, State>,
  alarms: Record<string, unknown> = {},
  evaluate: () => void = () => undefined,
) {
  return await runningService(
    {
      alarms: {
        stateOf: (name) => states[name],
        evaluate: () => Promise.resolve(evaluate()),
      },
      resources: [alarm('errors', { Period: 60, EvaluationPeriods: 2 })],
    },
    {
      DeploymentConfiguration: {
        Alarms: { AlarmNames: ['errors'], Enable: true, Rollback: true, ...alarms },
      },
    },
  );
}

test('an alarm that goes off during a deployment rolls it back, in the words of ECS', async () => {
  const states: Record<string, State> = { errors: 'OK' };
  const ecs = await watchedService(states);
  await ecs.clock.advance(twoMinutes);
  const first = ecs.describe().deployments[0]!;
  expect(first.rolloutState).toBe('COMPLETED');
  release(ecs);
  const released = ecs.describe().deployments[0]!;
  await ecs.clock.advance(15_000);
  states['errors'] = 'ALARM';
  await ecs.clock.advance(10_000);

  expect(ecs.describe().taskDefinition).toMatch(/api:1$/);
  expect(ecs.messages()).toContain(
    `(service api-service) (deployment ${released.id}) deployment failed: alarm detected.`,
  );
  expect(ecs.messages()).toContain(`(service api-service) rolling back to deployment ${first.id}.`);
  await ecs.clock.advance(twoMinutes);
  expect(ecs.describe().deployments).toMatchObject([{ id: first.id, rolloutState: 'COMPLETED' }]);
  expect(
    ecs.awsEvents('ECS Deployment State Change').map(({ detail }) => detail['eventName']),
  ).toContain('SERVICE_DEPLOYMENT_FAILED');
});

test('an alarm that is in ALARM when a deployment starts is ignored for that deployment', async () => {
  const states: Record<string, State> = { errors: 'OK' };
  const ecs = await watchedService(states);
  await ecs.clock.advance(twoMinutes);
  states['errors'] = 'ALARM';
  release(ecs);
  await ecs.clock.advance(5 * 60_000);
  expect(ecs.describe().taskDefinition).toMatch(/api:2$/);
  expect(ecs.describe().deployments).toMatchObject([{ rolloutState: 'COMPLETED' }]);
});

test('a deployment is completed only when its alarms had time to see the new tasks alone', async () => {
  const ecs = await watchedService({ errors: 'OK' });
  await ecs.clock.advance(twoMinutes);
  release(ecs);
  // 5 s until the targets are healthy, 15 s of draining, then 2 × 60 s of bake time.
  await ecs.clock.advance(135_000);
  expect(ecs.describe().deployments).toMatchObject([{ rolloutState: 'IN_PROGRESS' }]);
  await ecs.clock.advance(10_000);
  expect(ecs.describe().deployments).toMatchObject([{ rolloutState: 'COMPLETED' }]);
});

test('an alarm that sees the new tasks only at the end of the bake time rolls them back too', async () => {
  const states: Record<string, State> = { errors: 'OK' };
  let released = false;
  const ecs = await watchedService(states, {}, () => {
    if (released) states['errors'] = 'ALARM';
  });
  await ecs.clock.advance(twoMinutes);
  release(ecs);
  released = true;
  await ecs.clock.advance(135_000);
  expect(ecs.describe().taskDefinition).toMatch(/api:2$/);
  await ecs.clock.advance(10_000);
  expect(ecs.describe().taskDefinition).toMatch(/api:1$/);
});

test('alarms that are switched off watch nothing', async () => {
  const states: Record<string, State> = { errors: 'OK' };
  const ecs = await watchedService(states, { Enable: false });
  release(ecs);
  await ecs.clock.advance(15_000);
  states['errors'] = 'ALARM';
  await ecs.clock.advance(twoMinutes);
  expect(ecs.describe().deployments).toMatchObject([{ rolloutState: 'COMPLETED' }]);
  expect(ecs.describe().taskDefinition).toMatch(/api:2$/);
});

test('deployment alarms that nobody plays are named', async () => {
  const { events } = await runningService(
    {},
    {
      DeploymentConfiguration: {
        Alarms: { AlarmNames: ['errors', 'slow'], Enable: true, Rollback: true },
      },
    },
  );
  expect(events).toContainEqual(
    expect.objectContaining({
      kind: 'unproven',
      message:
        "service 'api-service' lets alarms stop deployments (errors, slow), which is not played",
    }),
  );
});

test('the bake time is the longest time over which one of the alarms is evaluated', () => {
  const alarms = [
    alarm('plain', { Period: '300', EvaluationPeriods: 1 }),
    alarm('math', {
      EvaluationPeriods: 3,
      Metrics: [
        { Id: 'e', Expression: 'a/b' },
        { Id: 'a', MetricStat: { Period: 60 } },
      ],
    }),
  ];
  const resources = {
    all: alarms,
    ofType: () => alarms,
    find: (_type: string, name: string) => alarms.find(({ physicalId }) => physicalId === name),
  };
  const of = (...alarmNames: string[]) => bakeSeconds({ alarmNames, rollback: true }, resources);
  expect([of('plain'), of('math'), of('plain', 'math'), of('elsewhere')]).toEqual([
    300, 180, 300, 60,
  ]);
});
