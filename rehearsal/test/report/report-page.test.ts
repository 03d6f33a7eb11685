import type { StatementUse } from '../../src/iam/policy-use';
import { html } from '../../src/report/html';
import type { Report } from '../../src/report/report';
import { reportPage } from '../../src/report/report-page';

const time = '2026-01-01T00:00:00.000Z';
const later = '2026-01-01T00:01:30.000Z';

const statement = (text: string, calls = 1): StatementUse => ({
  holder: text,
  kind: 'identity-based policy',
  where: text,
  place: null,
  statement: 0,
  sid: text,
  effect: 'Allow',
  calls,
  actions: [{ pattern: text, calls }],
  resources: [{ pattern: text, calls }],
});

const report = (passed: boolean, text = 'release'): Report => ({
  schemaVersion: 1,
  engine: 'process',
  engineDescription: text,
  speed: 1,
  startedAt: time,
  finishedAt: later,
  project: text,
  resources: { played: [{ logicalId: text, type: text, stack: text }], accepted: [], refused: [] },
  unplayedProperties: [],
  calls: [{ principal: text, action: text, resource: text, allowed: false, count: 1 }],
  statements: [statement(text)],
  unproven: [text],
  silentAlarms: [],
  totals: { sent: 10, failed: 1, resent: 0, failedWithKilledTasks: 0, failedWithBrokenVersion: 0 },
  scenarios: [
    {
      name: text,
      passed,
      expectation: text,
      startedAt: time,
      finishedAt: later,
      checks: [{ expectation: text, passed, actual: text }],
      executions: [
        {
          id: text,
          pipeline: 'api-pipeline',
          commit: text,
          status: 'Succeeded',
          startedAt: time,
          finishedAt: later,
          stages: [
            {
              name: text,
              status: text,
              startedAt: time,
              finishedAt: later,
              actions: [
                { name: text, status: text, summary: text, startedAt: time, finishedAt: null },
              ],
            },
          ],
        },
      ],
      deployments: [
        {
          id: text,
          taskDefinition: text,
          image: text,
          rolloutState: text,
          startedAt: time,
          finishedAt: null,
        },
      ],
      traffic: {
        sent: 10,
        succeeded: 9,
        failed: 1,
        resent: 0,
        byStatus: { [text]: 9 },
        byTaskDefinition: { [text]: 9 },
        errorsByTaskDefinition: {},
        latencyMs: { p50: 1.23, p99: 45.6, max: 789 },
        failures: [{ time, kind: text, path: text, result: '502', target: text }],
        longestStallMs: 4321,
        failedWithKilledTasks: 0,
        failedWithBrokenVersion: 0,
      },
      mail: [{ subject: text, to: text, at: time, file: 'mail/1.eml', text: '', ofBefore: false }],
      alarms: [
        {
          name: text,
          state: 'ALARM',
          changes: [{ at: time, from: 'OK', to: 'ALARM', reason: text }],
        },
      ],
      rules: [],
      undelivered: [
        { target: text, at: time, publisher: text, sourceArn: undefined, reason: text },
      ],
      builds: [
        {
          ...{ project: text, rule: text, startedAt: time, finishedAt: null },
          ...{ status: 'FAILED', summary: text },
        },
      ],
      queues: [
        {
          ...{ name: text, arn: text, logicalId: text, stack: text, messages: 3 },
          deadLetters: [
            { at: time, source: text, target: text, code: 'NO_PERMISSIONS', reason: text },
          ],
        },
      ],
    },
  ],
});

it('says at once whether the rehearsal passed', () => {
  expect(reportPage(report(true))).toContain('<title>Rehearsal: passed</title>');
  expect(reportPage(report(false))).toContain('<title>Rehearsal: failed</title>');
});

it('does not call a report without scenarios passed', () => {
  expect(reportPage({ ...report(true), scenarios: [] })).toContain(
    '<title>Rehearsal: failed</title>',
  );
});

it('escapes every text, wherever it stands', () => {
  const page = reportPage(report(true, `<script>alert("1")</script><img src=x onerror='y'>`));
  expect(page).not.toMatch(/<script|<img/);
  expect(page.match(/&lt;script&gt;/g)!.length).toBeGreaterThan(10);
});

it('shows the requests that failed, and how late this machine itself was', () => {
  const page = reportPage(report(true, '10.0.1.17:3000'));
  expect(page).toContain('<td>502</td><td>10.0.1.17:3000</td>');
  expect(page).toContain('4321 ms');
  expect(page).toContain('10 requests, 1 failed');
});

it('shows how a build ended that a rule started', () => {
  const page = reportPage(report(true, 'nightly'));
  expect(page).toMatch(/Build of nightly, started by nightly .*FAILED/);
});

it('shows how many messages are in a queue, and why some of them are dead letters', () => {
  const page = reportPage(report(true, 'failures'));
  expect(page).toContain('Queue failures: 3 messages');
  expect(page).toContain('NO_PERMISSIONS, failures');
});

it('loads nothing from anywhere', () => {
  const page = reportPage(report(true));
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
});

it('puts HTML into HTML unescaped, and everything else escaped', () => {
  expect(
    html`<p>${html`<b>${'a & b'}</b>`}${[html`<i>1</i>`, html`<i>2</i>`]}${undefined}</p>`.text,
  ).toBe('<p><b>a &amp; b</b><i>1</i><i>2</i></p>');
});

describe('granted and used', () => {
  const holder = 'arn:aws:iam::000000000000:role/build';
  const page = (...statements: StatementUse[]) => reportPage({ ...report(true), statements });

  it('counts for each role what it may do and did not', () => {
    const grants = page(
      { ...statement('ecr:PutImage'), holder },
      { ...statement('ecr:BatchDeleteImage', 0), holder },
    );

    expect(grants).toContain('2 statements that allow something; 2 of their actions and resources');
    expect(grants).toContain('<summary>role/build: 2 unused</summary>');
    expect(grants).toContain('<div class="bad">ecr:BatchDeleteImage (unused)</div>');
    expect(grants).toContain('<div>ecr:PutImage</div>');
  });

  it('calls a statement with NotAction unused when no call needed it', () => {
    expect(page({ ...statement('all', 0), holder, actions: [], resources: [] })).toContain(
      '<summary>role/build: 1 unused</summary>',
    );
  });

  it('does not mind a statement that denies and has nothing to do', () => {
    expect(page({ ...statement('s3:*', 0), holder, effect: 'Deny' })).toContain(
      '<summary>role/build: nothing unused</summary>',
    );
  });
});

test('requests that failed because a scenario killed a task or broke a version are told apart', () => {
  const totals = {
    sent: 10,
    failed: 6,
    resent: 0,
    failedWithKilledTasks: 2,
    failedWithBrokenVersion: 3,
  };
  expect(reportPage({ ...report(true), totals })).toContain(
    '10 requests, 6 failed, 2 of them with tasks that a scenario killed, 3 of them answered by a version that a scenario broke',
  );
});
