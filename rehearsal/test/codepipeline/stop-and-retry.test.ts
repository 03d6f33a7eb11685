import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PipelineExecution } from '../../src/codepipeline/execution';
import { scratchDirectory } from '../_helpers/scratch-directory';
import { serviceException } from '../_helpers/service-exception';
import { action, fail, gate, source, succeed, testPipeline, until } from './_helpers/test-pipeline';

const scratch = scratchDirectory();
const isIn = (execution: PipelineExecution, stage: string) => () =>
  execution.stages.at(-1)?.name === stage && execution.stages.at(-1)?.actions.length === 1;

describe('stopping an execution', () => {
  it('waits for the action that runs, starts no other, and ends Stopped', async () => {
    const busy = gate();
    const after = action('After');
    const { pipeline, start, states } = testPipeline(scratch, {
      Source: [source()],
      Build: [action('Build', [busy.result])],
      Deploy: [after],
    });
    const { execution, finished } = start();
    await until(isIn(execution, 'Build'));
    pipeline.stop(execution.id, { reason: 'wrong commit' });
    expect(execution.status).toBe('Stopping');
    busy.open();
    await finished;
    expect(execution.status).toBe('Stopped');
    expect(execution.stages[1]).toMatchObject({
      status: 'Stopped',
      actions: [{ status: 'Succeeded' }],
    });
    expect(after.runs()).toBe(0);
    expect(states().slice(-5)).toEqual([
      'Pipeline STOPPING',
      'Stage Build STOPPING',
      'Action Build.Build SUCCEEDED',
      'Stage Build STOPPED',
      'Pipeline STOPPED',
    ]);
  });

  it('abandons the action that runs when told to, without waiting for it', async () => {
    const busy = gate();
    const { pipeline, start, states } = testPipeline(scratch, {
      Source: [source()],
      Build: [action('Build', [busy.result])],
    });
    const { execution, finished } = start();
    await until(isIn(execution, 'Build'));
    pipeline.stop(execution.id, { abandon: true });
    await finished;
    expect(execution.stages[1]?.actions[0]?.status).toBe('Abandoned');
    expect(states()).toContain('Action Build.Build ABANDONED');
    busy.open();
  });

  it('may abandon after it has waited, but is not asked the same thing twice', async () => {
    const busy = gate();
    const { pipeline, start } = testPipeline(scratch, {
      Source: [source()],
      Build: [action('Build', [busy.result])],
    });
    const { execution, finished } = start();
    await until(isIn(execution, 'Build'));
    pipeline.stop(execution.id);
    expect(() => pipeline.stop(execution.id)).toThrow(
      serviceException('DuplicatedStopRequestException'),
    );
    pipeline.stop(execution.id, { abandon: true });
    await finished;
    expect(execution.status).toBe('Stopped');
    expect(() => pipeline.stop(execution.id)).toThrow(
      serviceException('PipelineExecutionNotStoppableException', 'Stopped'),
    );
    busy.open();
  });

  it('takes an execution that waits for a stage out of the line', async () => {
    const busy = gate();
    const { pipeline, start } = testPipeline(
      scratch,
      { Source: [source()], Build: [action('Build', [busy.result])] },
      { ExecutionMode: 'QUEUED' },
    );
    const first = start();
    await until(isIn(first.execution, 'Build'));
    const second = start();
    await until(() => second.execution.stages[0]?.status === 'Succeeded');
    pipeline.stop(second.execution.id);
    await second.finished;
    expect(second.execution.status).toBe('Stopped');
    busy.open();
    await first.finished;
    expect(first.execution.status).toBe('Succeeded');
  });

  it('refuses an execution that does not exist', () => {
    const { pipeline } = testPipeline(scratch, { Source: [source()], Build: [action('Build')] });
    expect(() => pipeline.stop('nobody')).toThrow(
      serviceException('PipelineExecutionNotFoundException', 'nobody'),
    );
  });
});

