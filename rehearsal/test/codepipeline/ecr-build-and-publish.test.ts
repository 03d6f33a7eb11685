import { jest } from '@jest/globals';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipFiles } from '../../src/archive/zip';
import { ecrBuildAndPublishAction } from '../../src/codepipeline/actions/ecr-build-and-publish-action';
import { ImageStore } from '../../src/ecr/image-store';
import { BuildFixture } from '../_helpers/build-fixture';
import { policyAuthorizer } from '../_helpers/policy-authorizer';
import { type TestAction, testPipeline } from './_helpers/test-pipeline';

// Real shells, on a machine that may be busy.
jest.setTimeout(60_000);

const HOST = '000000000000.dkr.ecr.ap-northeast-2.amazonaws.com';
const DIGEST = `sha256:${'d'.repeat(64)}`;

let fixture: BuildFixture;
beforeEach(async () => {
  fixture = await BuildFixture.create();
});
afterEach(() => fixture.remove());

/** Programs that say what they were called with; `docker push` of the tag `refused` fails. */
function programs(): string {
  const directory = join(fixture.scratch, 'programs');
  mkdirSync(directory, { recursive: true });
  const write = (name: string, script: string) => {
    writeFileSync(join(directory, name), `#!/bin/sh\necho "${name} $*"\n${script}\n`);
    chmodSync(join(directory, name), 0o755);
  };
  write('aws', '');
  write('docker', 'case "$*" in *:refused) [ "$1" != push ] ;; esac');
  return directory;
}

const source: TestAction = {
  name: 'Fetch',
  properties: { Namespace: 'Source', OutputArtifacts: [{ Name: 'Code' }] },
  run: async (run) => {
    const directory = await run.artifacts.scratchDirectory();
    const file = join(directory, 'Dockerfile');
    writeFileSync(file, 'FROM scratch\n');
    const zip = join(directory, 'code.zip');
    await zipFiles(
      ['Dockerfile', 'web/Dockerfile'].map((path) => ({ path, from: file })),
      zip,
    );
    await run.artifacts.store('Code', zip, run.caller);
    return { status: 'Succeeded', commit: 'c0ffee', outputVariables: { CommitId: 'c0ffee' } };
  },
};

async function publish(configuration: Record<string, string>, denied: readonly string[] = []) {
  const images = new ImageStore(
    '000000000000',
    'ap-northeast-2',
    fixture.clock,
    fixture.recorded.stream,
  );
  images.createRepository('shop');
  images.putImage({ repositoryName: 'shop', digest: DIGEST, tags: ['latest', 'c0ffee'], size: 1 });
  const path = `${programs()}:${process.env.PATH ?? ''}`;
  const runner = ecrBuildAndPublishAction({
    build: {
      ...fixture.deps,
      openSession: () => Promise.resolve({ env: { PATH: path }, close: () => undefined }),
    },
    images,
    authorizer: policyAuthorizer(denied),
  });
  const told: string[] = [];
  const made = testPipeline(join(fixture.scratch, 'pipeline'), {
    Source: [source],
    Build: [
      {
        name: 'Publish',
        run: runner,
        properties: {
          Namespace: 'Image',
          InputArtifacts: [{ Name: 'Code' }],
          Configuration: { ECRRepositoryName: 'shop', ...configuration },
        },
      },
    ],
    Tell: [
      {
        name: 'Tell',
        properties: {
          Configuration: { Text: '#{Image.ECRRepositoryName}@#{Image.ECRImageDigestId}' },
        },
        run: ({ action }) => {
          told.push(action.configuration['Text'] ?? '');
          return Promise.resolve({ status: 'Succeeded' });
        },
      },
    ],
  });
  const execution = await made.execute();
  const calls = fixture.log.filter((line) => line.startsWith('docker '));
  return { execution, calls, told };
}

test('builds the Dockerfile at the root and pushes it as latest unless told otherwise', async () => {
  const { execution, calls, told } = await publish({});
  expect(execution.status).toBe('Succeeded');
  expect(calls).toEqual([
    `docker login --username AWS --password-stdin ${HOST}`,
    `docker build -t ${HOST}/shop:latest .`,
    `docker push ${HOST}/shop:latest`,
  ]);
  expect(told).toEqual([`shop@${DIGEST}`]);
});

test.each([
  ['a directory', 'web', 'web'],
  ['the file itself', 'web/Dockerfile', '-f web/Dockerfile web'],
])('takes several tags, and %s as the place of the Dockerfile', async (_, DockerFilePath, args) => {
  const { calls } = await publish({ DockerFilePath, ImageTags: '#{Source.CommitId}, latest' });
  expect(calls.slice(1)).toEqual([
    `docker build -t ${HOST}/shop:c0ffee -t ${HOST}/shop:latest ${args}`,
    `docker push ${HOST}/shop:c0ffee`,
    `docker push ${HOST}/shop:latest`,
  ]);
});

test('fails when the push does, in the words of a build', async () => {
  const { execution } = await publish({ ImageTags: 'refused' });
  expect(execution.stages[1]?.actions[0]).toMatchObject({
    status: 'Failed',
    summary: expect.stringContaining('COMMAND_EXECUTION_ERROR') as string,
  });
});

test('fails without ecr:DescribeRepositories', async () => {
  const { execution } = await publish({}, ['ecr:DescribeRepositories']);
  expect(execution.stages[1]?.actions[0]?.summary).toContain('ecr:DescribeRepositories');
});
