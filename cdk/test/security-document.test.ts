import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Stack } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { acknowledgements, PACKS, rawFindings } from './_helpers/findings';
import { unscopedActions } from './_helpers/statements';
import { HARDENED, pipelineStack, serviceStack, testApp } from './_helpers/synth';

/**
 * The tables of SECURITY.md are what the templates are. `UPDATE_TABLES=1 npm test -- --selectProjects
 * cdk --testPathPatterns security-document` writes those between two markers anew.
 */
const root = join(__dirname, '../..');
const path = join(root, 'SECURITY.md');
const read = () => readFileSync(path, 'utf8');

function appOf(service: object, release: object = {}): IConstruct {
  const app = testApp();
  pipelineStack({ stack: serviceStack(service, app), ...release }, app);
  return app;
}
const apps = { default: appOf({}), hardened: appOf(HARDENED) };
const chat = { slackWorkspaceId: 'T012ABCDEFG', slackChannelId: 'C012ABCDEFG' };
const connection = {
  connectionArn: 'arn:aws:codeconnections:ap-northeast-2:111122223333:connection/0a1b2c3d',
};

/** Cells of every line of the table below a heading, without its head. */
function tableBelow(heading: string): string[][] {
  const [, section = ''] = read().split(`\n### ${heading}\n`);
  const [own = ''] = section.split(/\n#{2,3} /);
  return own
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** Compares, or writes, what stands between two markers. Widths of columns do not matter. */
function expectTable(name: string, head: string[], rows: string[][]): void {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
  const [before = '', rest = ''] = read().split(begin);
  const [written = '', after = ''] = rest.split(end);
  if (process.env['UPDATE_TABLES']) {
    writeFileSync(path, `${before}${begin}\n${lines.join('\n')}\n\n${end}${after}`);
    return;
  }
  const squeeze = (text: string) => text.replace(/ {2,}/g, ' ').replace(/-{3,}/g, '---').trim();
  expect(squeeze(written)).toBe(squeeze(lines.join('\n')));
}

test('the document counts what each rule pack finds, and nothing is left unacknowledged', () => {
  const count = (pack: keyof typeof PACKS, app: IConstruct) => {
    const found = rawFindings(pack, app);
    const answered = new Set(acknowledgements(app).map((one) => `${one.rule} ${one.path}`));
    const open = found.filter((one) => !answered.has(`${one.rule} ${one.path}`));
    return [found.length - open.length, open.length].map(String);
  };
  expectTable(
    'counts of findings',
    [
      'rule pack',
      'default: acknowledged',
      'unacknowledged',
      'hardened: acknowledged',
      'unacknowledged',
    ],
    (Object.keys(PACKS) as (keyof typeof PACKS)[]).map((pack) => [
      pack,
      ...count(pack, apps.default),
      ...count(pack, apps.hardened),
    ]),
  );
});

test('the document lists every exception with its reason', () => {
  const reasons = new Map<string, { rules: Set<string>; where: Set<string>; in: Set<string> }>();
  for (const [name, app] of Object.entries(apps)) {
    for (const { rule, path: at, reason } of acknowledgements(app)) {
      const row = reasons.get(reason) ?? { rules: new Set(), where: new Set(), in: new Set() };
      // What follows in brackets is the finding in the rule, in terms of logical ids.
      row.rules.add(rule.replace(/^(NIST[\w.]*|PCI[\w.]*|HIPAA[\w.]*)-|\[.*$/g, ''));
      row.where.add(at.replace(/(\/DefaultPolicy)?\/Resource$/, ''));
      row.in.add(name);
      reasons.set(reason, row);
    }
  }
  expectTable(
    'exceptions',
    ['rule', 'resource', 'in', 'reason'],
    [...reasons].map(([reason, row]) => [
      [...row.rules].join(', '),
      [...row.where].join(', '),
      row.in.size === 2 ? 'both' : [...row.in].join(),
      reason,
    ]),
  );
});

test('the document names every action that a role may take on all resources, with a source', () => {
  const found = [apps.default, apps.hardened, appOf({}, { ...chat, ...connection })]
    .flatMap((app) => app.node.children.filter((child) => Stack.isStack(child)))
    .map((stack) => Template.fromStack(stack));
  const rows = tableBelow('Statements on every resource');
  expect(rows.map(([action, role]) => `${action} ${role}`).sort()).toEqual(
    unscopedActions(found)
      .map(({ action, role }) => `\`${action}\` ${role}`)
      .sort(),
  );
  for (const [, , , source] of rows) expect(source).toMatch(/https:\/\/docs\.aws\.amazon\.com\//);
});

describe('Security Hub and Control Tower', () => {
  const rows = tableBelow('Security Hub and Control Tower');

  test('every control of ECS is in the document once', () => {
    const controls = rows.map(([control]) => control);
    expect(controls).toEqual([
      ...[1, 2, 3, 4, 5, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21].map((n) => `ECS.${n}`),
      ...Array.from({ length: 12 }, (_, index) => `CT.ECS.PR.${index + 1}`),
    ]);
  });

  test('every control names a test that exists', () => {
    const missing = rows.filter(([, , proof = '']) => {
      const [file = '', title = ''] = proof.split(' › ');
      return (
        !existsSync(join(root, file)) ||
        !readFileSync(join(root, file), 'utf8').includes(`test('${title}'`)
      );
    });
    expect(missing).toEqual([]);
  });
});
