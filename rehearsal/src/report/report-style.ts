/** Styles of report.html, inside the document so that it opens from disk. */
export const stylesheet = `
:root { color-scheme: light dark; --good: #1a7f37; --bad: #cf222e; --line: #8884; --quiet: #6e7781; }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --bad: #f85149; --quiet: #8b949e; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 68rem; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { margin-top: 2.5rem; } h3 { margin: 1.6rem 0 0.4rem; }
header p { color: var(--quiet); margin: 0.2rem 0; }
.verdict { font-weight: 700; text-transform: uppercase; letter-spacing: 0.08em; }
header .good, .badge.good, .checks .good::before { color: var(--good); }
header .bad, .badge.bad, .checks .bad::before { color: var(--bad); }
.badge { border: 1px solid; border-radius: 1em; font-size: 0.8rem; font-weight: 600; padding: 0.05em 0.7em; white-space: nowrap; }
.checks { list-style: none; padding: 0; }
.checks li { padding-left: 1.6em; position: relative; }
.checks li::before { content: '✓'; font-weight: 700; left: 0; position: absolute; }
.checks .bad::before { content: '✗'; }
.checks small { color: var(--quiet); display: block; overflow-wrap: anywhere; }
.numbers { display: flex; flex-wrap: wrap; gap: 2rem; margin: 0.5rem 0; }
.numbers dt { color: var(--quiet); } .numbers dd { font-size: 1.4rem; margin: 0; }
.numbers .good dd { color: var(--good); } .numbers .bad dd { color: var(--bad); }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); overflow-wrap: break-word; padding: 0.3rem 0.8rem 0.3rem 0; text-align: left; vertical-align: top; }
th { color: var(--quiet); font-weight: 500; } .wide { min-width: 10rem; width: 30%; }
.line { background: var(--line); border-radius: 3px; margin-top: 0.5em; } .line div { background: var(--good); border-radius: 3px; height: 0.5em; }
summary { cursor: pointer; padding: 0.3rem 0; }
`;
