import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock';
import type { ProcessLedger } from '../process/process-ledger';
import { type ProcessExit, spawnProcess, type SpawnedProcess } from '../process/spawn-process';
import { stopProcess } from '../process/stop-process';
import { ShellOutput } from './shell-output';

export interface BuildShellOptions {
  /** `/bin/sh`, or `bash` on PATH */
  readonly shell: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Exists, and belongs to this shell alone */
  readonly scratchDirectory: string;
  /** Whether each command has a shell of its own, which hands nothing on. @default false */
  readonly separate?: boolean;
  readonly clock: Clock;
  readonly ledger?: ProcessLedger;
  onLine(line: string): void;
}

/** How long a shell and its children may take to stop before they are killed. */
const STOP_TIMEOUT_MS = 5_000;

/**
 * Sources one script after another in the same shell, so that cd, export and functions carry
 * over. Each line of standard input holds the marker to print when the script has ended.
 * Descriptors 7 and 8 are the engine's, so that a command may redirect the shell's own output
 * (`exec >build.log`). Standard error joins standard output: one pipe keeps the order of lines.
 * After each script, and when one ends the shell, environment and directory are kept in files.
 */
const DRIVER = `
exec 7<&0 0</dev/null 2>&1 8>&1
__keep() { /usr/bin/env -0 >"$__scratch/environment"; pwd >"$__scratch/directory"; }
trap '__status=$?; { set +eu; __keep; printf "%s:%s:exited\\n" "$__marker" "$__status" >&8; } 2>/dev/null' EXIT
__scratch=$1
shift
while { IFS= read -r __marker <&7; } 2>/dev/null; do
  . "$__scratch/script.sh"
  { __status=$?; __keep; printf '%s:%s:ended\\n' "$__marker" "$__status" >&8; } 2>/dev/null
done
trap - EXIT
`;

/** The one shell that runs all commands of a build. */
export class BuildShell {
  private child: SpawnedProcess | undefined;
  private readonly output: ShellOutput;
  private ending: Promise<void> | undefined;
  private readonly ended: Promise<undefined>;
  private readonly markEnded: (value: undefined) => void;
  private state: { env: Record<string, string>; cwd: string };

  constructor(private readonly options: BuildShellOptions) {
    let markEnded: (value: undefined) => void = () => undefined;
    this.ended = new Promise((resolve) => (markEnded = resolve));
    this.markEnded = markEnded;
    this.output = new ShellOutput((line) => options.onLine(line));
    this.state = { env: { ...options.env }, cwd: options.cwd };
  }

  /**
   * Runs one command; it may have many lines.
   *
   * @returns its exit status; undefined when `end` ended it. A command that ends the shell
   *   (`exit 3`, a failure under `set -e`) counts with the shell's exit status, and the next
   *   command gets a new shell with the same variables and directory, but without its functions.
   */
  async run(command: string): Promise<number | undefined> {
    if (this.isEnding()) return undefined;
    await writeFile(join(this.options.scratchDirectory, 'script.sh'), `${command}\n`);
    const child = this.child ?? (await this.start());
    const marker = `__codebuild_${randomUUID()}`;
    const marked = this.output.waitFor(marker);
    child.write(`${marker}\n`);
    const end = await Promise.race([marked, child.exited, this.ended]);
    this.output.flush();
    if (this.isEnding() || end === undefined) return undefined;
    const { separate = false } = this.options;
    if (!separate) {
      await this.readState();
      if ('exited' in end && !end.exited) return end.status;
    }
    // What the shell started in the background ends with it, as with a container.
    child.kill('SIGKILL');
    this.child = undefined;
    // Without a marker it ended past the trap: `exec program`, a trap of its own, or a signal.
    return 'exited' in end ? end.status : exitStatus(end);
  }

  /** Sets an environment variable for the commands that follow. */
  async export(name: string, value: string): Promise<void> {
    if (this.options.separate === true) {
      this.state.env[name] = value;
      return;
    }
    await this.run(`export ${name}='${value.replaceAll("'", `'\\''`)}'`);
  }

  /** The environment as the last command left it. */
  environment(): Readonly<Record<string, string>> {
    return this.state.env;
  }

  /**
   * Ends the shell with everything it started; may be called twice. A command that runs resolves
   * to undefined.
   */
  end(): Promise<void> {
    this.ending ??= this.endChild();
    return this.ending;
  }

  private isEnding(): boolean {
    return this.ending !== undefined;
  }

  private async endChild(): Promise<void> {
    if (this.child !== undefined) {
      // A grandchild that left the process group may keep the pipe open: no waiting for that one.
      const done = new AbortController();
      await Promise.race([
        stopProcess(this.child, this.options.clock, STOP_TIMEOUT_MS).then(() => done.abort()),
        this.options.clock.delay(2 * STOP_TIMEOUT_MS, done.signal),
      ]);
    }
    this.markEnded(undefined);
  }

  private async start(): Promise<SpawnedProcess> {
    const { env, cwd } = this.state;
    const child = await spawnProcess(
      this.options.shell,
      ['-c', DRIVER, this.options.shell, this.options.scratchDirectory],
      {
        cwd: existsSync(cwd) ? cwd : this.options.cwd,
        env,
        keepStdinOpen: true,
        onStdout: (text) => this.output.push(text),
        ...(this.options.ledger !== undefined && { ledger: this.options.ledger }),
      },
    );
    // `end` may have been called meanwhile and have found nothing to end.
    if (this.isEnding()) child.kill('SIGKILL');
    this.child = child;
    return child;
  }

  private async readState(): Promise<void> {
    const read = (name: string) =>
      readFile(join(this.options.scratchDirectory, name), 'utf8').catch(() => '');
    const entries = (await read('environment'))
      .split('\0')
      .filter((entry) => entry.includes('='))
      .map((entry): [string, string] => {
        const [name = '', ...value] = entry.split('=');
        return [name, value.join('=')];
      });
    if (entries.length > 0) this.state.env = Object.fromEntries(entries);
    this.state.cwd = (await read('directory')).trimEnd() || this.state.cwd;
  }
}

/** As a shell counts: 128 and the signal's number when a signal ended the process. */
function exitStatus({ exitCode, signal }: ProcessExit): number {
  return exitCode ?? 128 + (signal === undefined ? 0 : constants.signals[signal]);
}
