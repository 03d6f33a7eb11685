import { type Identify, generatedNameWith, idWith } from './resource-identity';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_EC2.html */
export const ec2: Readonly<Record<string, Identify>> = {
  'AWS::EC2::VPC': (namer) => {
    const id = namer.id('vpc');
    return {
      physicalId: id,
      attributes: {
        VpcId: id,
        CidrBlock: namer.text('CidrBlock') ?? '',
        DefaultSecurityGroup: `sg-0${namer.hex(16, 'sg')}`,
        DefaultNetworkAcl: `acl-0${namer.hex(16, 'acl')}`,
      },
      lists: {
        CidrBlockAssociations: [`vpc-cidr-assoc-0${namer.hex(16, 'cidr')}`],
        // There when an AWS::EC2::VPCCidrBlock asks for it, from the range for examples (RFC 3849).
        Ipv6CidrBlocks: [`2001:db8:${namer.hex(4, 'ipv6')}::/56`],
      },
    };
  },
  'AWS::EC2::Subnet': (namer) => {
    const id = namer.id('subnet');
    return {
      physicalId: id,
      attributes: {
        SubnetId: id,
        VpcId: namer.text('VpcId') ?? '',
        CidrBlock: namer.text('CidrBlock') ?? '',
        AvailabilityZone: namer.text('AvailabilityZone') ?? `${namer.resource.region}a`,
        NetworkAclAssociationId: `aclassoc-0${namer.hex(16, 'acl')}`,
      },
      lists: { Ipv6CidrBlocks: [namer.text('Ipv6CidrBlock') ?? []].flat() },
    };
  },
  'AWS::EC2::SecurityGroup': (namer) => {
    const id = namer.id('sg');
    const name = namer.name('GroupName');
    const vpcId = namer.text('VpcId') ?? '';
    return { physicalId: id, name, attributes: { GroupId: id, Id: id, VpcId: vpcId } };
  },
  'AWS::EC2::SecurityGroupIngress': idWith('sgr', 'Id'),
  'AWS::EC2::SecurityGroupEgress': idWith('sgr', 'Id'),
  'AWS::EC2::InternetGateway': idWith('igw', 'InternetGatewayId'),
  'AWS::EC2::EgressOnlyInternetGateway': idWith('eigw', 'Id'),
  'AWS::EC2::VPCGatewayAttachment': (namer) => ({
    physicalId: `IGW|${namer.text('VpcId') ?? namer.generatedName()}`,
    attributes: { AttachmentType: 'IGW' },
  }),
  'AWS::EC2::EIP': (namer) => {
    // 203.0.113.0/24 is set aside for examples (RFC 5737).
    const address = `203.0.113.${Number.parseInt(namer.hex(2), 16)}`;
    const allocationId = `eipalloc-0${namer.hex(16)}`;
    return {
      physicalId: address,
      attributes: { PublicIp: address, AllocationId: allocationId },
    };
  },
  'AWS::EC2::NatGateway': idWith('nat', 'NatGatewayId'),
  'AWS::EC2::RouteTable': idWith('rtb', 'RouteTableId'),
  'AWS::EC2::Route': (namer) => ({
    physicalId: namer.generatedName(),
    attributes: { CidrBlock: namer.text('DestinationCidrBlock') ?? '' },
  }),
  'AWS::EC2::SubnetRouteTableAssociation': idWith('rtbassoc', 'Id'),
  'AWS::EC2::NetworkAcl': idWith('acl', 'Id'),
  'AWS::EC2::NetworkAclEntry': generatedNameWith('Id'),
  'AWS::EC2::SubnetNetworkAclAssociation': idWith('aclassoc', 'AssociationId'),
  'AWS::EC2::PrefixList': idWith('pl', 'PrefixListId'),
  'AWS::EC2::VPCCidrBlock': idWith('vpc-cidr-assoc', 'Id'),
  'AWS::EC2::VPCEndpoint': idWith('vpce', 'Id'),
  'AWS::EC2::FlowLog': idWith('fl', 'Id'),
};
