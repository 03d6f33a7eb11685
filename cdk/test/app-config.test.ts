import {
  type AppConfigSources,
  type GitHubSettings,
  parseGitHubUrl,
  readAppConfig,
} from '../lib/app-config';

const AS_CLONED: GitHubSettings = {
  githubOwner: 'your-github-username',
  githubRepo: 'your-repo-name',
  githubBranch: 'main',
};

type Situation = Partial<AppConfigSources>;

function read(situation: Situation = {}, defaults = AS_CLONED) {
  return readAppConfig(defaults, {
    context: situation.context ?? {},
    env: situation.env ?? {},
    gitOriginUrl: situation.gitOriginUrl ?? (() => undefined),
    awsCliRegion: situation.awsCliRegion ?? (() => undefined),
  });
}

const origin = (url: string) => ({ gitOriginUrl: () => url });

describe('owner and repository', () => {
  test('stay placeholders when nobody knows better', () => {
    expect(read().pipeline).toEqual(AS_CLONED);
  });

  test.each([
    'https://github.com/octocat/hello-world.git',
    'https://github.com/octocat/hello-world',
    'https://token@github.com/octocat/hello-world.git',
    'git@github.com:octocat/hello-world.git',
    'ssh://git@github.com/octocat/hello-world.git',
    'ssh://git@github.com:22/octocat/hello-world/',
  ])('come from the remote %s', (url) => {
    expect(read(origin(url)).pipeline).toMatchObject({
      githubOwner: 'octocat',
      githubRepo: 'hello-world',
    });
  });

  test.each([
    'https://gitlab.com/octocat/hello-world.git',
    'https://example.com/github.com/octocat/hello-world',
    'https://notgithub.com/octocat/hello-world',
    '/srv/git/hello-world.git',
    'https://github.com/octocat',
    '',
  ])('do not come from %p', (url) => {
    expect(parseGitHubUrl(url)).toBeUndefined();
  });

  test('written into bin/cdk.ts beat the remote, and the command line beats both', () => {
    const written = { ...AS_CLONED, githubOwner: 'written', githubRepo: 'down' };
    const remote = origin('https://github.com/octocat/hello-world.git');
    expect(read(remote, written).pipeline).toMatchObject({
      githubOwner: 'written',
      githubRepo: 'down',
    });
    expect(read({ ...remote, context: { githubOwner: 'said' } }, written).pipeline).toMatchObject({
      githubOwner: 'said',
      githubRepo: 'down',
    });
  });

  test('git is not asked when both are known', () => {
    const gitOriginUrl = () => {
      throw new Error('asked');
    };
    const context = { githubOwner: 'octocat', githubRepo: 'hello-world' };
    expect(() => read({ context, gitOriginUrl })).not.toThrow();
  });
});

describe('the region', () => {
  const everywhere = {
    env: { AWS_REGION: 'r1', AWS_DEFAULT_REGION: 'r2', CDK_DEFAULT_REGION: 'r3' },
    awsCliRegion: () => 'r4',
  };

  test.each<[string, Situation, string]>([
    ['-c region first', { ...everywhere, context: { region: 'r0' } }, 'r0'],
    ['then AWS_REGION', everywhere, 'r1'],
    ['then AWS_DEFAULT_REGION', { ...everywhere, env: { AWS_DEFAULT_REGION: 'r2' } }, 'r2'],
    ["then the CDK CLI's", { ...everywhere, env: { CDK_DEFAULT_REGION: 'r3' } }, 'r3'],
    ["then the AWS CLI's", { ...everywhere, env: {} }, 'r4'],
    ['and Seoul at last', {}, 'ap-northeast-2'],
    [
      'and Seoul when the CDK CLI only fell back to us-east-1',
      { env: { CDK_DEFAULT_REGION: 'us-east-1' } },
      'ap-northeast-2',
    ],
    [
      'but us-east-1 when the AWS CLI is set to it',
      { env: { CDK_DEFAULT_REGION: 'us-east-1' }, awsCliRegion: () => 'us-east-1' },
      'us-east-1',
    ],
  ])('is %s', (_, situation, region) => {
    expect(read(situation).env.region).toBe(region);
  });
});

test('without credentials there is no account, and the templates fit any', () => {
  expect(read().env).not.toHaveProperty('account');
  expect(read({ env: { CDK_DEFAULT_ACCOUNT: '111122223333' } }).env.account).toBe('111122223333');
});

test('everything about the service can be said on the command line', () => {
  const context = {
    appName: 'shop',
    serviceName: 'web',
    egress: 'public-ip',
    cpuArchitecture: 'amd64',
    cpu: '512',
    memoryLimitMiB: 1024,
    desiredCount: '3',
    certificateArn: 'arn',
    wafRateLimit: '500',
    hardened: 'true',
    waf: 'false',
    accessLogs: true,
  };
  expect(read({ context }).service).toEqual({
    ...context,
    cpuArchitecture: 'X86_64',
    cpu: 512,
    memoryLimitMiB: 1024,
    desiredCount: 3,
    wafRateLimit: 500,
    hardened: true,
    waf: false,
  });
  expect(read().service).toEqual({});
});

test('and so can everything about the pipeline', () => {
  const context = {
    githubOwner: 'octocat',
    githubRepo: 'hello-world',
    githubBranch: 'trunk',
    notificationEmail: 'team@example.com',
    connectionArn: 'arn',
    githubTokenSecretName: 'token',
    buildArchitecture: 'x86_64',
  };
  expect(read({ context }).pipeline).toEqual({ ...context, buildArchitecture: 'X86_64' });
});

test('a misspelt name is refused with the names that exist, and the flags of the CDK are not', () => {
  const context = { '@aws-cdk/core:checkSecretUsage': true, 'aws:cdk:bundling-stacks': ['**'] };
  expect(() => read({ context })).not.toThrow();
  expect(() => read({ context: { ...context, gitHubOwner: 'octocat' } })).toThrow(
    /^context should be named githubOwner, githubRepo, .*, got: 'gitHubOwner'$/,
  );
});

test('a number that is none, or a value that is no text, is refused by name', () => {
  expect(() => read({ context: { hardened: 'yes' } })).toThrow(
    "'hardened' should be true or false, got: 'yes'",
  );
  expect(() => read({ context: { desiredCount: 'two' } })).toThrow(
    "'desiredCount' should be a whole number, got: 'two'",
  );
  expect(() => read({ context: { githubOwner: ['a', 'b'] } })).toThrow(
    `context 'githubOwner' should be a text, a number, true or false, got: ["a","b"]`,
  );
});
