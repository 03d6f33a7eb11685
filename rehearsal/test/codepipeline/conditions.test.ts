import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchDirectory } from '../_helpers/scratch-directory';
import { action, fail, source, succeed, testPipeline } from './_helpers/test-pipeline';

const scratch = scratchDirectory();

const check = (result: string, operator: string, value: string) => ({
  Conditions: [
    {
      Result: result,
      Rules: [
        {
          Name: 'OnlyThisCommit',
          RuleTypeId: { Category: 'Rule', Owner: 'AWS', Provider: 'VariableCheck', Version: '1' },
          Configuration: { Variable: '#{Source.CommitId}', Value: value, Operator: operator },
        },
      ],
    },
  ],
});

describe('a condition before entry', () => {
  const withEntry = (condition: unknown) => {
    const build = action('Build');
    const after = action('After');
    const made = testPipeline(scratch, {
      Source: [source()],
      Build: { actions: [build], properties: { BeforeEntry: condition } },
      After: [after],
    });
    return { ...made, build, after };
  };

  it.each([
    ['EQ', 'c0ffee', true],
    ['EQ', 'c0ff', false],
    ['NE', 'c0ff', true],
    ['NE', 'c0ffee', false],
    ['CONTAINS', 'ff', true],
    ['CONTAINS', 'tea', false],
    ['MATCHES', '[0-9a-f]+', true],
    ['MATCHES', '[0-9]+', false],
  ])('lets the execution in when the variable %s %s: %s', async (operator, value, isMet) => {
    const { execute, build } = withEntry(check('SKIP', operator, value));
    await execute();
    expect(build.runs()).toBe(isMet ? 1 : 0);
  });

  it('skips the stage, and the execution goes on', async () => {
    const { execute, build, after, states } = withEntry(check('SKIP', 'EQ', 'another'));
    const execution = await execute();
    expect([build.runs(), after.runs(), execution.status]).toEqual([0, 1, 'Succeeded']);
    expect(execution.stages[1]).toMatchObject({
      status: 'Skipped',
      summary: "rule OnlyThisCommit: 'c0ffee' EQ 'another' does not hold",
    });
    expect(states().some((state) => state.startsWith('Stage Build'))).toBe(false);
  });

  it('fails the stage, and the execution with it', async () => {
    const { execute, build, after } = withEntry(check('FAIL', 'EQ', 'another'));
    const execution = await execute();
    expect([build.runs(), after.runs(), execution.status]).toEqual([0, 0, 'Failed']);
  });

  it('with a pattern that is none does not hold, and says so', async () => {
    const { execute } = withEntry(check('FAIL', 'MATCHES', '('));
    const execution = await execute();
    expect(execution.stages[1]?.summary).toContain(
      "rule OnlyThisCommit: the value of VariableCheck, '^(?:()$', is no regular expression",
    );
  });
});

describe('a stage that fails', () => {
  it('is retried once, all of it, when its pipeline asks for that', async () => {
    const good = action('Good');
    const flaky = action('Flaky', [fail, succeed]);
    const { execute, states } = testPipeline(scratch, {
      Source: [source()],
      Build: { actions: [good, flaky], properties: { OnFailure: { Result: 'RETRY' } } },
    });
    const execution = await execute();
    expect(execution).toMatchObject({ status: 'Succeeded', attempt: 2 });
    expect([good.runs(), flaky.runs()]).toEqual([2, 2]);
    expect(states().filter((state) => state.startsWith('Stage Build'))).toEqual([
      'Stage Build STARTED',
      'Stage Build FAILED',
      'Stage Build RESUMED',
      'Stage Build SUCCEEDED',
    ]);
  });

  it('is retried with its failed actions only, and only once', async () => {
    const good = action('Good');
    const broken = action('Broken', [fail]);
    const retry = { Result: 'RETRY', RetryConfiguration: { RetryMode: 'FAILED_ACTIONS' } };
    const { execute } = testPipeline(scratch, {
      Source: [source()],
      Build: { actions: [good, broken], properties: { OnFailure: retry } },
    });
    const execution = await execute();
    expect(execution.status).toBe('Failed');
    expect([good.runs(), broken.runs()]).toEqual([1, 2]);
  });

  it('rolls back: the last execution that succeeded in it runs again there, and only there', async () => {
    const deployed: string[] = [];
    const built = action('Build');
    const { pipeline, execute } = testPipeline(scratch, {
      Source: [source(['good', 'bad'])],
      Build: [built],
      Deploy: {
        properties: { OnFailure: { Result: 'ROLLBACK' } },
        actions: [
          {
            name: 'Deploy',
            properties: { InputArtifacts: [{ Name: 'Code' }] },
            run: async (run) => {
              const directory = await run.artifacts.unpack('Code', run.caller);
              const commit = readFileSync(join(directory, 'commit.txt'), 'utf8');
              deployed.push(commit);
              return commit === 'bad' ? fail : succeed;
            },
          },
        ],
      },
    });
    const good = await execute();
    const bad = await execute();
    expect(bad.status).toBe('Failed');
    expect(pipeline.executions[2]).toMatchObject({
      type: 'ROLLBACK',
      status: 'Succeeded',
      commit: 'good',
      rollbackTarget: good.id,
      trigger: { type: 'AutomatedRollback', detail: bad.id },
      stages: [{ name: 'Deploy', status: 'Succeeded' }],
    });
    expect(deployed).toEqual(['good', 'bad', 'good']);
    expect(built.runs()).toBe(2);
  });

  it('does not roll back when nothing ever succeeded in it', async () => {
    const { pipeline, execute } = testPipeline(scratch, {
      Source: [source()],
      Deploy: {
        actions: [action('Deploy', [fail])],
        properties: { OnFailure: { Result: 'ROLLBACK' } },
      },
    });
    await execute();
    expect(pipeline.executions).toHaveLength(1);
  });
});

