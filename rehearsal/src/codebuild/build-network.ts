import type { TaskReachability } from '../ec2/reachability-questions';
import type { AccessRequest, Authorizer, Caller } from '../iam/authorizer';
import type { BuildDependencies } from './build';
import type { BuildProject } from './project-definition';

type BuildInVpc = Pick<BuildProject, 'name' | 'vpc'>;

/**
 * Why a build does not start in its VPC: without the permissions for a network interface, or without
 * a way to its source in S3 and to its log. In which phase the latter fails is not documented; here
 * it is the one in which the former does. What is in brackets CodeBuild does not tell.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting-vpc.html
 */
export function vpcFailure(
  project: BuildProject,
  caller: Caller,
  deps: Pick<BuildDependencies, 'authorizer' | 'network' | 'region' | 'account'>,
): string | undefined {
  const { authorizer, network } = deps;
  const denied = authorizer && deniedInterface(project, caller, authorizer, deps);
  if (denied !== undefined) return `Unexpected EC2 error: UnauthorizedOperation (${denied})`;
  const barrier = ['s3', ...(project.logs.enabled ? ['logs'] : [])]
    .map((service) => barrierOfBuild(project, service, network))
    .find((missing) => missing !== undefined);
  return (
    barrier &&
    `Build does not have internet connectivity. Please check subnet network configuration (${barrier})`
  );
}

/**
 * What a build in a VPC needs of its role for the network interface.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/auth-and-access-control-iam-identity-based-access-control.html#customer-managed-policies-example-create-vpc-network-interface
 *
 * @returns the first refusal, in the words of IAM
 */
function deniedInterface(
  { vpc }: BuildInVpc,
  caller: Caller,
  authorizer: Authorizer,
  { region, account }: { readonly region: string; readonly account: string },
): string | undefined {
  if (vpc === undefined) return undefined;
  const arn = (kind: string, id: string) => `arn:aws:ec2:${region}:${account}:${kind}/${id}`;
  const networkInterface = arn('network-interface', 'eni-00000000000000000');
  const subnets = vpc.subnets.map((id) => arn('subnet', id));
  const groups = vpc.securityGroupIds.map((id) => arn('security-group', id));
  const requests: Omit<AccessRequest, 'caller'>[] = [
    ...['SecurityGroups', 'Subnets', 'Vpcs', 'DhcpOptions', 'NetworkInterfaces'].map((what) => ({
      action: `ec2:Describe${what}`,
      resource: '*',
    })),
    ...[networkInterface, ...subnets, ...groups].map((resource) => ({
      action: 'ec2:CreateNetworkInterface',
      resource,
    })),
    ...subnets.map((subnet) => ({
      action: 'ec2:CreateNetworkInterfacePermission',
      resource: networkInterface,
      context: { 'ec2:AuthorizedService': 'codebuild.amazonaws.com', 'ec2:Subnet': subnet },
    })),
    { action: 'ec2:DeleteNetworkInterface', resource: networkInterface },
  ];
  for (const request of requests) {
    const decision = authorizer.authorize({ caller, ...request });
    if (!decision.allowed) return decision.message;
  }
  return undefined;
}

/**
 * What keeps a build from a service of AWS. CodeBuild may put it into any of the subnets, so each
 * has to lead there, and gives its interface no public address.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/vpc-support.html
 *
 * @param service as VPC endpoints call it, e.g. `s3` or `logs`
 * @returns the route or rule that is missing; undefined when it can be reached
 */
export function barrierOfBuild(
  { name, vpc }: BuildInVpc,
  service: string,
  network: Pick<TaskReachability, 'barrierToAwsService'> | undefined,
): string | undefined {
  if (vpc === undefined || network === undefined) return undefined;
  return vpc.subnets
    .map((subnetId) =>
      network.barrierToAwsService(
        {
          name: `a build of project '${name}'`,
          subnetId,
          securityGroupIds: vpc.securityGroupIds,
          assignPublicIp: false,
        },
        service,
      ),
    )
    .find((barrier) => barrier !== undefined);
}
