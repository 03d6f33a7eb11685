import type { PolicyDocument } from '../iam/policy-document';
import type { AclEntryProperties, RouteProperties } from './network-definitions';

export interface Vpc {
  readonly id: string;
  /** Logical id, for people; so are all names below */
  readonly name: string;
  readonly cidrBlocks: readonly string[];
  readonly dnsSupport: boolean;
  /** Whether interface endpoints of the VPC can have private DNS names */
  readonly privateDns: boolean;
  /** Ids of the internet gateways that are attached */
  readonly internetGateways: readonly string[];
  readonly defaultSecurityGroupId: string;
}

export interface Subnet {
  readonly id: string;
  readonly name: string;
  readonly vpcId: string;
  /** Undefined when no template defines it */
  readonly vpc: Vpc | undefined;
  /** Undefined when an address manager chooses it */
  readonly cidrBlock: string | undefined;
  /** Undefined when it has none, or when it is given by a resource of its own */
  readonly ipv6CidrBlock: string | undefined;
  /** Whether nothing in it has an address of IPv4 */
  readonly ipv6Native: boolean;
  /** Whether names that only have addresses of IPv4 get some of IPv6 that lead to a NAT gateway */
  readonly dns64: boolean;
  readonly routeTable: RouteTable;
  /** Undefined: the default one of the VPC, which allows everything */
  readonly networkAcl: NetworkAcl | undefined;
}

export interface RouteTable {
  /** Empty for the main route table of the VPC */
  readonly id: string;
  /** e.g. `route table 'PublicSubnet1RouteTable'` */
  readonly name: string;
  readonly routes: readonly RouteProperties[];
}

export interface NetworkAcl {
  readonly id: string;
  readonly name: string;
  /** In the order of their rule numbers */
  readonly entries: readonly AclEntryProperties[];
}

export interface NatGateway {
  readonly id: string;
  readonly name: string;
  /** Undefined for a regional one */
  readonly subnetId: string | undefined;
  readonly vpcId: string | undefined;
  readonly isPublic: boolean;
  readonly hasAddress: boolean;
}

/** A rule of a security group; exactly one of `cidr`, `groupId` and `prefixListId` is set. */
export interface SecurityGroupRule {
  /** `tcp`, `udp`, a protocol number, or `-1` for all */
  readonly protocol: string;
  readonly fromPort: number | undefined;
  readonly toPort: number | undefined;
  readonly cidr: string | undefined;
  readonly groupId: string | undefined;
  readonly prefixListId: string | undefined;
}

export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly ingress: readonly SecurityGroupRule[];
  readonly egress: readonly SecurityGroupRule[];
}

export interface VpcEndpoint {
  readonly name: string;
  readonly vpcId: string;
  /** e.g. `com.amazonaws.ap-northeast-2.ecr.api` */
  readonly serviceName: string;
  /** `Gateway`, `Interface`, … */
  readonly type: string;
  readonly privateDnsEnabled: boolean;
  /** Whether it has addresses of IPv6 and answers to its names with them */
  readonly answersByIpv6: boolean;
  /** Undefined: the default one, which lets everything through */
  readonly policy: PolicyDocument | undefined;
  readonly routeTableIds: readonly string[];
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/** The network that the templates describe; things are found by what `Ref` returns for them. */
export interface NetworkModel {
  readonly vpcs: ReadonlyMap<string, Vpc>;
  readonly subnets: ReadonlyMap<string, Subnet>;
  readonly securityGroups: ReadonlyMap<string, SecurityGroup>;
  readonly natGateways: ReadonlyMap<string, NatGateway>;
  /** Logical ids by id, here and in the next one */
  readonly internetGateways: ReadonlyMap<string, string>;
  readonly egressOnlyGateways: ReadonlyMap<string, string>;
  readonly endpoints: readonly VpcEndpoint[];
  /** CIDR blocks by id; lists that AWS manages are not in here */
  readonly prefixLists: ReadonlyMap<string, readonly string[]>;
}
