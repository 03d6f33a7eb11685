import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProcessLedger, startTimeOf } from './process/process-ledger';

/**
 * Everything one run keeps on disk, under `.rehearsal/runs/<id>`. The directory goes when the run
 * ends; what is worth keeping is in the report. `.rehearsal/cache` stays for the next run.
 */
export class RunDirectory {
  private constructor(
    readonly id: string,
    readonly path: string,
    /** Kept between runs, as a CodeBuild cache is */
    readonly cache: string,
    readonly ledger: ProcessLedger,
  ) {}

  /** @param home the `.rehearsal` directory */
  static create(home: string, now: number): RunDirectory {
    const id = `${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}-${process.pid}`;
    const path = join(home, 'runs', id);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'engine.pid'), `${process.pid} ${startTimeOf(process.pid) ?? ''}`);
    const cache = join(home, 'cache');
    mkdirSync(cache, { recursive: true });
    return new RunDirectory(id, path, cache, new ProcessLedger(join(path, 'processes')));
  }

  /** A part of the run with directories of its own. */
  part(name: string): RunDirectory {
    return new RunDirectory(this.id, this.directory(name), this.cache, this.ledger);
  }

  /** A subdirectory, made when missing. */
  directory(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Ends what is still running of this run and removes the directory; may be called twice. */
  remove(): void {
    this.ledger.endAll();
    rmSync(this.path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Whether the engine of that run is still running. */
export function isRunAlive(home: string, id: string): boolean {
  try {
    const [pid, started] = readFileSync(join(home, 'runs', id, 'engine.pid'), 'utf8').split(' ');
    return started !== '' && startTimeOf(Number(pid)) === started;
  } catch {
    return false;
  }
}

/**
 * Removes what runs left behind whose engine was killed.
 * @returns their ids
 */
export function removeLeftoverRuns(home: string): string[] {
  const runs = join(home, 'runs');
  mkdirSync(runs, { recursive: true });
  const dead = readdirSync(runs).filter((id) => !isRunAlive(home, id));
  for (const id of dead) {
    new ProcessLedger(join(runs, id, 'processes')).endAll();
    rmSync(join(runs, id), { recursive: true, force: true, maxRetries: 3 });
  }
  return dead;
}
