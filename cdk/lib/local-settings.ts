import { spawnSync } from 'node:child_process';

/** Questions to this machine; the only file of the app that starts programs. */

/** URL of the remote `origin`, or undefined without git, repository or remote. */
export function gitOriginUrl(): string | undefined {
  return firstLine('git', ['remote', 'get-url', 'origin']);
}

/** Region of the AWS CLI's configuration, asked exactly as deploy.sh asks, or undefined. */
export function awsCliRegion(): string | undefined {
  return firstLine('aws', ['configure', 'get', 'region']);
}

function firstLine(program: string, args: string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 5000,
  });
  return status === 0 ? stdout.trim().split('\n', 1)[0] || undefined : undefined;
}
