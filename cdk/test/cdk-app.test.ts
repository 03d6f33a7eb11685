import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { app as command, context, notices, versionReporting } from '../cdk.json';
import { scripts } from '../package.json';

const CDK = join(__dirname, '..');

/** Runs the app as the CDK CLI does: the command of cdk.json with its context and an output place. */
function runApp(settings: Record<string, string>) {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk-app-'));
  try {
    const [program, ...args] = command.split(' ');
    const { status, stderr } = spawnSync(program!, args, {
      cwd: CDK,
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        AWS_REGION: 'ap-northeast-2',
        CDK_OUTDIR: outdir,
        CDK_VALIDATION: 'false',
        CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...settings }),
      },
    });
    const read = () =>
      Object.keys(
        (
          JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8')) as {
            artifacts: Record<string, { type: string }>;
          }
        ).artifacts,
      ).filter((name) => !/\.assets$|^Tree$|^aws-cdk-lib/.test(name));
    return { status, stderr, stacks: status === 0 ? read() : [] };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

test('the app has the two stacks of the guide and needs no credentials', () => {
  const { status, stacks } = runApp({ githubOwner: 'octocat', githubRepo: 'hello-world' });
  expect(status).toBe(0);
  expect(stacks.sort()).toEqual([
    'EcsCodePipelinePracticeCicdStack',
    'EcsCodePipelinePracticeStack',
  ]);
});

test('a mistake on the command line is answered with what is allowed, not with a stack trace', () => {
  expect(runApp({ egress: 'nat' })).toEqual({
    status: 1,
    stacks: [],
    stderr:
      "'egress' should be 'single-nat' or 'nat-per-az' or 'public-ip', got: 'nat'\nSet it in cdk/bin/cdk.ts or with -c name=value.\n",
  });
});

test('the commands of the guide exist', () => {
  expect(Object.keys(scripts).sort()).toEqual(['bootstrap', 'deploy', 'destroy', 'diff', 'synth']);
});

test('no command reports to anybody', () => {
  expect(context['cli-telemetry']).toBe(false);
  expect(versionReporting).toBe(false);
  expect(notices).toBe(false);
});

describe('npm run deploy with a placeholder left', () => {
  /** The script of package.json, in a home without settings or credentials. */
  function deploy(stacks: string) {
    const home = mkdtempSync(join(tmpdir(), 'cdk-deploy-'));
    const [, ...args] = scripts.deploy.split(' ');
    const placeholders = ['-c', 'githubOwner=your-github-username', '-c', 'githubRepo=hello-world'];
    try {
      const { status, stderr } = spawnSync(
        process.execPath,
        [
          require.resolve('aws-cdk/bin/cdk'),
          ...args,
          stacks,
          ...placeholders,
          '-o',
          join(home, 'out'),
        ],
        {
          cwd: CDK,
          encoding: 'utf8',
          env: {
            PATH: process.env['PATH'],
            HOME: home,
            USERPROFILE: home,
            AWS_REGION: 'ap-northeast-2',
            AWS_EC2_METADATA_DISABLED: 'true',
            // A clone from GitHub would else fill the placeholder in.
            GIT_DIR: join(home, 'no-repository'),
            CDK_VALIDATION: 'false',
          },
        },
      );
      return { status, stderr };
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }

  test('is refused, and says what to change', () => {
    const { status, stderr } = deploy('--all');
    expect(status).toBe(1);
    expect(stderr).toContain(
      "'githubOwner' is still the placeholder 'your-github-username', so this stack can be synthesized but not deployed. Set it in cdk/bin/cdk.ts or with -c githubOwner=VALUE.",
    );
    expect(stderr).toContain('(--strict mode)');
  });

  test('is no obstacle to the service, which needs no repository', () => {
    const { stderr } = deploy('EcsCodePipelinePracticeStack');
    expect(stderr).not.toContain('placeholder');
    expect(stderr).not.toContain('strict');
    // It gets as far as looking for an account, and there is none.
    expect(stderr).toContain('Unable to resolve AWS account to use');
  });
});