describe('a condition on failure', () => {
  it.each([
    ['that fails rolls the stage back', 'NE', ['STANDARD', 'STANDARD', 'ROLLBACK']],
    ['that is met leaves the failure as it is', 'EQ', ['STANDARD', 'STANDARD']],
  ])('%s', async (_, operator, types) => {
    const { pipeline, execute } = testPipeline(scratch, {
      Source: [source(['good', 'bad'])],
      Deploy: {
        actions: [action('Deploy', [succeed, fail, succeed])],
        properties: { OnFailure: check('ROLLBACK', operator, 'bad') },
      },
    });
    await execute();
    const failed = await execute();
    expect(failed.status).toBe('Failed');
    expect(pipeline.executions.map(({ type }) => type)).toEqual(types);
  });

  it('is not asked while the stage succeeds', async () => {
    const { execute } = testPipeline(scratch, {
      Source: [source()],
      Deploy: {
        actions: [action('Deploy')],
        properties: { OnFailure: check('ROLLBACK', 'EQ', 'another') },
      },
    });
    expect((await execute()).status).toBe('Succeeded');
  });
});

describe('a condition on success', () => {
  it('fails the stage although its actions succeeded', async () => {
    const after = action('After');
    const { execute } = testPipeline(scratch, {
      Source: [source()],
      Build: {
        actions: [action('Build')],
        properties: { OnSuccess: check('FAIL', 'NE', 'c0ffee') },
      },
      After: [after],
    });
    const execution = await execute();
    expect([execution.status, after.runs()]).toEqual(['Failed', 0]);
  });

  it('rolls the stage back', async () => {
    const { pipeline, execute } = testPipeline(scratch, {
      Source: [source(['good', 'bad'])],
      Deploy: {
        actions: [action('Deploy')],
        properties: { OnSuccess: check('ROLLBACK', 'NE', 'bad') },
      },
    });
    await execute();
    await execute();
    expect(pipeline.executions.map(({ type, commit, status }) => [type, commit, status])).toEqual([
      ['STANDARD', 'good', 'Succeeded'],
      ['STANDARD', 'bad', 'Failed'],
      ['ROLLBACK', 'good', 'Succeeded'],
    ]);
  });
});

describe('pipeline variables', () => {
  const tagged = (tags: string[]) => ({
    Source: [source()],
    Build: [
      {
        name: 'Build',
        properties: { Configuration: { Tag: '#{variables.TAG}' } },
        run: (run: { action: { configuration: Readonly<Record<string, string>> } }) => {
          tags.push(run.action.configuration['Tag'] ?? '');
          return Promise.resolve(succeed);
        },
      },
    ],
  });

  it('have their default unless whoever starts the pipeline gives another value', async () => {
    const tags: string[] = [];
    const { execute } = testPipeline(scratch, tagged(tags), {
      Variables: [{ Name: 'TAG', DefaultValue: 'stable' }],
    });
    await execute();
    await execute({ variables: { TAG: 'edge' } });
    expect(tags).toEqual(['stable', 'edge']);
  });

  it('without default and value fail the action that reads them', async () => {
    const { execute } = testPipeline(scratch, tagged([]), { Variables: [{ Name: 'TAG' }] });
    const execution = await execute();
    expect(execution.stages[1]?.actions[0]).toMatchObject({
      status: 'Failed',
      summary: expect.stringContaining('#{variables.TAG}') as string,
    });
  });
});

it('a source revision that the trigger asks for wins over the newest commit', async () => {
  const { execute } = testPipeline(scratch, {
    Source: [source(['newest'])],
    Build: [action('Build')],
  });
  const sourceRevisions = [{ actionName: 'Fetch', commit: 'older' }];
  expect((await execute({ sourceRevisions })).commit).toBe('older');
});
