import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const apiDirectory = join(__dirname, '../..');
const running = new Set<ChildProcess>();
let buildDirectory: string | undefined;

/** The bundle that the image runs, built by the script that the image uses. */
export function buildBundle(): string {
  buildDirectory ??= mkdtempSync(join(tmpdir(), 'api-bundle-'));
  const bundle = join(buildDirectory, 'main.js');
  execFileSync('npm', ['run', 'build', '--', `--outfile=${bundle}`, '--log-level=error'], {
    cwd: apiDirectory,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return bundle;
}

/** Ends what a failed test left running, and removes the bundle. */
export async function cleanUp(): Promise<void> {
  for (const child of running) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  if (buildDirectory) rmSync(buildDirectory, { recursive: true, force: true });
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Runs the bundle with nothing but this environment; `ended` settles when it exits. */
export function runBundle(bundle: string, env: Record<string, string>) {
  const child = spawn(process.execPath, ['--enable-source-maps', bundle], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal, stderr });
    });
  });
  const logLines = () =>
    stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  /** The first log line with this message, as soon as it is there. */
  const logged = async (message: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const line = logLines().find((candidate) => candidate['message'] === message);
      if (line) return line;
      if (child.exitCode !== null) throw new Error(`exited ${child.exitCode}: ${stderr}`);
      await Promise.race([once(child.stdout, 'data'), ended]);
    }
  };
  return { child, ended, logged, logLines };
}

/** Runs the bundle on a free port and waits until it listens. */
export async function startService(bundle: string, env: Record<string, string> = {}) {
  const service = runBundle(bundle, { PORT: '0', ...env });
  const { port } = await service.logged('listening');
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    const signalledAt = performance.now();
    service.child.kill(signal);
    return { ...(await service.ended), tookMs: performance.now() - signalledAt };
  };
  return { ...service, port: port as number, stop };
}
