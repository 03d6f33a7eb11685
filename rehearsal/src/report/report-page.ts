import type { ProjectBuild } from '../codebuild/project-builds';
import { grantedSection } from './granted-section';
import { Html, html } from './html';
import type {
  CallReport,
  Check,
  DeploymentReport,
  ExecutionReport,
  QueueReport,
  Report,
  ReportedResource,
  ScenarioReport,
  TrafficReport,
} from './report';
import { stylesheet } from './report-style';
import { requestsText } from './totals';

/** The report as one HTML document that opens from disk and loads nothing. */
export function reportPage(report: Report): string {
  const passed = report.scenarios.length > 0 && report.scenarios.every((scenario) => scenario.passed);
  const names = report.scenarios.map(({ name }) => name).join(', ');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Rehearsal: ${passed ? 'passed' : 'failed'}</title>
<style>${new Html(stylesheet)}</style>
</head>
<body>
<header>
<p class="verdict ${passed ? 'good' : 'bad'}">${passed ? 'Passed' : 'Failed'}</p>
<h1>Rehearsal of ${report.project}</h1>
<p>${names} · ${report.engineDescription} · ${requestsText(report.totals)} · ${report.startedAt} · ${seconds(report.startedAt, report.finishedAt)}${
    report.speed === 1 ? '' : ` · AWS waits divided by ${report.speed}`
  }</p>
</header>
<main>
${report.scenarios.map(scenarioSection)}
${unprovenSection(report.unproven)}
${grantedSection(report.statements)}
${callsSection(report.calls)}
${resourcesSection(report)}
</main>
</body>
</html>
`.text;
}

function scenarioSection(scenario: ScenarioReport): Html {
  return html`<section>
<h2>${scenario.name} ${badge(scenario.passed ? 'passed' : 'failed', scenario.passed)}</h2>
<p>Expected: ${scenario.expectation}</p>
<ul class="checks">${scenario.checks.map(checkItem)}</ul>
${trafficTable(scenario.traffic)}
${scenario.executions.map(executionTable)}
${deploymentTable(scenario.deployments)}
${scenario.mail.length === 0 ? html`<p>No mail was sent.</p>` : html`<h3>Mail</h3><ul>${scenario.mail.map(
    (mail) => html`<li><a href="${mail.file}">${mail.subject}</a> to ${mail.to}, ${mail.at}</li>`,
  )}</ul>`}
${scenario.builds.map(buildItem)}
${alarmList(scenario)}
${scenario.queues.map(queueList)}
</section>`;
}

function alarmList({ alarms, undelivered }: ScenarioReport): Html {
  return html`${undelivered.map(
    ({ at, reason }) => html`<p class="bad">A message got lost at ${at}: ${reason}</p>`,
  )}
${alarms.map(
  ({ name, state, changes }) => html`<p>Alarm ${name}: ${state}</p>
<ul>${changes.map(({ at, from, to, reason }) => html`<li>${at} ${from} → ${to}: ${reason}</li>`)}</ul>`,
)}`;
}

function buildItem({ project, rule, status, startedAt, finishedAt, summary }: ProjectBuild): Html {
  return html`<p>Build of ${project}, started by ${rule} ${badge(status, status === 'SUCCEEDED')} ${seconds(startedAt, finishedAt)} ${summary}</p>
`;
}

function queueList({ name, messages, deadLetters }: QueueReport): Html {
  return html`<p>Queue ${name}: ${messages} ${messages === 1 ? 'message' : 'messages'}</p>
${deadLetters.map(
  ({ at, source, target, code, reason }) =>
    html`<p class="bad">A dead letter from ${source} for ${target} at ${at}: ${code}, ${reason}</p>`,
)}`;
}

function checkItem(check: Check): Html {
  return html`<li class="${check.passed ? 'good' : 'bad'}"><span>${check.expectation}</span><small>${check.actual}</small></li>
`;
}

function trafficTable(traffic: TrafficReport): Html {
  const { latencyMs, failed, resent } = traffic;
  const hadToFail = traffic.failedWithKilledTasks + traffic.failedWithBrokenVersion;
  return html`<h3>Traffic</h3>
<dl class="numbers">
<div><dt>requests</dt><dd>${traffic.sent}</dd></div>
<div class="${failed === hadToFail ? 'good' : 'bad'}"><dt>failed</dt><dd>${failed}</dd></div>
${hadToFail === 0 ? undefined : html`<div><dt>of them by the scenario</dt><dd>${hadToFail}</dd></div>`}
${resent === 0 ? undefined : html`<div><dt>sent again</dt><dd>${resent}</dd></div>`}
<div><dt>p50</dt><dd>${milliseconds(latencyMs.p50)}</dd></div>
<div><dt>p99</dt><dd>${milliseconds(latencyMs.p99)}</dd></div>
<div><dt>max</dt><dd>${milliseconds(latencyMs.max)}</dd></div>
<div><dt>this machine stalled</dt><dd>${milliseconds(traffic.longestStallMs)}</dd></div>
</dl>
${failuresTable(traffic)}
<table><thead><tr><th>answered by</th><th>requests</th></tr></thead><tbody>
${counts(traffic.byTaskDefinition)}${counts(traffic.byStatus)}
</tbody></table>`;
}

function failuresTable({ failed, failures }: TrafficReport): Html | undefined {
  if (failures.length === 0) return undefined;
  return html`<h3>Failed requests${failed > failures.length ? `: the first ${failures.length} of ${failed}` : ''}</h3>
<table><thead><tr><th>due</th><th>kind</th><th>path</th><th>result</th><th>target</th></tr></thead><tbody>${failures.map(
    ({ time, kind, path, result, target }) =>
      html`<tr><td>${time}</td><td>${kind}</td><td>${path}</td><td>${result}</td><td>${target ?? 'none'}</td></tr>
`,
  )}</tbody></table>`;
}

function counts(values: Readonly<Record<string, number>>): Html[] {
  return Object.entries(values).map(([name, count]) => html`<tr><td>${name}</td><td>${count}</td></tr>
`);
}

function executionTable(execution: ExecutionReport): Html {
  const rows = execution.stages.flatMap((stage) =>
    stage.actions.map(
      (action) => html`<tr><td>${stage.name}</td><td>${action.name}</td><td>${badge(action.status, action.status === 'Succeeded')}</td><td>${seconds(action.startedAt, action.finishedAt)}</td><td>${timelineBar(execution, action)}</td><td>${action.summary}</td></tr>
`,
    ),
  );
  return html`<h3>Pipeline execution ${badge(execution.status, execution.status === 'Succeeded')}</h3>
<p>${execution.id} · commit ${execution.commit ?? 'unknown'} · ${seconds(execution.startedAt, execution.finishedAt)}</p>
<table><thead><tr><th>stage</th><th>action</th><th>status</th><th>took</th><th class="wide">when</th><th>summary</th></tr></thead><tbody>
${rows}</tbody></table>`;
}

interface Span {
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

function timelineBar(whole: Span, part: Span): Html {
  const start = Date.parse(whole.startedAt);
  const length = Math.max(1, Date.parse(whole.finishedAt ?? part.finishedAt ?? whole.startedAt) - start);
  const percent = (time: string) => (100 * (Date.parse(time) - start)) / length;
  const left = percent(part.startedAt);
  const right = percent(part.finishedAt ?? whole.finishedAt ?? part.startedAt);
  return html`<div class="line"><div style="margin-left:${left.toFixed(1)}%;width:${Math.max(0.5, right - left).toFixed(1)}%"></div></div>`;
}

function deploymentTable(deployments: readonly DeploymentReport[]): Html {
  const rows = deployments.map(
    (deployment) => html`<tr><td>${deployment.id}</td><td>${lastPart(deployment.taskDefinition)}</td><td>${lastPart(deployment.image)}</td><td>${badge(deployment.rolloutState, deployment.rolloutState === 'COMPLETED')}</td><td>${seconds(deployment.startedAt, deployment.finishedAt)}</td></tr>
`,
  );
  return html`<h3>ECS deployments</h3>
<table><thead><tr><th>id</th><th>task definition</th><th>image</th><th>rollout state</th><th>took</th></tr></thead><tbody>
${rows}</tbody></table>`;
}

function unprovenSection(unproven: readonly string[]): Html {
  if (unproven.length === 0) return html``;
  return html`<section><h2>What this run does not prove</h2><ul>${unproven.map((text) => html`<li>${text}</li>
`)}</ul></section>`;
}

function callsSection(calls: readonly CallReport[]): Html {
  const rows = calls.map(
    (call) => html`<tr><td>${lastPart(call.principal)}</td><td>${call.action}</td><td>${call.resource}</td><td>${call.count}</td><td>${badge(call.allowed ? 'allowed' : 'denied', call.allowed)}</td></tr>
`,
  );
  return html`<section><h2>Calls and who made them</h2><details><summary>${calls.length} kinds of calls, ${calls.filter(({ allowed }) => !allowed).length} denied</summary><table><thead><tr><th>as</th><th>action</th><th>resource</th><th>times</th><th></th></tr></thead><tbody>${rows}</tbody></table></details></section>`;
}

function resourcesSection(report: Report): Html {
  const { played, accepted, refused } = report.resources;
  return html`<section><h2>Resources of the templates</h2>
${resourceDetails('Played', played)}${resourceDetails('Accepted without effect', accepted)}${resourceDetails('Refused', refused)}
${
  report.unplayedProperties.length === 0
    ? undefined
    : html`<details><summary>Properties not played: ${report.unplayedProperties.length}</summary><table><tbody>${report.unplayedProperties.map(
        ({ stack, logicalId, type, property }) =>
          html`<tr><td>${property}</td><td>${type}</td><td>${logicalId}</td><td>${stack}</td></tr>
`,
      )}</tbody></table></details>`
}
</section>`;
}

function resourceDetails(title: string, resources: readonly ReportedResource[]): Html {
  return html`<details><summary>${title}: ${resources.length}</summary><table><tbody>${resources.map(
    ({ type, logicalId, stack, reason }) => html`<tr><td>${type}</td><td>${logicalId}</td><td>${stack}</td><td>${reason ?? ''}</td></tr>
`,
  )}</tbody></table></details>`;
}

function badge(text: string, good: boolean): Html {
  return html`<span class="badge ${good ? 'good' : 'bad'}">${text}</span>`;
}

function seconds(from: string, to: string | null): string {
  if (to === null) return 'not finished';
  return `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)}\u00a0s`;
}

function milliseconds(value: number | null): string {
  if (value === null) return 'none';
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

function lastPart(text: string): string {
  return text.split('/').at(-1) ?? text;
}
