import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { EgressRule, IngressRule } from './network-definitions';
import type { SecurityGroup, SecurityGroupRule, Vpc } from './network-model';
import { networkResources } from './network-resources';

const EVERYTHING: Pick<SecurityGroupRule, 'protocol' | 'fromPort' | 'toPort' | 'prefixListId'> = {
  protocol: '-1',
  fromPort: undefined,
  toPort: undefined,
  prefixListId: undefined,
};

/**
 * What a group lets out when no rule says otherwise; the first egress rule takes its place.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
 */
const EVERYTHING_OUT: readonly SecurityGroupRule[] = ['0.0.0.0/0', '::/0'].map((cidr) => ({
  ...EVERYTHING,
  cidr,
  groupId: undefined,
}));

/** Those of the templates and the default ones of their VPCs, by group id. */
export function readSecurityGroups(
  resources: DeployedResources,
  vpcs: ReadonlyMap<string, Vpc>,
): ReadonlyMap<string, SecurityGroup> {
  const ingress = networkResources(resources, 'AWS::EC2::SecurityGroupIngress');
  const egress = networkResources(resources, 'AWS::EC2::SecurityGroupEgress');
  const separate = (id: string) => {
    const isOwn = (rule: { properties: { GroupId?: string | undefined } }) =>
      rule.properties.GroupId === id;
    return {
      ingress: ingress.filter(isOwn).map(({ properties }) => ingressRule(properties)),
      egress: egress.filter(isOwn).map(({ properties }) => egressRule(properties)),
    };
  };
  const described = networkResources(resources, 'AWS::EC2::SecurityGroup').map(
    ({ name, resource, properties }): SecurityGroup => {
      const id = resource.attributes['GroupId'] ?? resource.physicalId;
      const more = separate(id);
      const out = [...properties.SecurityGroupEgress.map(egressRule), ...more.egress];
      return {
        id,
        name,
        ingress: [...properties.SecurityGroupIngress.map(ingressRule), ...more.ingress],
        egress: out.length === 0 ? EVERYTHING_OUT : out,
      };
    },
  );
  const restricted = networkResources(resources, 'Custom::VpcRestrictDefaultSG').map(
    ({ properties }) => properties.DefaultSecurityGroupId,
  );
  const defaults = [...vpcs.values()].map(({ defaultSecurityGroupId: id, name }) => {
    const more = separate(id);
    const isRestricted = restricted.includes(id);
    const fromItself = { ...EVERYTHING, cidr: undefined, groupId: id };
    return {
      id,
      name: `default of VPC '${name}'`,
      ingress: isRestricted ? more.ingress : [fromItself, ...more.ingress],
      egress: isRestricted || more.egress.length > 0 ? more.egress : EVERYTHING_OUT,
    };
  });
  return new Map([...described, ...defaults].map((group) => [group.id, group]));
}

function ingressRule(rule: IngressRule): SecurityGroupRule {
  return {
    protocol: rule.IpProtocol,
    fromPort: rule.FromPort,
    toPort: rule.ToPort,
    cidr: rule.CidrIp ?? rule.CidrIpv6,
    groupId: rule.SourceSecurityGroupId,
    prefixListId: rule.SourcePrefixListId,
  };
}

function egressRule(rule: EgressRule): SecurityGroupRule {
  return {
    protocol: rule.IpProtocol,
    fromPort: rule.FromPort,
    toPort: rule.ToPort,
    cidr: rule.CidrIp ?? rule.CidrIpv6,
    groupId: rule.DestinationSecurityGroupId,
    prefixListId: rule.DestinationPrefixListId,
  };
}
