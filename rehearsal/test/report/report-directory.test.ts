import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openReportDirectory } from '../../src/report/report-directory';
import { scratchDirectory } from '../_helpers/scratch-directory';

const scratch = scratchDirectory();

it('removes the report and the logs of the run before, and nothing that is not its own', () => {
  const files = ['report.json', 'report.html', 'logs/release/events.log', 'logs/release/a/b.log'];
  const others = ['notes.txt', 'logs/mine.log', 'logs/app/today.log'];
  const paths = [...files, ...others].map((name) => join(scratch, name));
  for (const path of paths) {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '{"passed":true}');
  }
  openReportDirectory(scratch);
  expect(paths.map((path) => existsSync(path))).toEqual([
    ...files.map(() => false),
    ...others.map(() => true),
  ]);
});

it('says that the report cannot be written, and where to name another place', () => {
  const file = join(scratch, 'file');
  writeFileSync(file, '');
  expect(() => openReportDirectory(join(file, 'report'))).toThrow(
    /cannot be written to '.*': ENOTDIR.*--report DIR\.$/,
  );
});