describe('retrying a failed stage', () => {
  const stages = () => {
    const good = action('Good');
    const flaky = action('Flaky', [fail, succeed]);
    const later = action('Later', [succeed], { RunOrder: 2 });
    const after = action('After');
    return { good, flaky, later, after };
  };

  it('runs the failed actions and those after them again, in the same execution', async () => {
    const { good, flaky, later, after } = stages();
    const { pipeline, execute, states } = testPipeline(scratch, {
      Source: [source()],
      Build: [good, flaky, later],
      Deploy: [after],
    });
    const execution = await execute();
    expect(execution.status).toBe('Failed');
    const before = states().length;
    const retried = pipeline.retryStage('Build', execution.id, 'FAILED_ACTIONS');
    await retried.finished;
    expect(retried.execution.id).toBe(execution.id);
    expect(execution).toMatchObject({ status: 'Succeeded', attempt: 2 });
    expect([good, flaky, later, after].map(({ runs }) => runs())).toEqual([1, 2, 1, 1]);
    expect(states().slice(before, before + 3)).toEqual([
      'Pipeline RESUMED',
      'Stage Build RESUMED',
      'Action Build.Flaky STARTED',
    ]);
  });

  it('runs all actions of the stage again when told to', async () => {
    const { good, flaky, later, after } = stages();
    const { pipeline, execute } = testPipeline(scratch, {
      Source: [source()],
      Build: [good, flaky, later],
      Deploy: [after],
    });
    const execution = await execute();
    await pipeline.retryStage('Build', execution.id, 'ALL_ACTIONS').finished;
    expect([good, flaky, later, after].map(({ runs }) => runs())).toEqual([2, 2, 1, 1]);
  });

  it('still has the artifacts and variables of the earlier stages', async () => {
    const seen: string[] = [];
    const { pipeline, execute } = testPipeline(scratch, {
      Source: [source(['first', 'second'])],
      Build: [
        {
          name: 'Build',
          properties: {
            InputArtifacts: [{ Name: 'Code' }],
            Configuration: { Tag: '#{Source.CommitId}' },
          },
          run: async (run) => {
            const directory = await run.artifacts.unpack('Code', run.caller);
            seen.push(readFileSync(join(directory, 'commit.txt'), 'utf8'));
            seen.push(run.action.configuration['Tag'] ?? '');
            return seen.length > 2 ? succeed : fail;
          },
        },
      ],
    });
    const execution = await execute();
    await pipeline.retryStage('Build', execution.id, 'FAILED_ACTIONS').finished;
    expect(seen).toEqual(['first', 'first', 'first', 'first']);
    expect(execution.status).toBe('Succeeded');
  });

  it('is refused for a stage that did not fail', async () => {
    const { pipeline, execute } = testPipeline(scratch, {
      Source: [source()],
      Build: [action('Build', [fail])],
    });
    const execution = await execute();
    expect(() => pipeline.retryStage('Source', execution.id, 'ALL_ACTIONS')).toThrow(
      serviceException('StageNotRetryableException', 'Source'),
    );
  });

  it('is refused when a later execution has entered the stage', async () => {
    const { pipeline, execute } = testPipeline(scratch, {
      Source: [source()],
      Build: [action('Build', [fail])],
    });
    const first = await execute();
    await execute();
    expect(() => pipeline.retryStage('Build', first.id, 'ALL_ACTIONS')).toThrow(
      serviceException('NotLatestPipelineExecutionException'),
    );
  });
});

it('lets the siblings of a failed action finish, and then fails the stage', async () => {
  const slow = gate();
  const { start, states } = testPipeline(scratch, {
    Source: [source()],
    Build: [action('Fast', [fail]), action('Slow', [slow.result])],
  });
  const { execution, finished } = start();
  await until(() => states().includes('Action Build.Fast FAILED'));
  expect(execution.status).toBe('InProgress');
  slow.open();
  await finished;
  expect(execution.stages[1]).toMatchObject({
    status: 'Failed',
    actions: [{ status: 'Failed' }, { status: 'Succeeded' }],
  });
});

it('QUEUED runs every execution of a busy stage, one after the other', async () => {
  const gates = [gate(), gate(), gate()];
  const build = action(
    'Build',
    gates.map(({ result }) => result),
  );
  const { start } = testPipeline(
    scratch,
    { Source: [source()], Build: [build] },
    { ExecutionMode: 'QUEUED' },
  );
  const started = [start(), start(), start()];
  for (const [index, opening] of gates.entries()) {
    await until(() => build.runs() === index + 1);
    opening.open();
  }
  await Promise.all(started.map(({ finished }) => finished));
  expect(started.map(({ execution }) => execution.status)).toEqual(Array(3).fill('Succeeded'));
});

it('PARALLEL lets executions overtake each other', async () => {
  const building = new Map<string, ReturnType<typeof gate>>();
  const { start } = testPipeline(
    scratch,
    {
      Source: [source()],
      Build: [
        {
          name: 'Build',
          run: ({ executionId }) => {
            building.set(executionId, gate());
            return building.get(executionId)!.result;
          },
        },
      ],
    },
    { ExecutionMode: 'PARALLEL' },
  );
  const [first, second] = [start(), start()];
  await until(() => building.size === 2);
  building.get(second.execution.id)?.open();
  await second.finished;
  expect(first.execution.status).toBe('InProgress');
  building.get(first.execution.id)?.open();
  await first.finished;
});

it('a superseded execution says so on the event bus', async () => {
  const busy = gate();
  const { start, states } = testPipeline(scratch, {
    Source: [source()],
    Build: [action('Build', [busy.result])],
  });
  const first = start();
  await until(isIn(first.execution, 'Build'));
  const second = start();
  await until(() => second.execution.stages[0]?.status === 'Succeeded');
  const third = start();
  await second.finished;
  expect(second.execution.status).toBe('Superseded');
  expect(states()).toContain('Pipeline SUPERSEDED');
  busy.open();
  await Promise.all([first.finished, third.finished]);
});

it('nobody enters a stage through a disabled transition until it is enabled', async () => {
  const build = action('Build');
  const { pipeline, start } = testPipeline(
    scratch,
    { Source: [source(['one', 'two'])], Build: [build] },
    { DisableInboundStageTransitions: [{ StageName: 'Build', Reason: 'freeze' }] },
  );
  const first = start();
  await until(() => first.execution.stages[0]?.status === 'Succeeded');
  const second = start();
  await first.finished;
  expect([first.execution.status, build.runs()]).toEqual(['Superseded', 0]);
  await until(() => second.execution.stages[0]?.status === 'Succeeded');
  pipeline.enableStageTransition('Build');
  await second.finished;
  expect([second.execution.status, build.runs()]).toEqual(['Succeeded', 1]);
});
