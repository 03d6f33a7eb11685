import { Lazy } from 'aws-cdk-lib/core';
import type { CdkStackProps } from '../lib/cdk-stack';
import type { CicdPipelineStackProps } from '../lib/cicd-pipeline-stack';
import { pipelineStack, serviceStack } from './_helpers/synth';

test.each<[string, CdkStackProps, string]>([
  [
    'an app name that ECR would refuse',
    { appName: 'My_App' },
    "'appName' should be lower-case letters, digits and single hyphens, starting with a letter, at most 40 characters, got: 'My_App'",
  ],
  [
    'an unknown egress',
    { egress: 'nat' as never },
    "'egress' should be 'single-nat' or 'nat-per-az' or 'public-ip', got: 'nat'",
  ],
  [
    'an unknown architecture',
    { cpuArchitecture: 'arm' as never },
    "'cpuArchitecture' should be 'ARM64' or 'X86_64', got: 'arm'",
  ],
  [
    'a size of CPU that Fargate does not sell',
    { cpu: 300 },
    "'cpu' should be one of 256, 512, 1024, 2048, 4096, 8192, 16384 (1024 is one vCPU), got: '300'",
  ],
  [
    'too little memory for the CPU',
    { cpu: 1024, memoryLimitMiB: 512 },
    "'memoryLimitMiB' for 'cpu' 1024 should be 2048 to 8192 in steps of 1024, got: '512'",
  ],
  [
    'too much memory for the smallest CPU',
    { memoryLimitMiB: 4096 },
    "'memoryLimitMiB' for 'cpu' 256 should be 512, 1024 or 2048, got: '4096'",
  ],
  [
    'no tasks',
    { desiredCount: 0 },
    "'desiredCount' should be a whole number from 1 to 5000, got: '0'",
  ],
])('a service with %s is refused at once', (_, props, message) => {
  expect(() => serviceStack(props)).toThrow(message);
});

test('a service in a shared cluster cannot choose another way out', () => {
  const first = serviceStack();
  expect(() =>
    serviceStack({ serviceName: 'web', shareClusterOf: first, egress: 'public-ip' }),
  ).toThrow(
    "'egress' should be left out or 'single-nat' with 'shareClusterOf' Service, whose subnets it uses, got: 'public-ip'",
  );
});

test.each<[string, Partial<CicdPipelineStackProps>, string]>([
  [
    'owner and repository in one',
    { githubRepo: 'octocat/hello-world' },
    "'githubRepo' should be a repository name without owner, slash or .git, got: 'octocat/hello-world'",
  ],
  [
    'the .git of the clone URL',
    { githubRepo: 'hello-world.git' },
    "'githubRepo' should be a repository name without owner, slash or .git, got: 'hello-world.git'",
  ],
  [
    'a URL for an owner',
    { githubOwner: 'https://github.com/octocat' },
    "'githubOwner' should be a GitHub user or organisation without a slash, got: 'https://github.com/octocat'",
  ],
  [
    'a ref for a branch',
    { githubBranch: 'refs/heads/main' },
    "'githubBranch' should be a branch name such as main, got: 'refs/heads/main'",
  ],
  [
    'two addresses',
    { notificationEmail: 'a@example.com, b@example.com' },
    "'notificationEmail' should be one e-mail address, got: 'a@example.com, b@example.com'",
  ],
  [
    'a name for a connection',
    { connectionArn: 'my-connection' },
    "'connectionArn' should be arn:aws:codeconnections:REGION:ACCOUNT:connection/ID, got: 'my-connection'",
  ],
  [
    'an unknown build machine',
    { buildArchitecture: 'arm64' as never },
    "'buildArchitecture' should be 'ARM64' or 'X86_64', got: 'arm64'",
  ],
])('a pipeline with %s is refused at once', (_, props, message) => {
  expect(() => pipelineStack(props)).toThrow(message);
});

test('values that CloudFormation fills in later are left to CloudFormation', () => {
  const later = Lazy.string({ produce: () => 'Later, and strange' });
  expect(() =>
    pipelineStack({ githubOwner: later, githubRepo: later, notificationEmail: later }),
  ).not.toThrow();
  expect(() => serviceStack({ desiredCount: Lazy.number({ produce: () => 3 }) })).not.toThrow();
});
