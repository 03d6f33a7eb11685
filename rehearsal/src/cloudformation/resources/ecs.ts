import type { Identify } from './resource-identity';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ECS.html */
export const ecs: Readonly<Record<string, Identify>> = {
  'AWS::ECS::Cluster': (namer) => {
    const name = namer.name('ClusterName');
    return { physicalId: name, name, attributes: { Arn: namer.arn('ecs', `cluster/${name}`) } };
  },
  'AWS::ECS::Service': (namer) => {
    const name = namer.name('ServiceName');
    // `Cluster` takes a name or an ARN; without it the service joins the cluster `default`.
    const cluster = (namer.text('Cluster') ?? 'default').split('/').at(-1) ?? 'default';
    const arn = namer.arn('ecs', `service/${cluster}/${name}`);
    return { physicalId: arn, name, attributes: { Name: name, ServiceArn: arn } };
  },
  'AWS::ECS::TaskDefinition': (namer) => {
    const family = namer.name('Family');
    const arn = namer.arn('ecs', `task-definition/${family}:1`);
    return { physicalId: arn, name: family, attributes: { TaskDefinitionArn: arn } };
  },
  'AWS::ECS::CapacityProvider': (namer) => {
    const name = namer.name('Name');
    return { physicalId: name, name, attributes: {} };
  },
  'AWS::ECS::ClusterCapacityProviderAssociations': (namer) => ({
    physicalId: namer.text('Cluster') ?? namer.generatedName(),
    attributes: {},
  }),
};
