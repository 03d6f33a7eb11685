import type { TaskRecord } from '../../../src/ecs/task-record';
import { taskDefinitionFinder } from '../../../src/scenarios/story/observations';

const task = (address: string, taskDefinitionArn: string) =>
  ({
    lastStatus: 'RUNNING',
    networkInterface: { address },
    taskDefinition: { taskDefinitionArn },
  }) as TaskRecord;

test('the task behind a target is found, also when it has stopped', () => {
  const tasks = [task('10.0.1.4', 'api:1'), task('10.0.1.5', 'api:2')];
  const taskDefinitionOf = taskDefinitionFinder({ tasks: () => tasks });
  expect(taskDefinitionOf('10.0.1.5:3000')).toBe('api:2');
  tasks[1]!.lastStatus = 'STOPPED';
  expect(taskDefinitionOf('10.0.1.5:3000')).toBe('api:2');
  expect(taskDefinitionOf('10.0.1.6:3000')).toBeUndefined();
});

test('a task that gets the address of a stopped one is told apart from it', () => {
  const tasks = [task('10.0.1.4', 'api:1')];
  const taskDefinitionOf = taskDefinitionFinder({ tasks: () => tasks });
  expect(taskDefinitionOf('10.0.1.4:3000')).toBe('api:1');
  tasks[0]!.lastStatus = 'STOPPED';
  tasks.push(task('10.0.1.4', 'api:2'));
  expect(taskDefinitionOf('10.0.1.4:3000')).toBe('api:2');
});
