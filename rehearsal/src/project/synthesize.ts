import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RehearsalError } from '../errors';
import { runCommand } from '../process/run-command';

/**
 * Synthesizes a CDK app with the CDK that its own repository installed, without credentials.
 *
 * @param output directory of the cloud assembly
 * @throws RehearsalError `SynthesisFailed` with the CDK's own words
 */
export async function synthesize(
  cdkDirectory: string,
  output: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const cdk = findCdk(cdkDirectory);
  const result = await runCommand(
    cdk,
    ['synth', '--quiet', '--output', output, '--no-notices', '--no-version-reporting'],
    { cwd: cdkDirectory, env: environment },
  );
  if (result.exitCode === 0) return;
  throw new RehearsalError(
    'SynthesisFailed',
    `'cdk synth' failed in '${cdkDirectory}' with exit code ${String(result.exitCode)}:\n${result.stderr || result.stdout}`,
  );
}

/** The `cdk` program of the app, or of the workspace around it, as npm would find it. */
function findCdk(directory: string): string {
  for (let folder = directory; ; folder = dirname(folder)) {
    const program = join(folder, 'node_modules', '.bin', 'cdk');
    if (existsSync(program)) return program;
    if (dirname(folder) === folder) {
      throw new RehearsalError(
        'SynthesisFailed',
        `the CDK is not installed for '${directory}': there is no node_modules/.bin/cdk there or above. Run 'npm ci' in that repository first.`,
      );
    }
  }
}
