import type { Vulnerability } from './vulnerability';

interface Advisory {
  readonly title?: string;
  readonly url?: string;
  readonly severity?: string;
  readonly range?: string;
}

/** https://docs.npmjs.com/cli/commands/npm-audit, with --json */
interface AuditReport {
  readonly message?: string;
  readonly error?: { readonly summary?: string };
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly via?: readonly (string | Advisory)[] }>
  >;
}

export type Audit =
  | { readonly critical: readonly Vulnerability[] }
  /** Nobody has looked: the registry has no audit endpoint, or did not answer */
  | { readonly notAudited: string };

/** What `npm audit --json` printed. */
export function readAudit(stdout: string, stderr: string): Audit {
  const report = parse(stdout);
  if (report?.vulnerabilities === undefined) {
    const reason = [report?.error?.summary, report?.message, stderr.trim(), 'npm gave no reason'];
    return { notAudited: reason.find(Boolean) ?? '' };
  }
  const critical = new Map<string, Vulnerability>();
  for (const [name, { via = [] }] of Object.entries(report.vulnerabilities)) {
    for (const advisory of via) {
      // A name instead of an advisory: the vulnerability is that package's, listed on its own.
      if (typeof advisory === 'string' || advisory.severity !== 'critical') continue;
      const { url, title = 'no title', range = '' } = advisory;
      const id = url?.split('/').at(-1) ?? name;
      critical.set(id, { id, about: `${`${name} ${range}`.trim()}: ${title}`, url });
    }
  }
  return { critical: [...critical.values()] };
}

function parse(text: string): AuditReport | undefined {
  try {
    return JSON.parse(text) as AuditReport;
  } catch {
    return undefined;
  }
}
