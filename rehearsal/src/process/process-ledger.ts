import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';

/**
 * Remembers on disk which process groups a run started, so that the next run can end those of a
 * run that was killed. A pid alone could by now belong to somebody else; pid and start time cannot.
 */
export class ProcessLedger {
  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true });
  }

  add(pid: number): void {
    const started = startTimeOf(pid);
    if (started !== undefined) writeFileSync(join(this.directory, String(pid)), started);
  }

  remove(pid: number): void {
    rmSync(join(this.directory, String(pid)), { force: true });
  }

  /** Ends every process group in the ledger that still is what it was. @returns their pids */
  endAll(): number[] {
    const ended: number[] = [];
    if (!existsSync(this.directory)) return ended;
    for (const name of readdirSync(this.directory)) {
      const pid = Number(name);
      if (readFileSync(join(this.directory, name), 'utf8') === startTimeOf(pid)) {
        signalGroup(pid, 'SIGKILL');
        ended.push(pid);
      }
      this.remove(pid);
    }
    return ended;
  }
}

/** Sends `signal` to the group that `pid` leads; silent when it has ended already. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  signalProcess(-pid, signal);
}

/** Sends `signal` to one process; silent when it has ended already. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** When a process started, as text that is only good for comparing; undefined when there is none. */
export function startTimeOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      // Field 22 of proc_pid_stat(5), counted after the name, which may hold spaces.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    } catch {
      return undefined;
    }
  }
  const ps = execaSync('ps', ['-o', 'lstart=', '-p', String(pid)], { reject: false });
  return ps.stdout.trim() || undefined;
}
