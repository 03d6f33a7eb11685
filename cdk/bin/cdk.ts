import { App } from 'aws-cdk-lib/core';
import { readAppConfig } from '../lib/app-config';
import { CdkStack } from '../lib/cdk-stack';
import { InvalidPropertyError } from '../lib/check-props';
import { CicdPipelineStack } from '../lib/cicd-pipeline-stack';
import { awsCliRegion, gitOriginUrl } from '../lib/local-settings';

/**
 * Your repository. The first two are taken from the git remote `origin` while they are left as
 * they are; each can be given on the command line instead, e.g. `-c githubOwner=octocat`.
 */
const GITHUB = {
  githubOwner: 'your-github-username',
  githubRepo: 'your-repo-name',
  githubBranch: 'main',
  // notificationEmail: 'your-email@example.com',
};

function main(): void {
  const app = new App();
  const config = readAppConfig(GITHUB, {
    context: app.node.getAllContext() as Record<string, unknown>,
    env: process.env,
    gitOriginUrl,
    awsCliRegion,
  });
  const stack = new CdkStack(app, 'EcsCodePipelinePracticeStack', {
    env: config.env,
    description: 'Web service on ECS Fargate behind a load balancer',
    ...config.service,
  });
  new CicdPipelineStack(app, 'EcsCodePipelinePracticeCicdStack', {
    env: config.env,
    description: 'Releases every push to the web service',
    stack,
    ...config.pipeline,
  });
}

try {
  main();
} catch (error) {
  if (!(error instanceof InvalidPropertyError)) throw error;
  process.stderr.write(`${error.message}\nSet it in cdk/bin/cdk.ts or with -c name=value.\n`);
  process.exitCode = 1;
}
