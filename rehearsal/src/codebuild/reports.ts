import { readFile } from 'node:fs/promises';
import type { Authorizer, Caller } from '../iam/authorizer';
import { ArtifactError, findArtifacts } from './build-artifacts';
import type { BuildPaths } from './build-paths';
import type { ReportSpec } from './buildspec';
import { isCoverage, readResults, type ReportResults } from './report-results';

/** A test report of a build, as CodeBuild sums it up. */
export interface BuildReport extends ReportResults {
  /** As the buildspec names it: a name or an ARN */
  readonly group: string;
  readonly format: string;
  /** Paths of the raw results, relative to their base directory */
  readonly files: readonly string[];
}

/** The results could not be collected; CodeBuild's status code for it is `CLIENT_ERROR`. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
}

export interface ReportInput {
  readonly paths: BuildPaths;
  readonly environment: Readonly<Record<string, string>>;
  readonly projectArn: string;
  readonly projectName: string;
  readonly caller: Caller;
  readonly authorizer: Authorizer | undefined;
  readonly log: (line: string) => void;
}

/**
 * Collects the raw results of one report group, also those of a failed build.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/test-reporting.html
 *
 * @throws ReportError when there are none, or when the role may not make reports
 */
export async function collectReport(
  group: string,
  spec: ReportSpec,
  input: ReportInput,
): Promise<BuildReport> {
  const { paths, environment, log } = input;
  const fail = (problem: string) =>
    new ReportError(`Error in UPLOAD_ARTIFACTS phase: [${group}: [${problem}]]`);
  log(`Preparing to copy TEST report ${group}`);
  const format = spec['file-format'];
  const pattern = { ...spec, name: undefined, 'exclude-paths': [], 'enable-symlinks': false };
  const entries = await findArtifacts(pattern, paths, environment, log).catch((error: unknown) => {
    if (!(error instanceof ArtifactError)) throw error;
    throw fail('report files not found in build');
  });
  const denied = deniedCall(group, format, input);
  if (denied !== undefined) throw fail(`error creating report: AccessDeniedException: ${denied}`);
  const texts = await Promise.all(entries.map(({ from }) => readFile(from, 'utf8')));
  const results = readResults(format, texts);
  const { tests, coverage } = results;
  const counted = tests && `: ${tests.total} tests, ${tests.failed} failed`;
  const lines = coverage && `: ${coverage.covered} of ${coverage.total} lines covered`;
  log(`Report ${group} has ${entries.length} file(s)${counted ?? lines ?? ''}`);
  return { group, format, files: entries.map(({ path }) => path), ...results };
}

/** https://docs.aws.amazon.com/codebuild/latest/userguide/test-permissions.html */
function deniedCall(group: string, format: string, input: ReportInput): string | undefined {
  const { authorizer, caller, projectArn, projectName } = input;
  if (authorizer === undefined) return undefined;
  const resource = group.startsWith('arn:')
    ? group
    : projectArn.replace(/:project\/.*/, `:report-group/${projectName}-${group}`);
  const put = isCoverage(format) ? 'BatchPutCodeCoverages' : 'BatchPutTestCases';
  const create = group.startsWith('arn:') ? [] : ['CreateReportGroup'];
  for (const name of [...create, 'CreateReport', 'UpdateReport', put]) {
    const decision = authorizer.authorize({ caller, action: `codebuild:${name}`, resource });
    if (!decision.allowed) return decision.message;
  }
  return undefined;
}
