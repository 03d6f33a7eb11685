import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
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

  private append(name: string, line: string): void {
    const path = join(this.directory, name);
    mkdirSync(join(path, '..'), { recursive: true });
    appendFileSync(path, `${line.replace(/\n$/, '')}\n`);
  }
}

/** Group and stream names come from templates; a file name must not lead anywhere. */
function safeName(name: string): string {
  return name.replace(/[^\w.-]+/g, '_').replace(/^[_.]+/, '') || '_';
}
