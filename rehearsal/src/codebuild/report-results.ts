/** Test cases of a report. */
export interface TestCounts {
  readonly total: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Lines of code of a coverage report. */
export interface LineCoverage {
  readonly covered: number;
  readonly total: number;
}

export interface ReportResults {
  readonly tests?: TestCounts;
  readonly coverage?: LineCoverage;
}

type Outcome = 'failed' | 'skipped' | 'passed';
type Counter = (text: string) => Outcome[];
type Coverage = (text: string) => LineCoverage | undefined;

/**
 * The formats of test cases that CodeBuild reads.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/test-reporting.html
 */
const TEST_FORMATS: Readonly<Record<string, Counter>> = {
  JUNITXML: junitOutcomes,
  CUCUMBERJSON: cucumberOutcomes,
  NUNITXML: byAttribute(
    'test-case',
    'result',
    /^(failure|error)$/i,
    /^(ignored|skipped|notrunnable)$/i,
  ),
  NUNIT3XML: byAttribute('test-case', 'result', /^failed$/i, /^skipped$/i),
  TESTNGXML: byAttribute('test-method', 'status', /^fail$/i, /^skip$/i),
  VISUALSTUDIOTRX: byAttribute(
    'UnitTestResult',
    'outcome',
    /^(failed|error|timeout|aborted)$/i,
    /^notexecuted$/i,
  ),
};

/** https://docs.aws.amazon.com/codebuild/latest/userguide/code-coverage-report.html */
const COVERAGE_FORMATS: Readonly<Record<string, Coverage>> = {
  CLOVERXML: (text) => largest(tags(text, 'metrics'), 'coveredstatements', 'statements'),
  COBERTURAXML: (text) => largest(tags(text, 'coverage'), 'lines-covered', 'lines-valid'),
  JACOCOXML: jacocoCoverage,
  SIMPLECOV: simplecovCoverage,
};

/** Whether a format tells of code coverage instead of test cases. */
export function isCoverage(format: string): boolean {
  return Object.hasOwn(COVERAGE_FORMATS, format);
}

/** What the raw results of one report hold; nothing of what cannot be read. */
export function readResults(format: string, texts: readonly string[]): ReportResults {
  try {
    const counter = TEST_FORMATS[format];
    if (counter !== undefined) return { tests: counted(texts.flatMap(counter)) };
    const found = texts
      .map((text) => COVERAGE_FORMATS[format]?.(text))
      .filter((coverage) => coverage !== undefined);
    if (found.length === 0) return {};
    const sum = (of: (coverage: LineCoverage) => number) =>
      found.reduce((total, coverage) => total + of(coverage), 0);
    return { coverage: { covered: sum((each) => each.covered), total: sum((each) => each.total) } };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return {};
    throw error;
  }
}

function counted(outcomes: readonly Outcome[]): TestCounts {
  const count = (outcome: Outcome) => outcomes.filter((each) => each === outcome).length;
  return { total: outcomes.length, failed: count('failed'), skipped: count('skipped') };
}

/** Each `testcase` counts once, whatever it holds. */
function junitOutcomes(text: string): Outcome[] {
  const cases = plain(text).matchAll(
    /<testcase\b(?:"[^"]*"|'[^']*'|[^'">])*?(\/>|>[^]*?<\/testcase>)/g,
  );
  return [...cases].map(([, rest = '']) => {
    if (/<(failure|error)\b/.test(rest)) return 'failed';
    return /<skipped\b/.test(rest) ? 'skipped' : 'passed';
  });
}

/** One element for each test, whose attribute says how it ended. */
function byAttribute(element: string, attribute: string, failed: RegExp, skipped: RegExp): Counter {
  return (text) =>
    tags(text, element)
      // What TestNG runs before and after the tests is none of them.
      .filter((tag) => attributeOf(tag, 'is-config') !== 'true')
      .map((tag) => {
        const outcome = attributeOf(tag, attribute) ?? '';
        if (failed.test(outcome)) return 'failed';
        return skipped.test(outcome) ? 'skipped' : 'passed';
      });
}

interface Feature {
  readonly elements?: readonly {
    readonly type?: string;
    readonly steps?: readonly { readonly result?: { readonly status?: string } }[];
  }[];
}

/** A scenario fails with one of its steps. */
function cucumberOutcomes(text: string): Outcome[] {
  const scenarios = (JSON.parse(text) as readonly Feature[])
    .flatMap(({ elements = [] }) => elements)
    .filter(({ type }) => type !== 'background');
  return scenarios.map(({ steps = [] }) => {
    const statuses = steps.map(({ result }) => result?.status ?? '');
    if (statuses.includes('failed')) return 'failed';
    return statuses.some((status) => ['skipped', 'pending', 'undefined'].includes(status))
      ? 'skipped'
      : 'passed';
  });
}

/** The counters of the report are the sums of those of its packages, classes and methods. */
function jacocoCoverage(text: string): LineCoverage | undefined {
  const lines = tags(text, 'counter').filter((tag) => attributeOf(tag, 'type') === 'LINE');
  const all = lines.map((tag) => {
    const covered = Number(attributeOf(tag, 'covered'));
    return { covered, total: covered + Number(attributeOf(tag, 'missed')) };
  });
  return all.sort((a, b) => b.total - a.total)[0];
}

type Lines = readonly (number | null | 'ignored')[];
type Simplecov = Record<string, { coverage: Record<string, Lines | { lines: Lines }> }>;

/** A number for each line that can run, `null` for the others. */
function simplecovCoverage(text: string): LineCoverage {
  const runs = Object.values(JSON.parse(text) as Simplecov);
  const lines = runs
    .flatMap(({ coverage }) => Object.values(coverage))
    .flatMap((file) => ('lines' in file ? file.lines : file))
    .filter((hits) => typeof hits === 'number');
  return { covered: lines.filter((hits) => hits > 0).length, total: lines.length };
}

/** Of several elements the one that stands for the whole has the most. */
function largest(
  found: readonly string[],
  coveredName: string,
  totalName: string,
): LineCoverage | undefined {
  return found
    .filter((tag) => attributeOf(tag, totalName) !== undefined)
    .map((tag) => ({
      covered: Number(attributeOf(tag, coveredName)),
      total: Number(attributeOf(tag, totalName)),
    }))
    .sort((a, b) => b.total - a.total)[0];
}

/** Attributes of every element of a name. */
function tags(text: string, name: string): string[] {
  const pattern = new RegExp(`<${name}\\b((?:"[^"]*"|'[^']*'|[^'">])*)>`, 'g');
  return [...plain(text).matchAll(pattern)].map(([, attributes = '']) => attributes);
}

function attributeOf(attributes: string, name: string): string | undefined {
  const pattern = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`);
  const [, inDouble, inSingle] = pattern.exec(attributes) ?? [];
  return inDouble ?? inSingle;
}

/** Without comments and quoted text. */
function plain(text: string): string {
  return text.replace(/<!\[CDATA\[[^]*?\]\]>|<!--[^]*?-->/g, '');
}
