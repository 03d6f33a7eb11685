import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImageNames } from './containers/docker/image-names';
import { messageOf, RehearsalError } from './errors';
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
    readonly imageNames: ImageNames,
  ) {}

  /**
   * @param home the `.rehearsal` directory
   * @throws RehearsalError `HomeNotWritable`
   */
  static create(home: string, now: number): RunDirectory {
    const id = `${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}-${process.pid}`;
    const path = join(home, 'runs', id);
    try {
      mkdirSync(path, { recursive: true });
    } catch (error) {
      throw new RehearsalError(
        'HomeNotWritable',
        `a rehearsal keeps its files in '${home}', which cannot be written: ${messageOf(error)}. Make that place writable, or run the rehearsal of another clone with --project DIR.`,
        { cause: error },
      );
    }
    writeFileSync(join(path, 'engine.pid'), `${process.pid} ${startTimeOf(process.pid) ?? ''}`);
    return RunDirectory.at(home, id);
  }

  /** Runs whose engine was killed before it could remove what it started. */
  static leftovers(home: string): RunDirectory[] {
    const runs = join(home, 'runs');
    if (!existsSync(runs)) return [];
    return readdirSync(runs)
      .filter((id) => !isRunAlive(home, id))
      .map((id) => RunDirectory.at(home, id));
  }

  private static at(home: string, id: string): RunDirectory {
    const path = join(home, 'runs', id);
    const cache = join(home, 'cache');
    mkdirSync(cache, { recursive: true });
    const ledger = new ProcessLedger(join(path, 'processes'));
    return new RunDirectory(id, path, cache, ledger, new ImageNames(join(path, 'image-names')));
  }

  /** A part of the run with directories of its own. */
  part(name: string): RunDirectory {
    const { id, cache, ledger, imageNames } = this;
    return new RunDirectory(id, this.directory(name), cache, ledger, imageNames);
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
function isRunAlive(home: string, id: string): boolean {
  try {
    const [pid, started] = readFileSync(join(home, 'runs', id, 'engine.pid'), 'utf8').split(' ');
    return started !== '' && startTimeOf(Number(pid)) === started;
  } catch {
    return false;
  }
}
