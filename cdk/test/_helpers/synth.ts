import { App, type AppProps } from 'aws-cdk-lib/core';
import { Template } from 'aws-cdk-lib/assertions';
import { context } from '../../cdk.json';
import { CdkStack, type CdkStackProps } from '../../lib/cdk-stack';
import { CicdPipelineStack, type CicdPipelineStackProps } from '../../lib/cicd-pipeline-stack';
import { outputDirectory } from './output-directory';

/** A fixed place, so that templates hold literals and not a machine's settings. */
const env = { account: '111122223333', region: 'ap-northeast-2' };

/** Every control that costs something. */
export const HARDENED = {
  hardened: true,
  certificateArn:
    'arn:aws:acm:ap-northeast-2:111122223333:certificate/0a1b2c3d-1111-2222-3333-444455556666',
} as const;

/** An app with the feature flags of cdk.json. The slow template validation has a test of its own. */
export function testApp(props: AppProps = {}): App {
  return new App({
    context,
    outdir: outputDirectory(),
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
    ...props,
  });
}

export function serviceStack(props: CdkStackProps = {}, app = testApp(), id = 'Service'): CdkStack {
  return new CdkStack(app, id, { env, ...props });
}

export function pipelineStack(
  props: Partial<CicdPipelineStackProps> = {},
  app = testApp(),
  id = 'Release',
): CicdPipelineStack {
  return new CicdPipelineStack(app, id, {
    env,
    githubOwner: 'octocat',
    githubRepo: 'hello-world',
    githubBranch: 'main',
    ...props,
    stack: props.stack ?? serviceStack({}, app),
  });
}

export const serviceTemplate = (props?: CdkStackProps): Template =>
  Template.fromStack(serviceStack(props));

export const pipelineTemplate = (props?: Partial<CicdPipelineStackProps>): Template =>
  Template.fromStack(pipelineStack(props, undefined));

/* eslint-disable @typescript-eslint/no-explicit-any -- a template is JSON; the assertions are its types */
export type Properties = Record<string, any>;

/** Properties of each resource of a type, by logical id. */
export function allPropertiesOf(template: Template, type: string): Record<string, Properties> {
  const found = template.findResources(type) as Record<string, { Properties?: Properties }>;
  return Object.fromEntries(
    Object.entries(found).map(([id, resource]) => [id, resource.Properties ?? {}]),
  );
}

/** Properties of the only resource of a type. */
export function propertiesOf(template: Template, type: string): Properties {
  const found = Object.values(allPropertiesOf(template, type));
  if (found.length !== 1) throw new Error(`expected one ${type}, found ${found.length}`);
  return found[0]!;
}

/** Name and value of each `{ Key, Value }` or `{ Name, Value }`. */
export function pairs(list: unknown): Record<string, unknown> {
  const named = list as { Key?: string; Name?: string; Value: unknown }[];
  return Object.fromEntries(named.map(({ Key, Name, Value }) => [Key ?? Name ?? '', Value]));
}

/** Statements of the policies attached to roles whose logical id starts with `role`. */
export function statementsOf(template: Template, role: string): Properties[] {
  return Object.values(allPropertiesOf(template, 'AWS::IAM::Policy'))
    .filter((policy) =>
      (policy['Roles'] as { Ref: string }[]).some((each) => each.Ref.startsWith(role)),
    )
    .flatMap((policy) => policy['PolicyDocument']['Statement'] as Properties[]);
}

/** All actions that those statements allow, sorted. */
export function actionsOf(template: Template, role: string): string[] {
  return statementsOf(template, role)
    .flatMap((statement) => [statement['Action'] as string | string[]].flat())
    .sort();
}
