import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActionRun } from '../../src/codepipeline/actions/action';
import {
  type EcsDeployActionServices,
  ecsDeployAction,
} from '../../src/codepipeline/actions/ecs-deploy-action';

let scratch: string;
beforeEach(() => (scratch = mkdtempSync(join(tmpdir(), 'ecs-deploy-action-'))));
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

it.each(['../secret.json', 'a/../../secret.json', '..'])(
  'the image definitions file %s is outside of the artifact, so it does not exist',
  async (FileName) => {
    const artifact = join(scratch, 'artifact');
    mkdirSync(artifact);
    writeFileSync(join(scratch, 'secret.json'), '[{"name":"web","imageUri":"x"}]');
    const run = {
      action: { configuration: { FileName }, inputArtifacts: ['Build'] },
      artifacts: { unpack: () => Promise.resolve(artifact) },
    } as unknown as ActionRun;

    const result = await ecsDeployAction({} as EcsDeployActionServices)(run);

    expect(result).toMatchObject({
      status: 'Failed',
      errorCode: 'ConfigurationError',
      summary: expect.stringContaining(FileName) as string,
    });
    expect(result.summary).not.toContain('web');
  },
);
