import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { zipFiles } from '../../src/archive/zip';
import type { ActionResult, ActionRunner } from '../../src/codepipeline/actions/action';
import { ArtifactStore } from '../../src/codepipeline/artifact-store';
import { Pipeline } from '../../src/codepipeline/pipeline';
import { readPipeline } from '../../src/codepipeline/pipeline-definition';
import type { AwsEvent } from '../../src/events';
import type { Authorizer } from '../../src/iam/authorizer';
import { deployedResource } from '../_helpers/deployed-resource';
import { ManualClock } from '../_helpers/manual-clock';
import { recordingEvents } from '../_helpers/recording-events';
import { scratchDirectory } from '../_helpers/scratch-directory';

const scratch = scratchDirectory();
const everythingAllowed: Authorizer = { authorize: () => ({ allowed: true }) };
const succeed: ActionResult = { status: 'Succeeded' };

interface TestAction {
  readonly name: string;
  readonly run: ActionRunner;
  readonly properties?: Record<string, unknown>;
}

/** A pipeline whose actions are functions of the test; each gets a type of its own. */
function pipelineOf(stages: Record<string, TestAction[]>, authorizer = everythingAllowed) {
  const { stream, events } = recordingEvents();
  const runners = new Map<string, ActionRunner>();
  const resource = deployedResource(
    'AWS::CodePipeline::Pipeline',
    {
      RoleArn: 'arn:aws:iam::000000000000:role/pipeline',
      ArtifactStore: { Location: 'artifacts' },
      Stages: Object.entries(stages).map(([Name, actions]) => ({
        Name,
        Actions: actions.map(({ name, run, properties }) => {
          runners.set(`Build/AWS/${name}/1`, run);
          return {
            Name: name,
            ActionTypeId: { Category: 'Build', Owner: 'AWS', Provider: name, Version: '1' },
            ...properties,
          };
        }),
      })),
    },
    { physicalId: 'the-pipeline' },
  );
  const pipeline = new Pipeline(readPipeline(resource), {
    clock: new ManualClock(),
    events: stream,
    authorizer,
    artifacts: new ArtifactStore(join(scratch, 'artifacts'), authorizer),
    runners,
  });
  const execute = async () => {
    const { execution, finished } = pipeline.start({
      triggerType: 'StartPipelineExecution',
      triggerDetail: 'test',
    });
    await finished;
    return execution;
  };
  return { pipeline, execute, events };
}

const source: TestAction = {
  name: 'Fetch',
  properties: { Namespace: 'Source', OutputArtifacts: [{ Name: 'Code' }] },
  run: async (run) => {
    const directory = await run.artifacts.scratchDirectory();
    writeFileSync(join(directory, 'hello.txt'), 'hello');
    const zip = join(directory, 'code.zip');
    await zipFiles([{ path: 'hello.txt', from: join(directory, 'hello.txt') }], zip);
    await run.artifacts.store('Code', zip, run.caller);
    return { ...succeed, commit: 'c0ffee', outputVariables: { CommitId: 'c0ffee' } };
  },
};

it('hands artifacts and variables from action to action and ends Succeeded', async () => {
  const seen: string[] = [];
  const { execute } = pipelineOf({
    Source: [source],
    Build: [
      {
        name: 'Build',
        properties: {
          InputArtifacts: [{ Name: 'Code' }],
          Configuration: { Tag: 'v-#{Source.CommitId}' },
        },
        run: async (run) => {
          const directory = await run.artifacts.unpack('Code', run.caller);
          seen.push(directory, run.action.configuration['Tag'] ?? '', run.commit ?? '');
          return succeed;
        },
      },
    ],
  });
  const execution = await execute();
  expect(execution).toMatchObject({ status: 'Succeeded', commit: 'c0ffee' });
  expect(seen.slice(1)).toEqual(['v-c0ffee', 'c0ffee']);
});

it('stops after a failed action: later orders and stages never start', async () => {
  const ran: string[] = [];
  const note = (name: string, result: ActionResult = succeed): TestAction => ({
    name,
    run: () => {
      ran.push(name);
      return Promise.resolve(result);
    },
  });
  const { execute } = pipelineOf({
    Source: [source],
    Deploy: [
      note('Deploy', { status: 'Failed', errorCode: 'JobFailed', summary: 'it broke' }),
      { ...note('Record'), properties: { RunOrder: 2 } },
    ],
    After: [note('After')],
  });
  const execution = await execute();
  expect(ran).toEqual(['Deploy']);
  expect(execution.status).toBe('Failed');
  expect(execution.stages.map(({ name, status }) => [name, status])).toEqual([
    ['Source', 'Succeeded'],
    ['Deploy', 'Failed'],
  ]);
});

it('puts the reason of a failed action, not of the execution, on the event bus', async () => {
  const { execute, events } = pipelineOf({
    Source: [source],
    Deploy: [
      {
        name: 'Deploy',
        run: () =>
          Promise.resolve({ status: 'Failed', errorCode: 'JobFailed', summary: 'it broke' }),
      },
    ],
  });
  await execute();
  const failed = events.filter(
    (event): event is AwsEvent => event.kind === 'aws' && event.detail['state'] === 'FAILED',
  );
  expect(failed.map((event) => [event['detail-type'], event.detail['execution-result']])).toEqual([
    [
      'CodePipeline Action Execution State Change',
      { 'external-execution-summary': 'it broke', 'error-code': 'JobFailed' },
    ],
    ['CodePipeline Stage Execution State Change', undefined],
    ['CodePipeline Pipeline Execution State Change', undefined],
  ]);
});

