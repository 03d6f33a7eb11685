import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { app as command, context } from '../cdk.json';
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

test('the commands of the guide exist, and deploying is refused while a warning is open', () => {
  expect(Object.keys(scripts).sort()).toEqual(['bootstrap', 'deploy', 'destroy', 'diff', 'synth']);
  expect(scripts.deploy).toContain('--strict');
});
