import { generatedNameWith, type Identify } from './resource-identity';

/**
 * Load balancers, and the certificates that they show.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ElasticLoadBalancingV2.html
 */
export const elbv2: Readonly<Record<string, Identify>> = {
  'AWS::CertificateManager::Certificate': (namer) => ({
    physicalId: namer.arn('acm', `certificate/${namer.uuid()}`),
    attributes: {},
  }),
  'AWS::ElasticLoadBalancingV2::LoadBalancer': (namer) => {
    const name = namer.name('Name', 32);
    const kind = namer.text('Type') === 'network' ? 'net' : 'app';
    const fullName = `${kind}/${name}/${namer.hex(16)}`;
    const arn = namer.arn('elasticloadbalancing', `loadbalancer/${fullName}`);
    const { region } = namer.resource;
    const internal = namer.text('Scheme') === 'internal' ? 'internal-' : '';
    const dnsName =
      kind === 'net'
        ? `${name}-${namer.hex(16)}.elb.${region}.amazonaws.com`
        : `${internal}${name}-${namer.digits(10)}.${region}.elb.amazonaws.com`;
    return {
      physicalId: arn,
      name,
      attributes: {
        LoadBalancerArn: arn,
        LoadBalancerFullName: fullName,
        LoadBalancerName: name,
        DNSName: dnsName,
        CanonicalHostedZoneID: `Z${namer.digits(13)}`,
      },
      lists: { SecurityGroups: namer.list('SecurityGroups') },
    };
  },
  'AWS::ElasticLoadBalancingV2::Listener': (namer) => {
    const arn = partOf(namer.text('LoadBalancerArn'), 'loadbalancer', 'listener', namer.hex(16));
    return { physicalId: arn, attributes: { ListenerArn: arn } };
  },
  'AWS::ElasticLoadBalancingV2::ListenerCertificate': generatedNameWith('Id'),
  'AWS::ElasticLoadBalancingV2::ListenerRule': (namer) => {
    const arn = partOf(namer.text('ListenerArn'), 'listener', 'listener-rule', namer.hex(16));
    return { physicalId: arn, attributes: { RuleArn: arn, IsDefault: 'false' } };
  },
  'AWS::ElasticLoadBalancingV2::TargetGroup': (namer) => {
    const name = namer.name('Name', 32);
    const fullName = `targetgroup/${name}/${namer.hex(16)}`;
    const arn = namer.arn('elasticloadbalancing', fullName);
    return {
      physicalId: arn,
      name,
      attributes: {
        TargetGroupArn: arn,
        TargetGroupFullName: fullName,
        TargetGroupName: name,
      },
    };
  },
};

/** ARNs of listeners and rules repeat the ARN of what they belong to, under another resource type. */
function partOf(parentArn = '', parentType: string, type: string, id: string): string {
  return `${parentArn.replace(`:${parentType}/`, `:${type}/`)}/${id}`;
}
