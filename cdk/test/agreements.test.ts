import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { loadConfig } from '../../apps/api/src/config';
import { DEFAULT_REGION } from '../lib/app-config';
import { IMAGE_PLATFORMS } from '../lib/build-project';
import { IMAGE_DEFINITIONS_FILE, resourceNames } from '../lib/resource-names';
import {
  pairs,
  pipelineTemplate,
  type Properties,
  propertiesOf,
  serviceStack,
} from './_helpers/synth';

/** Numbers and names that live in several files because no single tool reads them all. */

const ROOT = join(__dirname, '..', '..');
const file = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const first = (pattern: RegExp, path: string): string => {
  const match = pattern.exec(file(path));
  if (!match?.[1]) throw new Error(`${path} has nothing like ${String(pattern)}`);
  return match[1];
};

const stack = serviceStack();
const template = Template.fromStack(stack);
const names = resourceNames();
const [container] = propertiesOf(template, 'AWS::ECS::TaskDefinition')['ContainerDefinitions'];
const api = loadConfig({});

test('Node is the same for developers, in the build and in the image', () => {
  const major = file('.nvmrc').trim().replace(/^v/, '').split('.')[0];
  expect(major).toBe('22');
  expect(first(/nodejs: *['"]?(\d+)/, 'buildspec.yml')).toBe(major);
  expect(first(/ARG NODE_IMAGE=\S*node:(\d+)/, 'apps/api/Dockerfile')).toBe(major);
});

test('the API keeps idle connections longer than the load balancer, which would else answer 502', () => {
  const loadBalancer = propertiesOf(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
  const idle = Number(
    pairs(loadBalancer['LoadBalancerAttributes'])['idle_timeout.timeout_seconds'],
  );
  expect(idle).toBeGreaterThan(0);
  expect(api.keepAliveTimeoutMs).toBeGreaterThan(idle * 1000);
  // A client that is too slow hears so from the API, not 504 from the load balancer.
  expect(api.requestTimeoutMs).toBeLessThan(idle * 1000);
});

test('the API stops by itself before ECS kills it', () => {
  expect(api.shutdown.deadlineMs).toBeLessThan(container['StopTimeout'] * 1000);
  expect(api.shutdown.graceMs).toBeLessThan(api.shutdown.deadlineMs);
});

test('the API listens where the load balancer looks, also without being told', () => {
  const [{ ContainerPort: port }] = container['PortMappings'];
  expect(api.port).toBe(port);
  expect(pairs(container['Environment'])['PORT']).toBe(String(port));
  expect(first(/^EXPOSE (\d+)/m, 'apps/api/Dockerfile')).toBe(String(port));
});

test('the image runs as the user that the task asks for', () => {
  expect(first(/^USER (\S+)/m, 'apps/api/Dockerfile')).toBe(container['User']);
});

test('deploy.sh uses the names, the region and the platform of the stack', () => {
  const script = file('deploy.sh');
  for (const name of [names.repository, names.imageTagParameter, DEFAULT_REGION]) {
    expect(script).toContain(name);
  }
  expect(script).toContain(IMAGE_PLATFORMS[stack.cpuArchitecture]);
});

test('the build falls back to the platform of the stack and writes the file that is deployed', () => {
  const buildspec = file('buildspec.yml');
  expect(first(/IMAGE_PLATFORM: (\S+)/, 'buildspec.yml')).toBe(
    IMAGE_PLATFORMS[stack.cpuArchitecture],
  );
  expect(buildspec).toContain(IMAGE_DEFINITIONS_FILE);
  expect(buildspec).toMatch(/exported-variables:\s(?:\s*#.*\n)*\s*- IMAGE_TAG\n/);
});

test('nothing is deployed that the gates have not let through', () => {
  const commands = file('buildspec.yml').split('\n');
  const at = (text: string) => commands.findIndex((line) => line.includes(text));
  const order = [
    'release/check-dependencies.ts',
    'docker push "$IMAGE:$IMAGE_TAG"',
    'release/check-image-scan.ts',
    `> ${IMAGE_DEFINITIONS_FILE}`,
  ].map(at);
  expect(order).toEqual([...order].sort((one, other) => one - other));
  expect(order).not.toContain(-1);
});

test('the repository scans what the build waits for', () => {
  expect(file('deploy.sh')).toContain('--image-scanning-configuration scanOnPush=true');
  const policy = pipelineTemplate().toJSON() as object;
  expect(JSON.stringify(policy)).toContain('"ecr:DescribeImageScanFindings"');
});

test('every variable that the build reads is set by the project, by CodeBuild or by the build', () => {
  const buildspec = file('buildspec.yml');
  const all = (pattern: RegExp): string[] =>
    [...buildspec.matchAll(pattern)].map((match) => match[1]!);
  const project = propertiesOf(pipelineTemplate(), 'AWS::CodeBuild::Project')[
    'Environment'
  ] as Properties;
  const known = new Set([
    ...Object.keys(pairs(project['EnvironmentVariables'])),
    ...all(/\b([A-Z_]+)=/g),
  ]);
  const read = all(/\$\{?([A-Z_]+)/g);
  expect(read.length).toBeGreaterThan(5);
  expect(read.filter((name) => !known.has(name) && !name.startsWith('CODEBUILD_'))).toEqual([]);
});

test('the decisions that the code points to are written down', () => {
  for (const record of [
    '0001-egress',
    '0002-container-health-check',
    '0003-image-tag-record',
    '0004-deploy-timings',
    '0005-webhook-secret',
    '0006-record-release',
    '0007-vulnerability-gate',
    '0008-hardened',
  ]) {
    expect(existsSync(join(ROOT, 'docs', 'decisions', `${record}.md`))).toBe(true);
  }
});
