import { buildProject } from '../_helpers/build-fixture';

describe('a build project of a template', () => {
  test('is complete with the defaults of CodeBuild', () => {
    expect(buildProject({ TimeoutInMinutes: undefined })).toMatchObject({
      name: 'api-build',
      arn: 'arn:aws:codebuild:ap-northeast-2:000000000000:project/api-build',
      timeoutMinutes: 60,
      source: { buildspec: undefined },
      cache: { type: 'NO_CACHE' },
      logs: { enabled: true, groupName: '/aws/codebuild/api-build' },
    });
  });

  test('takes numbers and booleans as text, as templates write them', () => {
    expect(buildProject({ TimeoutInMinutes: '45' }).timeoutMinutes).toBe(45);
  });

  test('logs where the template says', () => {
    const logs = (cloudWatch: object) =>
      buildProject({ LogsConfig: { CloudWatchLogs: cloudWatch } }).logs;
    expect(logs({ Status: 'ENABLED', GroupName: '/my/group', StreamName: 'api' })).toEqual({
      enabled: true,
      groupName: '/my/group',
      streamPrefix: 'api',
    });
    expect(logs({ Status: 'DISABLED' }).enabled).toBe(false);
  });

  test.each([
    [{ TimeoutInMinutes: 4 }, 'TimeoutInMinutes'],
    [{ ServiceRole: undefined }, 'ServiceRole'],
    [
      { Environment: { Type: 'WINDOWS_SERVER_2022_CONTAINER', ComputeType: 'x', Image: 'y' } },
      'Environment.Type',
    ],
    [{ Cache: { Type: 'DISK' } }, 'Cache.Type'],
  ])('%j is refused with stack, resource and property', (properties, property) => {
    const message = expect.stringMatching(
      new RegExp(`AWS::CodeBuild::Project 'BuildProject' in stack 'CicdStack'[^]*${property}: `),
    ) as string;
    expect(() => buildProject(properties)).toThrow(
      expect.objectContaining({ code: 'PropertyInvalid', message }) as Error,
    );
  });
});
