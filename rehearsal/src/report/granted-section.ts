import type { PatternUse, StatementUse } from '../iam/policy-use';
import { Html, html } from './html';

/** What the policies of the templates grant, role by role: what the calls used and what they did not. */
export function grantedSection(statements: readonly StatementUse[]): Html {
  const grants = statements.filter(({ effect }) => effect === 'Allow');
  const unused = grants.flatMap(unusedOf).length;
  const holders = [...new Set(statements.map(({ holder }) => holder))];
  return html`<section><h2>Granted and used</h2>
<p>${grants.length} statements that allow something; ${unused} of their actions and resources were not used.</p>
${holders.map((holder) =>
  holderDetails(
    holder,
    statements.filter((statement) => statement.holder === holder),
  ),
)}</section>`;
}

/** Entries of a statement that no call of the run needed. */
export function unusedOf({ actions, resources, calls }: StatementUse): string[] {
  if (actions.length === 0 && calls === 0) return ['everything but its NotAction'];
  return [...actions, ...resources].filter(({ calls }) => calls === 0).map(({ pattern }) => pattern);
}

function holderDetails(holder: string, statements: readonly StatementUse[]): Html {
  const unused = statements.filter(({ effect }) => effect === 'Allow').flatMap(unusedOf).length;
  return html`<details><summary>${shortName(holder)}: ${unused === 0 ? 'nothing unused' : `${unused} unused`}</summary>
<table><thead><tr><th>statement</th><th></th><th>actions</th><th>resources</th><th>calls</th></tr></thead><tbody>${statements.map(
    statementRow,
  )}</tbody></table></details>
`;
}

function statementRow({ kind, where, statement, sid, effect, calls, actions, resources }: StatementUse): Html {
  return html`<tr><td>${sid ?? `statement ${statement + 1}`}<br><small>${kind}, ${where}</small></td><td>${effect}</td><td>${patterns(actions, effect)}</td><td>${patterns(resources, effect)}</td><td>${calls}</td></tr>
`;
}

/** A statement that denies is meant to be idle. */
function patterns(uses: readonly PatternUse[], effect: StatementUse['effect']): Html[] {
  return uses.map(
    ({ pattern, calls }) =>
      html`<div${effect === 'Allow' && calls === 0 ? new Html(' class="bad"') : undefined}>${pattern}${
        effect === 'Allow' && calls === 0 ? ' (unused)' : ''
      }</div>`,
  );
}

/** The name of a role or bucket; the ARN of anything else would be cut in the wrong place. */
function shortName(arn: string): string {
  return arn.replace(/^arn:[^:]*:(iam|s3|sns)::?[^:]*:(\d*:)?/, '');
}
