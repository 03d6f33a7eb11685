import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, CfnResource, Validations } from 'aws-cdk-lib/core';
import { CfnSecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { AwsSolutionsChecks } from 'cdk-nag';
import { outputDirectory } from './_helpers/output-directory';
import { pipelineStack, serviceStack, testApp } from './_helpers/synth';

/** `conclusion` and the names of broken rules, by checker. */
type Findings = Record<string, string[]>;

/**
 * Synthesizes with CloudFormation's own validator and cdk-nag, which write a report beside the
 * templates. A checker without findings is not in the report.
 */
function findingsOf(define: (app: App) => void): Findings {
  const outdir = outputDirectory();
  const printed = jest.spyOn(console, 'error').mockImplementation();
  try {
    const app = testApp({ outdir, builtinCloudFormationValidation: true });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
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

test('the validators find nothing in the two stacks', () => {
  expect(
    findingsOf((app) => pipelineStack({ notificationEmail: 'team@example.com' }, app)),
  ).toEqual({});
});

test('nor in the other choices: public addresses, x86, a connection, a second service', () => {
  expect(
    findingsOf((app) => {
      const first = serviceStack({ egress: 'public-ip', cpuArchitecture: 'X86_64' }, app);
      const second = serviceStack({ serviceName: 'web', shareClusterOf: first }, app, 'Second');
      const connectionArn =
        'arn:aws:codeconnections:ap-northeast-2:111122223333:connection/0a1b2c3d-1111-2222-3333-444455556666';
      pipelineStack({ stack: first, connectionArn }, app);
      pipelineStack({ stack: second }, app, 'SecondRelease');
    }),
  ).toEqual({});
});

test('the validators are really asked: an open group and a wrong property are found', () => {
  const findings = findingsOf((app) => {
    const stack = serviceStack({}, app);
    new CfnSecurityGroup(stack, 'Open', {
      groupDescription: 'open to the world',
      securityGroupIngress: [
        { ipProtocol: 'tcp', fromPort: 22, toPort: 22, cidrIp: '0.0.0.0/0', description: 'ssh' },
      ],
    });
    new CfnResource(stack, 'Wrong', {
      type: 'AWS::ECS::Cluster',
      properties: { ClusterNames: 'x' },
    });
  });
  expect(findings['AwsSolutions']).toContain('AwsSolutions-EC23');
  expect(findings['CloudFormation Validate']?.length).toBeGreaterThan(0);
});

test('an exception is made for a single resource, never for a stack or the app', () => {
  const release = pipelineStack();
  const acknowledged = release.node.root.node
    .findAll()
    .filter((construct) =>
      construct.node.metadata.some(
        ({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY,
      ),
    )
    .map((construct) => construct.node.path.split('/'));
  expect(acknowledged.length).toBeGreaterThan(5);
  expect(acknowledged.filter((path) => path.length < 2)).toEqual([]);
});
