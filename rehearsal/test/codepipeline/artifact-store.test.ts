import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipFiles } from '../../src/archive/zip';
import { ArtifactStore } from '../../src/codepipeline/artifact-store';
import { readPipeline } from '../../src/codepipeline/pipeline-definition';
import type { Caller } from '../../src/iam/authorizer';
import { deployedResource } from '../_helpers/deployed-resource';
import { policyAuthorizer } from '../_helpers/policy-authorizer';

const key = 'arn:aws:kms:eu-west-1:000000000000:key/one';
const caller: Caller = {
  kind: 'role',
  roleArn: 'arn:aws:iam::000000000000:role/build',
  sessionName: 'one',
};
const stage = (Name: string) => ({
  Name,
  Actions: [
    { Name, ActionTypeId: { Category: 'Build', Owner: 'AWS', Provider: 'X', Version: '1' } },
  ],
});
const pipeline = (EncryptionKey?: object) =>
  readPipeline(
    deployedResource('AWS::CodePipeline::Pipeline', {
      RoleArn: 'arn:aws:iam::000000000000:role/pipeline',
      ArtifactStore: { Location: 'artifacts', EncryptionKey },
      Stages: [stage('One'), stage('Two')],
    }),
  );

let scratch: string;
beforeEach(() => (scratch = mkdtempSync(join(tmpdir(), 'artifact-store-'))));
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

async function storeAndUnpack(definition: ReturnType<typeof pipeline>, denied: string[] = []) {
  const authorizer = policyAuthorizer(denied);
  const access = new ArtifactStore(scratch, authorizer, [key]).forExecution(definition, 'id');
  writeFileSync(join(scratch, 'a.txt'), 'a');
  const zipPath = join(scratch, 'a.zip');
  await zipFiles([{ path: 'a.txt', from: join(scratch, 'a.txt') }], zipPath);
  await access.store('Source', zipPath, caller);
  await access.unpack('Source', caller);
  return authorizer.requests;
}

it('asks for the key that encrypts the artifacts, through S3, as whoever writes and reads them', async () => {
  const requests = await storeAndUnpack(pipeline({ Id: key, Type: 'KMS' }));

  expect(requests.map(({ action }) => action)).toEqual([
    's3:PutObject',
    'kms:GenerateDataKey',
    's3:GetObject',
    'kms:Decrypt',
  ]);
  expect(requests[1]).toMatchObject({
    caller,
    resource: key,
    context: { 'kms:ViaService': expect.stringMatching(/^s3\..+\.amazonaws\.com$/) },
  });
});

it('asks for no key where AWS’s own encrypts, nor for one whose policy nobody knows', async () => {
  const elsewhere = { Id: `${key}-elsewhere`, Type: 'KMS' };

  for (const definition of [pipeline(), pipeline(elsewhere)]) {
    const requests = await storeAndUnpack(definition);
    expect(requests.map(({ action }) => action)).toEqual(['s3:PutObject', 's3:GetObject']);
  }
});

it('stores nothing when the key is denied', async () => {
  await expect(
    storeAndUnpack(pipeline({ Id: key, Type: 'KMS' }), ['kms:GenerateDataKey']),
  ).rejects.toThrow('not authorized to perform: kms:GenerateDataKey');
});

it('tells S3 that artifacts are encrypted, so that a bucket may insist', async () => {
  const [put] = await storeAndUnpack(pipeline());

  expect(put?.context).toEqual({ 's3:x-amz-server-side-encryption': 'aws:kms' });
});

it('an artifact that its action did not make fails whoever reads it', async () => {
  const authorizer = policyAuthorizer();
  const access = new ArtifactStore(scratch, authorizer).forExecution(pipeline(), 'id');

  await expect(access.unpack('Build', caller)).rejects.toThrow(
    /^Unable to access the artifact with Amazon S3 object key 'thing\/Build\/id' located in the Amazon S3 artifact bucket 'artifacts': the action that makes 'Build' has stored nothing\.$/,
  );
});
