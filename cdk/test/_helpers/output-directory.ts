import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const created: string[] = [];
afterAll(() => {
  for (const directory of created) rmSync(directory, { recursive: true, force: true });
});

/** A directory for one cloud assembly, gone after the test file. The CDK would leave its own behind. */
export function outputDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'cdk-test-'));
  created.push(directory);
  return directory;
}
