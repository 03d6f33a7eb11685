// A rehearsal leaves no container, no process and no scratch files behind.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const problems = [];

const containers = execFileSync(
  'docker',
  ['ps', '-aq', '--filter', 'label=ecs-codepipeline-practice.rehearsal'],
  { encoding: 'utf8' },
).trim();
if (containers !== '') problems.push(`containers: ${containers.split('\n').join(', ')}`);

const runs = '.rehearsal/runs';
if (existsSync(runs) && readdirSync(runs).length > 0) {
  problems.push(`runs: ${readdirSync(runs).join(', ')}`);
}

for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    if (command.includes(`${process.cwd()}/.rehearsal/`))
      problems.push(`process ${pid}: ${command}`);
  } catch {
    // It ended meanwhile.
  }
}

if (problems.length > 0) {
  console.error(`left behind:\n  ${problems.join('\n  ')}`);
  process.exit(1);
}
