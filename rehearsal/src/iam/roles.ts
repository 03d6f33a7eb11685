import { z } from 'zod';
import type { DeployedResource, DeployedResources } from '../cloudformation/deployed-resource';
import { readProperties } from '../cloudformation/read-properties';
import { managedPolicy } from './managed-policies';
import { type PolicyDocument, type PolicyPlace, readPolicyDocument } from './policy-document';

/** A role with every policy that is attached to it. */
export interface Role {
  readonly arn: string;
  readonly name: string;
  readonly trustPolicy: PolicyDocument;
  readonly policies: readonly PolicyDocument[];
  readonly boundary: PolicyDocument | undefined;
  /** ARNs of attached policies whose text nobody here knows */
  readonly unknownPolicies: readonly string[];
}

const RoleSchema = z.object({
  AssumeRolePolicyDocument: z.unknown(),
  Policies: z.array(z.object({ PolicyName: z.string(), PolicyDocument: z.unknown() })).default([]),
  ManagedPolicyArns: z.array(z.string()).default([]),
  PermissionsBoundary: z.string().optional(),
});

const PolicySchema = z.object({
  PolicyDocument: z.unknown(),
  Roles: z.array(z.string()).default([]),
});

const RolePolicySchema = z.object({ PolicyDocument: z.unknown(), RoleName: z.string() });

/** Properties that decide who may do what; see `unplayedProperties`. */
export const rolePlayedProperties: readonly string[] = [
  ...Object.keys(RoleSchema.shape),
  'RoleName',
  'Path',
  'Description',
];
export const policyPlayedProperties: readonly string[] = [
  ...Object.keys(PolicySchema.shape),
  'PolicyName',
  'ManagedPolicyName',
  'RoleName',
  'Path',
  'Description',
];

/**
 * The roles of the templates by ARN, each with its inline, attached and managed policies.
 *
 * @throws RehearsalError `PropertyInvalid`, `PolicyInvalid`
 */
export function readRoles(resources: DeployedResources): ReadonlyMap<string, Role> {
  const attached = readAttachedPolicies(resources);
  const customerManaged = new Map(
    resources
      .ofType('AWS::IAM::ManagedPolicy')
      .map((resource) => [resource.physicalId, documentOf(resource)]),
  );
  const policyByArn = (arn: string) => customerManaged.get(arn) ?? managedPolicy(arn);

  const roles = resources.ofType('AWS::IAM::Role').map((resource): [string, Role] => {
    const role = readProperties(resource, RoleSchema);
    const arn = resource.attributes.Arn ?? '';
    const name = resource.physicalId;
    const { PermissionsBoundary: boundary } = role;
    const linked = role.ManagedPolicyArns.map((policyArn) => policyByArn(policyArn));
    const mentioned =
      boundary === undefined ? role.ManagedPolicyArns : [...role.ManagedPolicyArns, boundary];
    const policies = [
      ...role.Policies.map(({ PolicyName, PolicyDocument }, index) =>
        readPolicyDocument(
          PolicyDocument,
          `policy '${PolicyName}' of ${placeOf(resource)}`,
          pathIn(resource, 'Policies', String(index), 'PolicyDocument'),
        ),
      ),
      ...linked.filter((document) => document !== undefined),
      ...attached.filter(({ roles }) => roles.includes(name)).map(({ document }) => document),
    ];
    return [
      arn,
      {
        arn,
        name,
        trustPolicy: readPolicyDocument(
          role.AssumeRolePolicyDocument,
          `AssumeRolePolicyDocument of ${placeOf(resource)}`,
          pathIn(resource, 'AssumeRolePolicyDocument'),
        ),
        policies,
        boundary: boundary === undefined ? undefined : policyByArn(boundary),
        unknownPolicies: mentioned.filter((policyArn) => policyByArn(policyArn) === undefined),
      },
    ];
  });
  return new Map(roles);
}

/** AWS::IAM::Policy, ManagedPolicy and RolePolicy name the roles that they are attached to. */
function readAttachedPolicies(resources: DeployedResources) {
  const ofOneRole = resources.ofType('AWS::IAM::RolePolicy').map((resource) => ({
    roles: [readProperties(resource, RolePolicySchema).RoleName],
    document: documentOf(resource),
  }));
  const ofSeveral = [
    ...resources.ofType('AWS::IAM::Policy'),
    ...resources.ofType('AWS::IAM::ManagedPolicy'),
  ].map((resource) => ({
    roles: readProperties(resource, PolicySchema).Roles,
    document: documentOf(resource),
  }));
  return [...ofOneRole, ...ofSeveral];
}

function documentOf(resource: DeployedResource): PolicyDocument {
  return readPolicyDocument(
    resource.properties.PolicyDocument,
    placeOf(resource),
    pathIn(resource, 'PolicyDocument'),
  );
}

function pathIn({ stack, logicalId }: DeployedResource, ...path: string[]): PolicyPlace {
  return { stack, logicalId, path };
}

function placeOf({ type, logicalId, stack }: DeployedResource): string {
  return `${type} '${logicalId}' in stack '${stack}'`;
}
