import { jest } from '@jest/globals';
import { BuildFixture, buildProject } from '../_helpers/build-fixture';
import { policyAuthorizer } from '../_helpers/policy-authorizer';

// Real shells, on a machine that may be busy.
jest.setTimeout(60_000);

const OWN_IMAGE = '000000000000.dkr.ecr.ap-northeast-2.amazonaws.com/tools/builder:3';
const OWN_ARN = 'arn:aws:ecr:ap-northeast-2:000000000000:repository/tools/builder';
const SPEC = 'version: 0.2\nphases: { build: { commands: [echo built] } }\n';

let fixture: BuildFixture;
beforeEach(async () => {
  fixture = await BuildFixture.create();
});
afterEach(() => fixture.remove());

async function build(
  Image: string,
  ImagePullCredentialsType: string | undefined,
  denied: readonly string[] = [],
) {
  const authorizer = policyAuthorizer(denied);
  const project = buildProject({
    Environment: {
      Type: 'LINUX_CONTAINER',
      ComputeType: 'BUILD_GENERAL1_SMALL',
      Image,
      ...(ImagePullCredentialsType !== undefined && { ImagePullCredentialsType }),
    },
  });
  const result = await fixture.build(SPEC, { project }, { authorizer });
  const pulls = authorizer.requests.filter(({ action }) => action.startsWith('ecr:'));
  return { result, pulls };
}

describe('the build image of a repository in ECR', () => {
  test('is pulled with the permissions of the role when the project says so', async () => {
    const { result, pulls } = await build(OWN_IMAGE, 'SERVICE_ROLE');
    expect(result.status).toBe('SUCCEEDED');
    expect(pulls.map(({ caller, action, resource }) => [caller.kind, action, resource])).toEqual([
      ['role', 'ecr:GetAuthorizationToken', '*'],
      ['role', 'ecr:BatchGetImage', OWN_ARN],
      ['role', 'ecr:GetDownloadUrlForLayer', OWN_ARN],
    ]);
  });

  test('is pulled by CodeBuild itself otherwise, which the repository must let in', async () => {
    const { pulls } = await build(OWN_IMAGE, undefined);
    expect(pulls.map(({ caller }) => caller)).toMatchObject([
      { kind: 'service', service: 'codebuild.amazonaws.com' },
      { kind: 'service', service: 'codebuild.amazonaws.com' },
    ]);
  });

  test('that may not be pulled fails the build before its first command', async () => {
    const { result } = await build(OWN_IMAGE, 'SERVICE_ROLE', ['ecr:BatchGetImage']);
    expect(result.failure).toMatch(
      /Phase: PROVISIONING, Code: BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE, Message: Unable to pull customer's container image\. User: .* not authorized to perform: ecr:BatchGetImage/,
    );
    expect(fixture.log).not.toContain('built');
  });
});

test('an image that CodeBuild keeps itself needs no permission', async () => {
  const { result, pulls } = await build('aws/codebuild/standard:7.0', 'CODEBUILD');
  expect([result.status, pulls.length]).toEqual(['SUCCEEDED', 0]);
});
