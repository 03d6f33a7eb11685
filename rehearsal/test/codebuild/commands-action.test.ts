import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { unzip } from '../../src/archive/zip';
import { type CommandsRequest, runCommandsAction } from '../../src/codebuild/commands-action';
import { BuildFixture } from '../_helpers/build-fixture';

let fixture: BuildFixture;
beforeEach(async () => {
  fixture = await BuildFixture.create();
});
afterEach(() => fixture.remove());

const caller = {
  kind: 'role',
  roleArn: 'arn:aws:iam::000000000000:role/record',
  sessionName: 'record',
} as const;

const run = (request: Partial<CommandsRequest>) =>
  runCommandsAction(
    {
      pipelineName: 'api-pipeline',
      actionName: 'Record_Release',
      commands: ['true'],
      environment: [],
      caller,
      outputVariables: [],
      artifactDirectory: join(fixture.scratch, 'artifacts'),
      ...request,
    },
    fixture.deps,
  );

describe('a Commands action', () => {
  test('runs its commands on the input, as its own role, and hands variables and files on', async () => {
    const result = await run({
      inputDirectory: await fixture.source({ 'imageDefinitions.json': '[{"tag":"abc"}]' }),
      commands: [
        `TAG=$(sed -E 's/.*"tag":"([a-z]+)".*/\\1/' imageDefinitions.json)`,
        'export IMAGE_TAG="$STAGE-$TAG"',
        'echo "$IMAGE_TAG" > tag.txt',
      ],
      environment: [{ name: 'STAGE', type: 'PLAINTEXT', value: 'dev' }],
      outputVariables: ['IMAGE_TAG'],
      outputFiles: { Tag: ['*.txt'] },
    });
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      exportedVariables: { IMAGE_TAG: 'dev-abc' },
    });
    await unzip(result.artifacts.Tag!, join(fixture.scratch, 'tag'));
    expect(await readFile(join(fixture.scratch, 'tag/tag.txt'), 'utf8')).toBe('dev-abc\n');
    expect(fixture.callers).toEqual([caller]);
  });

  test('logs under the name of the pipeline; the bus sees no build', async () => {
    await run({ commands: ['echo hello'] });
    const groups = fixture.recorded.events.filter((event) => event.kind === 'log');
    expect(new Set(groups.map(({ group }) => group))).toEqual(
      new Set(['/aws/codepipeline/api-pipeline']),
    );
    expect(fixture.awsEvents).toEqual([]);
  });

  test('stops at the first command that fails', async () => {
    const result = await run({ commands: ['exit 3', 'echo no'] });
    expect(result.failure).toContain(
      'Error while executing command: exit 3. Reason: exit status 3',
    );
    expect(fixture.log).not.toContain('no');
  });

  test.each([
    [[], 'should have 1 to 50 commands, got 0'],
    [Array<string>(51).fill('true'), 'should have 1 to 50 commands, got 51'],
    [['x'.repeat(1001)], 'has a command of 1001 characters, at most 1000 are allowed'],
    [['one\ntwo'], 'has a command of several lines'],
  ])('refuses commands that CodePipeline does not take (%#)', async (commands, message) => {
    await expect(run({ commands })).rejects.toThrow(
      `the Commands action 'Record_Release' ${message}`,
    );
  });
});
