import { type App, CfnResource } from 'aws-cdk-lib/core';
import { CfnSecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  acknowledgements,
  type Finding,
  findingsOf,
  openFindings,
  PACKS,
  rawFindings,
} from './_helpers/findings';
import type { HardeningProps } from '../lib/hardening';
import { HARDENED, pipelineStack, serviceStack, testApp } from './_helpers/synth';

const CONNECTION =
  'arn:aws:codeconnections:ap-northeast-2:111122223333:connection/0a1b2c3d-1111-2222-3333-444455556666';

const SLACK = { slackWorkspaceId: 'T012ABCDEFG', slackChannelId: 'C012ABCDEFG' };

const hardened = (app: App) => pipelineStack({ stack: serviceStack(HARDENED, app) }, app);

test('CloudFormation and four rule packs find nothing in the stacks, whatever is chosen', () => {
  expect(
    findingsOf((app) => {
      pipelineStack({ notificationEmail: 'team@example.com' }, app);
      const small = serviceStack(
        { appName: 'small', egress: 'public-ip', cpuArchitecture: 'X86_64' },
        app,
        'Small',
      );
      pipelineStack({ stack: small, connectionArn: CONNECTION, ...SLACK }, app, 'SmallRelease');
      const second = serviceStack(
        { appName: 'small', serviceName: 'web', shareClusterOf: small },
        app,
        'Second',
      );
      pipelineStack({ stack: second }, app, 'SecondRelease');
      const all = serviceStack({ ...HARDENED, appName: 'hardened' }, app, 'Hardened');
      pipelineStack({ stack: all }, app, 'HardenedRelease');
    }),
  ).toEqual({});
});

test.each<[control: string, props: HardeningProps]>([
  ['HTTPS', { certificateArn: HARDENED.certificateArn }],
  ['the firewall', { waf: true }],
  ['access logs', { accessLogs: true }],
  ['flow logs', { flowLogs: true }],
  ['keys of the account', { kmsEncryption: true }],
  ['deletion protection', { deletionProtection: true }],
  ['Container Insights', { containerInsights: true }],
])('the rule packs find nothing with %s alone', (_, props) => {
  const app = testApp();
  pipelineStack({ stack: serviceStack(props, app) }, app);
  expect(openFindings(app)).toEqual([]);
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
  for (const pack of ['NIST.800.53.R5', 'PCI.DSS.321', 'HIPAA.Security']) {
    expect(findings[pack]).toContain(`${pack}-EC2RestrictedSSH`);
  }
  expect(findings['CloudFormation Validate']?.length).toBeGreaterThan(0);
});

describe('an exception', () => {
  const apps = [pipelineStack(), hardened(testApp())].map((release) => release.node.root);

  test('is made for a single resource, never for a stack, the app or all below a construct', () => {
    for (const app of apps) {
      const paths = acknowledgements(app).map(({ path }) => path);
      expect(paths.length).toBeGreaterThan(30);
      const resources = app.node.findAll().filter((each) => CfnResource.isCfnResource(each));
      expect(resources.map(({ node }) => node.path)).toEqual(expect.arrayContaining(paths));
    }
  });

  test('that hardened stacks do not need names the property that does away with it', () => {
    const [open, closed] = apps.map((app) => acknowledgements(app));
    const still = new Set(closed!.map(({ rule, path }) => `${rule} ${path}`));
    const optional = open!.filter(({ rule, path }) => !still.has(`${rule} ${path}`));
    const properties = Object.keys(serviceStack().hardening);
    expect(optional.length).toBeGreaterThan(20);
    for (const { reason } of optional) {
      expect(properties).toContain(/[Tt]he property `(\w+)`/.exec(reason)?.[1]);
    }
  });

  test('has a finding that it answers; those of the three packs share a name and a reason', () => {
    const key = ({ rule, path }: Finding) =>
      `${rule.replace(/^(NIST\.800\.53\.R5|PCI\.DSS\.321|HIPAA\.Security)-/, '')} ${path}`;
    for (const app of apps) {
      const found = new Set(
        (Object.keys(PACKS) as (keyof typeof PACKS)[])
          .flatMap((pack) => rawFindings(pack, app))
          .map(key),
      );
      expect(acknowledgements(app).filter((each) => !found.has(key(each)))).toEqual([]);
    }
  });
});
