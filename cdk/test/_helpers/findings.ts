import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Validations } from 'aws-cdk-lib/core';
import type { NagPack } from 'cdk-nag';
import {
  AwsSolutionsChecks,
  HIPAASecurityChecks,
  NIST80053R5Checks,
  PCIDSS321Checks,
} from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { outputDirectory } from './output-directory';
import { testApp } from './synth';

/** All of them, the first is AWS's own: https://github.com/cdklabs/cdk-nag/blob/main/RULES.md */
export const PACKS = {
  AwsSolutions: AwsSolutionsChecks,
  'NIST.800.53.R5': NIST80053R5Checks,
  'PCI.DSS.321': PCIDSS321Checks,
  'HIPAA.Security': HIPAASecurityChecks,
} as const;

/** Names of broken rules, by checker. */
export type Findings = Record<string, string[]>;

/**
 * Synthesizes with CloudFormation's own validator and every rule pack, which write a report beside
 * the templates. A checker without findings is not in the report; warnings are in it as errors are.
 */
export function findingsOf(define: (app: App) => void): Findings {
  const outdir = outputDirectory();
  const printed = jest.spyOn(console, 'error').mockImplementation();
  try {
    const app = testApp({ outdir, builtinCloudFormationValidation: true });
    Validations.of(app).addPlugins(...Object.values(PACKS).map((Pack) => new Pack(app)));
    define(app);
    // An error finding makes synthesis throw once the report is written.
    let failure: unknown;
    try {
      app.synth();
    } catch (error) {
      failure = error;
    }
    const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as {
      pluginReports: { pluginName: string; violations: { ruleName: string }[] }[];
    };
    if (failure && report.pluginReports.length === 0) throw failure as Error;
    return Object.fromEntries(
      report.pluginReports.map(({ pluginName, violations }) => [
        pluginName,
        violations.map(({ ruleName }) => ruleName),
      ]),
    );
  } finally {
    printed.mockRestore();
  }
}

/** What a rule pack would find if nothing were acknowledged. */
export interface Finding {
  readonly rule: string;
  /** Path of the construct */
  readonly path: string;
}

/** Findings of one pack in constructs that are defined, acknowledged or not. */
export function rawFindings(pack: keyof typeof PACKS, root: IConstruct): Finding[] {
  const checks: NagPack = new PACKS[pack](root);
  // The packs offer no way to look behind acknowledgements.
  Object.assign(checks, { isAcknowledged: () => false });
  return checks.validateScope(root).violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map((resource) => ({
      rule: ruleName,
      path: (resource as unknown as { constructPath: string }).constructPath,
    })),
  );
}

/** What the packs find that nobody has acknowledged; quicker than a synthesis, and without CloudFormation. */
export function openFindings(root: IConstruct): string[] {
  return Object.values(PACKS).flatMap((Pack) =>
    new Pack(root).validateScope(root).violations.map(({ ruleName }) => ruleName),
  );
}

/** One rule that one construct has a reason to break. */
export interface Acknowledged extends Finding {
  readonly reason: string;
}

/** Every acknowledgement of ours; the CDK makes some for errors in CloudFormation's own schemas. */
export function acknowledgements(root: IConstruct): Acknowledged[] {
  const all = root.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) =>
        Object.entries(data as Record<string, string>).map(([id, reason]) => ({
          rule: id.replace(/^annotation::/i, ''),
          path: node.path,
          reason,
        })),
      ),
  );
  return all.filter(({ rule }) => !rule.startsWith('CloudFormation-Validate::'));
}
