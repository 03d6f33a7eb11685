import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, RehearsalError } from '../errors';
import { EVENTS_LOG } from '../reporter/log-files';

/**
 * Makes the directory of the report and removes the report of the run before, so that it can never
 * be taken for this one's. Files that are not a report's stay, whatever directory was named.
 *
 * @throws RehearsalError `ReportNotWritable`
 */
export function openReportDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
    for (const name of ['report.json', 'report.html'])
      rmSync(join(directory, name), { force: true });
    const logs = join(directory, 'logs');
    if (!existsSync(logs)) return;
    for (const scenario of readdirSync(logs)) {
      const isOurs = existsSync(join(logs, scenario, EVENTS_LOG));
      if (isOurs) rmSync(join(logs, scenario), { recursive: true });
    }
  } catch (error) {
    throw new RehearsalError(
      'ReportNotWritable',
      `the report cannot be written to '${directory}': ${messageOf(error)}. Name another place with --report DIR.`,
      { cause: error },
    );
  }
}
