import { jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseOptions, type RehearsalOptions } from '../src/options';
import { Rehearsal } from '../src/rehearsal';
import { scratchDirectory } from './_helpers/scratch-directory';

// A rehearsal up to the end of deploy.sh, on a machine that may be busy.
jest.setTimeout(60_000);

const scratch = scratchDirectory();
const project = join(scratch, 'project');
const home = join(scratch, 'home of a person');
const seen = join(scratch, 'seen');

/** Whatever leads into the account of somebody who has logged in. None of it is a real one. */
const SECRETS = {
  AWS_ACCESS_KEY_ID: 'AKIAREALLOOKING0001',
  AWS_SECRET_ACCESS_KEY: 'wJalrReallyLooksLikeASecretKey',
  AWS_SESSION_TOKEN: 'IQoJb3JpZ2luReallyLooksLikeAToken',
  AWS_PROFILE: 'production-of-somebody',
  AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/somebody/identity-token',
  AWS_ROLE_ARN: 'arn:aws:iam::999988887777:role/somebody',
  AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/somebody',
  AWS_CONTAINER_AUTHORIZATION_TOKEN: 'container-token-of-somebody',
  CDK_DEFAULT_ACCOUNT: '999988887777',
  GITHUB_TOKEN: 'ghp_ReallyLooksLikeATokenOfSomebody',
  NPM_TOKEN: 'npm_ReallyLooksLikeATokenOfSomebody',
};
const CREDENTIALS_FILE = '[default]\naws_access_key_id = AKIAFROMAFILE0002\n';

/** What each program that runs for the project writes down of what it sees. */
const look = (name: string) =>
  `{ env; cat "$HOME/.aws/credentials" "$AWS_SHARED_CREDENTIALS_FILE" 2>/dev/null; } > '${seen}/${name}' || :`;

const DEPLOY = `set -eu
${look('deploy.sh')}
aws sts get-caller-identity --query Account --output text > '${seen}/account'
uri=$(aws ecr create-repository --repository-name app --query repository.repositoryUri --output text)
aws ecr get-login-password | docker login --username AWS --password-stdin "\${uri%%/*}"
docker build -t "$uri:1" .
docker push "$uri:1"
`;

const MANIFEST = {
  version: '54.0.0',
  artifacts: {
    Empty: {
      type: 'aws:cloudformation:stack',
      environment: 'aws://unknown-account/unknown-region',
      properties: { templateFile: 'Empty.template.json', stackName: 'Empty' },
    },
  },
};
const TEMPLATE = {
  Resources: {
    Tag: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/t', Type: 'String', Value: 'v' } },
  },
};

/** Stands for the CDK that a project installed. */
const CDK = `#!/bin/sh
${look('cdk')}
while [ "$1" != --output ]; do shift; done
mkdir -p "$2"
echo '${JSON.stringify(MANIFEST)}' > "$2/manifest.json"
echo '${JSON.stringify(TEMPLATE)}' > "$2/Empty.template.json"
`;

function file(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

beforeAll(() => {
  mkdirSync(seen);
  file(join(home, '.aws', 'credentials'), CREDENTIALS_FILE);
  file(join(project, 'cdk.json'), '{}');
  file(join(project, 'deploy.sh'), DEPLOY);
  file(
    join(project, 'Dockerfile'),
    'FROM node:22\nWORKDIR /app\nCOPY look.sh ./\nRUN sh look.sh\nUSER 1000\n',
  );
  file(join(project, 'look.sh'), look('Dockerfile'));
  file(join(project, '.gitignore'), 'node_modules\n');
  file(join(project, 'node_modules', '.bin', 'cdk'), CDK);
  chmodSync(join(project, 'node_modules', '.bin', 'cdk'), 0o755);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: project });
  git('init', '--quiet');
  git('add', '.');
  git('-c', 'user.name=x', '-c', 'user.email=x@localhost', 'commit', '--quiet', '-m', 'First');
});

it('shows no credentials of the person to anything that a rehearsal runs, and reaches account 000000000000', async () => {
  const report = join(scratch, 'report');
  const options = parseOptions(
    ['--project', project, '--engine', 'process', '--scenario', 'release', '--report', report],
    { repository: project, cwd: scratch },
  ) as RehearsalOptions;
  const environment = { ...SECRETS, PATH: process.env['PATH'], HOME: home };
  const rehearsal = new Rehearsal(options, {
    home: join(scratch, '.rehearsal'),
    environment,
    terminal: false,
  });
  try {
    // These stacks have nothing to release: it ends when deploy.sh has run.
    await expect(rehearsal.play()).rejects.toThrow('no stack of');
  } finally {
    await rehearsal.close();
  }
  expect(readdirSync(seen).sort()).toEqual(['Dockerfile', 'account', 'cdk', 'deploy.sh']);
  expect(readFileSync(join(seen, 'account'), 'utf8').trim()).toBe('000000000000');
  for (const program of ['cdk', 'deploy.sh', 'Dockerfile']) {
    const text = readFileSync(join(seen, program), 'utf8');
    expect(text).toContain('PATH=');
    for (const secret of [...Object.values(SECRETS), 'AKIAFROMAFILE0002', home]) {
      expect(text).not.toContain(secret);
    }
  }
});
