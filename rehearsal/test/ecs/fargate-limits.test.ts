import fc from 'fast-check';
import { refusalOfSize } from '../../src/ecs/fargate-sizes';
import { readTaskDefinition } from '../../src/ecs/task-definition';
import { findUnplayedProperties } from '../../src/played-properties';
import {
  containerProperties,
  ecsAccount,
  serviceResource,
  taskDefinitionResource,
} from './_helpers/ecs-account';

const sized = (Cpu: unknown, Memory: unknown) =>
  readTaskDefinition(taskDefinitionResource({ Cpu, Memory }));

describe('the size of a task', () => {
  test.each([
    [256, [512, 1024, 2048]],
    [512, [1024, 2048, 3072, 4096]],
    [1024, [2048, 5120, 8192]],
    [2048, [4096, 9216, 16_384]],
    [4096, [8192, 19_456, 30_720]],
    [8192, [16_384, 20_480, 61_440]],
    [16_384, [32_768, 40_960, 122_880]],
  ])('may be %i CPU units with %j MiB', (cpu, memories) => {
    for (const memory of memories) {
      expect(sized(String(cpu), String(memory))).toMatchObject({ cpu, memory });
    }
  });

  test.each([
    ['256', '3072', 'with 256 CPU units it has 512, 1024, 2048 MiB'],
    ['1024', '1024', 'with 1024 CPU units it has 2048, 3072, 4096, 5120, 6144, 7168, 8192 MiB'],
    ['8192', '17408', 'with 8192 CPU units it has 16384, 20480, 24576'],
    ['300', '512', 'Fargate has 256, 512, 1024, 2048, 4096, 8192, 16384 CPU units'],
    ['32768', '65536', 'Fargate has 256, 512, 1024, 2048, 4096, 8192, 16384 CPU units'],
  ])('is refused when the task definition is registered: %s CPU, %s memory', (cpu, memory, has) => {
    expect(() => sized(cpu, memory)).toThrow(
      `ECS would refuse it: No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. See the Amazon ECS documentation for the valid values. (${has}`,
    );
  });

  test('has 74 combinations and no others', () => {
    let known = 0;
    for (let cpu = 256; cpu <= 32_768; cpu *= 2) {
      for (let memory = 512; memory <= 262_144; memory += 512) {
        if (refusalOfSize(cpu, memory) === undefined) known += 1;
      }
    }
    expect(known).toBe(74);
    fc.assert(
      fc.property(fc.nat(40_000), fc.nat(200_000), (cpu, memory) => {
        if (refusalOfSize(cpu, memory) !== undefined) return;
        expect(Math.log2(cpu / 256) % 1).toBe(0);
        expect(memory % 512).toBe(0);
        expect(memory / cpu).toBeGreaterThanOrEqual(2);
        expect(memory / cpu).toBeLessThanOrEqual(8);
      }),
    );
  });

  test.each([
    ['.5 vCPU', '1GB', 512, 1024],
    ['1 vcpu', '2 GB', 1024, 2048],
    ['0.25vCPU', '0.5 gb', 256, 512],
  ])('may be written as %s and %s', (Cpu, Memory, cpu, memory) => {
    expect(sized(Cpu, Memory)).toMatchObject({ cpu, memory });
  });

  test('is nothing else', () => {
    expect(() => sized('one', '512')).toThrow(/Cpu: .*got "one"/);
  });
});

describe('ephemeral storage', () => {
  const withStorage = (SizeInGiB: number) =>
    taskDefinitionResource({ EphemeralStorage: { SizeInGiB } });

  test.each([20, 201])('of %i GiB is refused: Fargate takes 21 to 200', (size) => {
    expect(() => readTaskDefinition(withStorage(size))).toThrow(
      /EphemeralStorage\.SizeInGiB: .*(21|200).*got \d+/,
    );
  });

  test('within its bounds is named in the report: tasks write to the disk of this machine', () => {
    const resource = withStorage(100);
    readTaskDefinition(resource);
    const all = [resource];
    const resources = { all, ofType: () => all, find: () => resource };

    expect(findUnplayedProperties(resources)).toContainEqual(
      expect.objectContaining({ property: expect.stringContaining('EphemeralStorage') }),
    );
  });
});

describe('limits and file systems in memory', () => {
  const limited = {
    ...containerProperties,
    Ulimits: [
      { Name: 'nofile', SoftLimit: '4096', HardLimit: 65_535 },
      { Name: 'nproc', SoftLimit: 10, HardLimit: 20 },
    ],
    LinuxParameters: {
      Tmpfs: [{ ContainerPath: '/tmp', Size: 64, MountOptions: ['noexec'] }],
    },
  };

  test('of a task definition reach its containers', async () => {
    const ecs = ecsAccount({ taskDefinition: { ContainerDefinitions: [limited] } });
    ecs.controlPlane.createService(serviceResource({ DesiredCount: 1 }));
    await ecs.clock.advance(1000);

    expect(ecs.containers.started[0]?.spec).toMatchObject({
      openFiles: { soft: 4096, hard: 65_535 },
      tmpfs: [{ containerPath: '/tmp', sizeMiB: 64, mountOptions: ['noexec'] }],
    });
  });

  test('other than of open files are named: Fargate documents no others', () => {
    const ecs = ecsAccount({ taskDefinition: { ContainerDefinitions: [limited] } });
    ecs.controlPlane.createService(serviceResource());

    expect(ecs.events).toContainEqual(
      expect.objectContaining({
        kind: 'unproven',
        message:
          "container 'api-container' of service 'api-service' sets the limit 'nproc', which is not played: Fargate documents 'nofile' alone",
      }),
    );
  });

  test('need a place in the container', () => {
    const Tmpfs = [{ ContainerPath: 'tmp', Size: 64 }];
    const ContainerDefinitions = [{ ...containerProperties, LinuxParameters: { Tmpfs } }];

    expect(() => readTaskDefinition(taskDefinitionResource({ ContainerDefinitions }))).toThrow(
      /LinuxParameters\.Tmpfs\.0\.ContainerPath: expected an absolute path/,
    );
  });
});
