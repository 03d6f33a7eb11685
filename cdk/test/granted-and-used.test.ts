import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import type { Stack } from 'aws-cdk-lib/core';
import { pipelineStack, serviceStack, testApp } from './_helpers/synth';

/** Properties that hold a policy. */
const POLICIES = [
  'AssumeRolePolicyDocument',
  'PolicyDocument',
  'KeyPolicy',
  'RepositoryPolicyText',
  'ResourcePolicy',
];

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
}

/** Every permission that a stack grants, as `npm run -w rehearsal least-privilege` writes it. */
function permissions(stack: Stack): string[] {
  const { Resources } = Template.fromStack(stack).toJSON() as {
    Resources: Record<string, { Properties?: Record<string, { Statement: Statement[] }> }>;
  };
  return Object.entries(Resources).flatMap(([logicalId, { Properties = {} }]) => {
    const holder = logicalId.replace(/(DefaultPolicy)?[0-9A-F]{8}$/, '');
    return POLICIES.flatMap((property) =>
      (Properties[property]?.Statement ?? []).flatMap(({ Sid, Effect, Action }, index) => {
        if (Effect !== 'Allow') return [];
        const isTrust = property === 'AssumeRolePolicyDocument';
        const name = isTrust ? 'trust policy' : (Sid ?? `statement ${index + 1}`);
        return [Action].flat().map((action) => `${holder}, ${name}: ${action}`);
      }),
    );
  });
}

test('SECURITY.md says of every permission which scenario needs it, or why there is none', () => {
  const app = testApp();
  const service = serviceStack({}, app);
  const release = pipelineStack({ stack: service }, app);
  const document = readFileSync(join(__dirname, '../../SECURITY.md'), 'utf8');
  const granted = [...permissions(service), ...permissions(release)];

  expect(granted.length).toBeGreaterThan(40);
  expect(granted.filter((permission) => !document.includes(`| ${permission} `))).toEqual([]);
});
