import type { DeployedResources } from '../cloudformation/deployed-resource';
import { readPolicyDocument } from '../iam/policy-document';
import type {
  NatGateway,
  NetworkAcl,
  NetworkModel,
  RouteTable,
  Vpc,
  VpcEndpoint,
} from './network-model';
import { type NetworkResource, networkResources } from './network-resources';
import { readSecurityGroups } from './read-security-groups';

/** @throws RehearsalError `PropertyInvalid` */
export function readNetworkModel(resources: DeployedResources): NetworkModel {
  const vpcs = readVpcs(resources);
  return {
    vpcs,
    subnets: readSubnets(resources, vpcs),
    securityGroups: readSecurityGroups(resources, vpcs),
    natGateways: byId(networkResources(resources, 'AWS::EC2::NatGateway').map(natGateway)),
    internetGateways: names(networkResources(resources, 'AWS::EC2::InternetGateway')),
    egressOnlyGateways: names(networkResources(resources, 'AWS::EC2::EgressOnlyInternetGateway')),
    endpoints: networkResources(resources, 'AWS::EC2::VPCEndpoint').map(vpcEndpoint),
    prefixLists: new Map(
      networkResources(resources, 'AWS::EC2::PrefixList').map(({ id, properties }) => [
        id,
        properties.Entries.map(({ Cidr }) => Cidr),
      ]),
    ),
  };
}

function readVpcs(resources: DeployedResources): ReadonlyMap<string, Vpc> {
  const attachments = networkResources(resources, 'AWS::EC2::VPCGatewayAttachment');
  const moreBlocks = networkResources(resources, 'AWS::EC2::VPCCidrBlock');
  return byId(
    networkResources(resources, 'AWS::EC2::VPC').map(({ id, name, resource, properties }) => {
      const isOwn = (other: { properties: { VpcId: string } }) => other.properties.VpcId === id;
      const more = moreBlocks.filter(isOwn).map((block) => block.properties);
      return {
        id,
        name,
        cidrBlocks: [properties, ...more].flatMap(({ CidrBlock }) => CidrBlock ?? []),
        dnsSupport: properties.EnableDnsSupport,
        privateDns: properties.EnableDnsSupport && properties.EnableDnsHostnames,
        internetGateways: attachments
          .filter(isOwn)
          .flatMap((attachment) => attachment.properties.InternetGatewayId ?? []),
        defaultSecurityGroupId: resource.attributes['DefaultSecurityGroup'] ?? '',
      };
    }),
  );
}

function readSubnets(
  resources: DeployedResources,
  vpcs: ReadonlyMap<string, Vpc>,
): NetworkModel['subnets'] {
  const tables = byId(readRouteTables(resources));
  const acls = byId(readNetworkAcls(resources));
  const tableOf = networkResources(resources, 'AWS::EC2::SubnetRouteTableAssociation');
  const aclOf = networkResources(resources, 'AWS::EC2::SubnetNetworkAclAssociation');
  return byId(
    networkResources(resources, 'AWS::EC2::Subnet').map(({ id, name, properties }) => {
      const isOwn = (other: { properties: { SubnetId: string } }) =>
        other.properties.SubnetId === id;
      const vpc = vpcs.get(properties.VpcId);
      const table = tables.get(tableOf.find(isOwn)?.properties.RouteTableId ?? '');
      const acl = acls.get(aclOf.find(isOwn)?.properties.NetworkAclId ?? '');
      return {
        id,
        name,
        vpcId: properties.VpcId,
        vpc,
        cidrBlock: properties.CidrBlock,
        ipv6CidrBlock: properties.Ipv6CidrBlock,
        ipv6Native: properties.Ipv6Native,
        dns64: properties.EnableDns64,
        // Templates cannot add routes to the main route table: it has the local ones only.
        routeTable: table ?? {
          id: '',
          name: `the main route table of VPC '${vpc?.name ?? properties.VpcId}'`,
          routes: [],
        },
        networkAcl: acl,
      };
    }),
  );
}

function readRouteTables(resources: DeployedResources): readonly RouteTable[] {
  const routes = networkResources(resources, 'AWS::EC2::Route').map(({ properties }) => properties);
  return networkResources(resources, 'AWS::EC2::RouteTable').map(({ id, name }) => ({
    id,
    name: `route table '${name}'`,
    routes: routes.filter(({ RouteTableId }) => RouteTableId === id),
  }));
}

function readNetworkAcls(resources: DeployedResources): readonly NetworkAcl[] {
  const entries = networkResources(resources, 'AWS::EC2::NetworkAclEntry').map(
    ({ properties }) => properties,
  );
  return networkResources(resources, 'AWS::EC2::NetworkAcl').map(({ id, name }) => ({
    id,
    name,
    entries: entries
      .filter(({ NetworkAclId }) => NetworkAclId === id)
      .sort((a, b) => a.RuleNumber - b.RuleNumber),
  }));
}

function vpcEndpoint({
  name,
  resource: { stack, logicalId },
  properties,
}: NetworkResource<'AWS::EC2::VPCEndpoint'>): VpcEndpoint {
  const { PolicyDocument: json } = properties;
  const path = ['PolicyDocument'];
  const where = `AWS::EC2::VPCEndpoint '${logicalId}' in stack '${stack}'`;
  return {
    name,
    vpcId: properties.VpcId,
    serviceName: properties.ServiceName,
    type: properties.VpcEndpointType,
    privateDnsEnabled: properties.PrivateDnsEnabled,
    // Without a type of its own a name has addresses as the endpoint does, or as the service has.
    // https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
    answersByIpv6:
      properties.IpAddressType !== 'ipv4' && properties.DnsOptions?.DnsRecordIpType !== 'ipv4',
    policy:
      json === undefined ? undefined : readPolicyDocument(json, where, { stack, logicalId, path }),
    routeTableIds: properties.RouteTableIds,
    subnetIds: properties.SubnetIds,
    securityGroupIds: properties.SecurityGroupIds,
  };
}

function natGateway({ id, name, properties }: NetworkResource<'AWS::EC2::NatGateway'>): NatGateway {
  return {
    id,
    name,
    subnetId: properties.SubnetId,
    vpcId: properties.VpcId,
    isPublic: properties.ConnectivityType === 'public',
    // A regional one gets its addresses by itself.
    hasAddress: properties.AllocationId !== undefined || properties.AvailabilityMode === 'regional',
  };
}

function names(
  resources: readonly { readonly id: string; readonly name: string }[],
): ReadonlyMap<string, string> {
  return new Map(resources.map(({ id, name }) => [id, name]));
}

function byId<Value extends { readonly id: string }>(
  values: readonly Value[],
): ReadonlyMap<string, Value> {
  return new Map(values.map((value) => [value.id, value]));
}
