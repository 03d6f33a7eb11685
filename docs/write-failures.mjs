// Writes the mails of a rehearsal into docs/failures.md: node docs/write-failures.mjs REPORT
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [, , directory] = process.argv;
if (directory === undefined) {
  console.error('usage: node docs/write-failures.mjs REPORT, the directory that --report named');
  process.exit(2);
}
const path = new URL('failures.md', import.meta.url);
const { scenarios, engine, speed } = JSON.parse(
  readFileSync(join(directory, 'report.json'), 'utf8'),
);

const names = scenarios.map(({ name }) => `--scenario ${name}`).join(' ');
const atSpeed = speed === 1 ? '' : ` --speed ${speed}`;
const command = `npm run rehearse -- --engine ${engine}${atSpeed} ${names}`;
const told = scenarios.map(section).filter((text) => text !== '');
const document = between('mails', told.join('\n\n'), between('command', fenced(command, 'sh')));
writeFileSync(path, document);

/** What a scenario's subscribers got about releases, with how long after the failure. */
function section({ name, executions, mail }) {
  const failures = executions.flatMap(({ stages }) =>
    stages.flatMap(({ actions }) => actions.filter(({ status }) => status === 'Failed')),
  );
  // Alarms of the service are about a release only where one ended its deployment.
  const byAlarm = failures.some(({ summary }) => summary.includes('ECS deployment alarm'));
  const own = mail.filter(({ text }) => byAlarm || !/is not well|is well again/.test(text));
  const shown = own.map(({ subject, at, text, ofBefore }) => {
    const [body = ''] = text.split('\n\n--\n');
    // Of the text of an alarm the first paragraph; the rest are its settings.
    const short = /^(OK|ALARM): "/.test(subject) ? body.split('\n\n')[0] : body;
    const about = ofBefore ? 'About what was before this scenario.' : when(at, failures);
    return `${about} Subject: \`${subject}\`\n\n${fenced(short.trim(), 'text')}`;
  });
  return shown.length === 0 ? '' : `### ${name}\n\n${shown.join('\n\n')}`;
}

function when(at, failures) {
  const before = failures.filter(({ finishedAt }) => finishedAt <= at).at(-1);
  if (before === undefined) return 'Before the action ended.';
  const seconds = (Date.parse(at) - Date.parse(before.finishedAt)) / 1000;
  return `${seconds.toFixed(1)} s after the action failed.`;
}

function fenced(text, language) {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

function between(marker, text, document = readFileSync(path, 'utf8')) {
  const [begin, end] = [`<!-- ${marker} -->`, `<!-- end of ${marker} -->`];
  const [before, rest] = document.split(begin);
  const [, after] = rest.split(end);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}