it('fails the action, in the words of IAM, when its role may not read the artifact', async () => {
  const deniesReads: Authorizer = {
    authorize: ({ action }) =>
      action === 's3:GetObject'
        ? { allowed: false, message: 'not authorized to perform: s3:GetObject' }
        : { allowed: true },
  };
  const { execute } = pipelineOf(
    {
      Source: [source],
      Build: [
        {
          name: 'Build',
          properties: { InputArtifacts: [{ Name: 'Code' }] },
          run: async (run) => {
            await run.artifacts.unpack('Code', run.caller);
            return succeed;
          },
        },
      ],
    },
    deniesReads,
  );
  const execution = await execute();
  expect(execution.status).toBe('Failed');
  expect(execution.stages[1]?.actions[0]?.summary).toContain('s3:GetObject');
});

it('assumes the role of an action as the pipeline role, and fails when it may not', async () => {
  const asked: unknown[] = [];
  const roleArn = 'arn:aws:iam::000000000000:role/deploy';
  const deniesAssume: Authorizer = {
    authorize: ({ caller, action, resource }) => {
      asked.push([caller.kind === 'role' ? caller.roleArn : caller.kind, action, resource]);
      return resource === roleArn
        ? { allowed: false, message: 'not authorized to perform: sts:AssumeRole' }
        : { allowed: true };
    },
  };
  const { execute } = pipelineOf(
    {
      Source: [source],
      Deploy: [
        { name: 'Deploy', properties: { RoleArn: roleArn }, run: () => Promise.resolve(succeed) },
      ],
    },
    deniesAssume,
  );
  expect((await execute()).status).toBe('Failed');
  expect(asked).toContainEqual([expect.stringMatching(/:role\/.+/), 'sts:AssumeRole', roleArn]);
});

it('fails the first action when the pipeline’s role does not trust CodePipeline', async () => {
  const trustsNobody: Authorizer = {
    authorize: ({ caller, action }) =>
      caller.kind === 'service' &&
      caller.service === 'codepipeline.amazonaws.com' &&
      action === 'sts:AssumeRole'
        ? { allowed: false, message: `${caller.sourceArn ?? ''} is not trusted` }
        : { allowed: true },
  };
  const build = { name: 'Build', run: () => Promise.resolve(succeed) };
  const execution = await pipelineOf({ Source: [source], Build: [build] }, trustsNobody).execute();

  expect(execution.stages.map(({ status }) => status)).toEqual(['Failed']);
  expect(execution.stages[0]?.actions[0]?.summary).toMatch(
    /^arn:aws:codepipeline:[^:]+:000000000000:.+ is not trusted$/,
  );
});

it('fails the action whose configuration names a variable that nobody produced', async () => {
  const { execute } = pipelineOf({
    Source: [source],
    Build: [
      {
        name: 'Build',
        properties: { Configuration: { Tag: '#{Nowhere.TAG}' } },
        run: () => Promise.resolve(succeed),
      },
    ],
  });
  const execution = await execute();
  expect(execution.status).toBe('Failed');
  expect(execution.stages[1]?.actions[0]?.summary).toContain('#{Nowhere.TAG}');
});

it('supersedes the execution that waits for a busy stage when a newer one arrives', async () => {
  let release = () => {};
  const busy = new Promise<void>((resolve) => (release = resolve));
  const { pipeline } = pipelineOf({
    Source: [source],
    Build: [{ name: 'Build', run: () => busy.then(() => succeed) }],
  });
  const request = { triggerType: 'StartPipelineExecution', triggerDetail: 'test' } as const;
  const started: ReturnType<Pipeline['start']>[] = [];
  const inBuild = async (count: number) => {
    while (
      pipeline.executions.filter(({ stages }) => stages[0]?.status === 'Succeeded').length < count
    ) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  for (const count of [1, 2, 3]) {
    started.push(pipeline.start(request));
    await inBuild(count);
  }
  release();
  await Promise.all(started.map(({ finished }) => finished));
  expect(pipeline.executions.map(({ status }) => status)).toEqual([
    'Succeeded',
    'Superseded',
    'Succeeded',
  ]);
});

it('refuses an action type that it does not play, naming stage, action and type', () => {
  const resource = deployedResource('AWS::CodePipeline::Pipeline', {
    RoleArn: 'r',
    ArtifactStore: { Location: 'b' },
    Stages: ['Source', 'Deploy'].map((Name) => ({
      Name,
      Actions: [
        {
          Name: 'Go',
          ActionTypeId: { Category: 'Deploy', Owner: 'AWS', Provider: 'CodeDeploy', Version: '1' },
        },
      ],
    })),
  });
  const create = () =>
    new Pipeline(readPipeline(resource), {
      clock: new ManualClock(),
      events: recordingEvents().stream,
      authorizer: everythingAllowed,
      artifacts: new ArtifactStore(scratch, everythingAllowed),
      runners: new Map([['Deploy/AWS/ECS/1', () => Promise.resolve(succeed)]]),
    });
  expect(create).toThrow(
    /'Go' of stage 'Source'.*'Deploy\/AWS\/CodeDeploy\/1', which is not played; played: Deploy\/AWS\/ECS\/1/,
  );
});
