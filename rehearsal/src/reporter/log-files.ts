import { appendFileSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RehearsalEvent } from '../events';
import { describeEvent } from './describe-event';
import type { Reporter } from './reporter';

/** Everything that is no log line of a build or a container, in the order it happened. */
export const EVENTS_LOG = 'events.log';

/**
 * Keeps what CloudWatch Logs would keep, a file for each log stream, and `events.log` with
 * everything else.
 */
export class LogFiles implements Reporter {
  /** Open files by name: a line for each request would else open and close one each time */
  private readonly files = new Map<string, number>();

  /** @param directory made when missing */
  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true });
  }

  report(event: RehearsalEvent): void {
    if (event.kind === 'log') {
      this.append(join(safeName(event.group), `${safeName(event.stream)}.log`), event.message);
    } else {
      const line = describeEvent(event);
      // Further lines are set back, so that none passes for an event of its own.
      if (line !== undefined)
        this.append(EVENTS_LOG, `${event.time} ${line.replaceAll('\n', '\n  ')}`);
    }
  }

  /** To be called when nothing more is reported. */
  close(): void {
    for (const file of this.files.values()) closeSync(file);
    this.files.clear();
  }

  private append(name: string, line: string): void {
    appendFileSync(this.files.get(name) ?? this.open(name), `${line.replace(/\n$/, '')}\n`);
  }

  private open(name: string): number {
    const path = join(this.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, 'a');
    this.files.set(name, file);
    return file;
  }
}

/** Group and stream names come from templates; a file name must not lead anywhere. */
function safeName(name: string): string {
  return name.replace(/[^\w.-]+/g, '_').replace(/^[_.]+/, '') || '_';
}
