import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipFiles } from '../../../src/archive/zip';
import type { ActionResult, ActionRunner } from '../../../src/codepipeline/actions/action';
import { ArtifactStore } from '../../../src/codepipeline/artifact-store';
import { Pipeline } from '../../../src/codepipeline/pipeline';
import { readPipeline } from '../../../src/codepipeline/pipeline-definition';
import type { StartRequest } from '../../../src/codepipeline/start-request';
import type { AwsEvent, RehearsalEvent } from '../../../src/events';
import type { Authorizer } from '../../../src/iam/authorizer';
import { deployedResource } from '../../_helpers/deployed-resource';
import { ManualClock } from '../../_helpers/manual-clock';
import { recordingEvents } from '../../_helpers/recording-events';

export const everythingAllowed: Authorizer = { authorize: () => ({ allowed: true }) };
export const succeed: ActionResult = { status: 'Succeeded' };
export const fail: ActionResult = { status: 'Failed', errorCode: 'JobFailed', summary: 'it broke' };

export interface TestAction {
  readonly name: string;
  readonly run: ActionRunner;
  /** `category/owner/provider/version`, where it matters; otherwise each action has its own */
  readonly type?: string;
  readonly properties?: Record<string, unknown>;
}

export interface TestStage {
  readonly actions: readonly TestAction[];
  readonly properties?: Record<string, unknown>;
}

/**
 * A V2 pipeline whose actions are functions of the test; each gets a type of its own.
 *
 * @param rules runners of rules of conditions, by type
 */
export function testPipeline(
  scratch: string,
  stages: Readonly<Record<string, TestStage | readonly TestAction[]>>,
  properties: Record<string, unknown> = {},
  rules: (clock: ManualClock) => Readonly<Record<string, ActionRunner>> = () => ({}),
) {
  const { stream, events } = recordingEvents();
  const clock = new ManualClock();
  const runners = new Map<string, ActionRunner>(Object.entries(rules(clock)));
  const resource = deployedResource(
    'AWS::CodePipeline::Pipeline',
    {
      RoleArn: 'arn:aws:iam::000000000000:role/pipeline',
      ArtifactStore: { Location: 'artifacts' },
      PipelineType: 'V2',
      Stages: Object.entries(stages).map(([stage, value]) => {
        const { actions, properties: own } =
          'actions' in value ? value : { actions: value, properties: {} };
        return {
          Name: stage,
          ...own,
          Actions: actions.map(({ name, run, properties: ofAction, ...given }) => {
            const ownType = `${stage === 'Source' ? 'Source' : 'Build'}/AWS/${stage}-${name}/1`;
            const { type = ownType } = given;
            const [Category, Owner, Provider, Version] = type.split('/');
            runners.set(type, run);
            return {
              Name: name,
              ActionTypeId: { Category, Owner, Provider, Version },
              ...ofAction,
            };
          }),
        };
      }),
      ...properties,
    },
    { physicalId: 'the-pipeline' },
  );
  const pipeline = new Pipeline(readPipeline(resource), {
    clock,
    events: stream,
    authorizer: everythingAllowed,
    artifacts: new ArtifactStore(join(scratch, 'artifacts'), everythingAllowed),
    runners,
  });
  const start = (request: Partial<StartRequest> = {}) =>
    pipeline.start({
      triggerType: 'StartPipelineExecution',
      triggerDetail: 'arn:aws:iam::000000000000:user/me',
      ...request,
    });
  const execute = async (request: Partial<StartRequest> = {}) => {
    const { execution, finished } = start(request);
    await finished;
    return execution;
  };
  return { pipeline, clock, start, execute, states: () => statesOf(events) };
}

/** `Pipeline FAILED`, `Stage Build STARTED`, `Action Build.Test FAILED`, … in order. */
export function statesOf(events: readonly RehearsalEvent[]): string[] {
  return events
    .filter((event): event is AwsEvent => event.kind === 'aws')
    .map(({ 'detail-type': type, detail }) => {
      const level = type.split(' ')[1] ?? '';
      const place = [detail['stage'], detail['action']].filter(Boolean).join('.');
      return [level, place, detail['state']].filter(Boolean).join(' ');
    });
}

/** An action that does what the next function says, and the last one ever after. */
export function action(
  name: string,
  results: readonly (ActionResult | Promise<ActionResult>)[] = [succeed],
  properties: Record<string, unknown> = {},
): TestAction & { readonly runs: () => number } {
  let runs = 0;
  return {
    name,
    properties,
    runs: () => runs,
    run: () => {
      const result = results[Math.min(runs, results.length - 1)] ?? succeed;
      runs += 1;
      return Promise.resolve(result);
    },
  };
}

/** A source that makes the artifact `Code` and the namespace `Source` with `CommitId`. */
export function source(commits: readonly string[] = ['c0ffee']): TestAction {
  let runs = 0;
  return {
    name: 'Fetch',
    properties: { Namespace: 'Source', OutputArtifacts: [{ Name: 'Code' }] },
    run: async (run) => {
      const commit = run.requestedCommit ?? commits[Math.min(runs, commits.length - 1)] ?? '';
      runs += 1;
      const directory = await run.artifacts.scratchDirectory();
      const file = join(directory, 'commit.txt');
      writeFileSync(file, commit);
      const zip = join(directory, 'code.zip');
      await zipFiles([{ path: 'commit.txt', from: file }], zip);
      await run.artifacts.store('Code', zip, run.caller);
      return { ...succeed, commit, outputVariables: { CommitId: commit } };
    },
  };
}

/** A result that comes when the test says so. */
export function gate(): { readonly result: Promise<ActionResult>; open(as?: ActionResult): void } {
  let open: (as: ActionResult) => void = () => undefined;
  const result = new Promise<ActionResult>((resolve) => (open = resolve));
  return { result, open: (as = succeed) => open(as) };
}

/** Lets everything run until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 20_000 && !condition(); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  if (!condition()) throw new Error('the condition never held');
}
