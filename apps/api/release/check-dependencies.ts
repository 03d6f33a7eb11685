import { spawnSync } from 'node:child_process';
import { readAudit } from './dependency-audit';
import { end } from './end';
import { ACCEPTED, judge, parseAccepted } from './vulnerability';

/** `required` fails a build whose dependencies nobody could audit; else that is a warning. */
const REQUIREMENT = 'DEPENDENCY_AUDIT';

/** `check-dependencies.ts`: 0 when the API's dependencies may be released, else 1. */
function check(): void {
  const accepted = parseAccepted(process.env[ACCEPTED] ?? '');
  const requirement = process.env[REQUIREMENT] ?? '';
  if (!['', 'required', 'if-possible'].includes(requirement)) {
    return end(1, `${REQUIREMENT} must be required or if-possible, got '${requirement}'`);
  }
  const { stdout, stderr, error } = spawnSync(
    'npm',
    // One retry, soon: a machine without a network would else wait for minutes.
    [
      ...['audit', '--json', '-w', 'api', '--omit=dev', '--audit-level=critical'],
      ...['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-timeout=20000'],
    ],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const audit = error ? { notAudited: error.message } : readAudit(stdout, stderr);
  if ('critical' in audit) {
    const today = new Date().toISOString().slice(0, 10);
    const { passed, text } = judge("the API's dependencies", audit.critical, accepted, today);
    return end(passed ? 0 : 1, text);
  }
  return requirement === 'required'
    ? end(1, `The API's dependencies could not be audited: ${audit.notAudited}`)
    : end(0, `Warning: the API's dependencies were NOT audited: ${audit.notAudited}`);
}

try {
  check();
} catch (error) {
  end(1, error);
}
