import { CfnOutput, Fn, Stack, Validations } from 'aws-cdk-lib/core';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { type IRepository, Repository } from 'aws-cdk-lib/aws-ecr';
import type { FargateService, FargateTaskDefinition, ICluster } from 'aws-cdk-lib/aws-ecs';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { createService } from './api-service';
import {
  type CdkStackProps,
  resolveServiceSettings,
  type ServiceArchitecture,
} from './cdk-stack-props';
import { createLoadBalancer, createTargetGroup } from './load-balancer';
import { createVpc, type Egress } from './network';
import { resourceNames, type ResourceNames } from './resource-names';
import { createTaskDefinition } from './task-definition';

export type { CdkStackProps } from './cdk-stack-props';

/**
 * A web service on ECS Fargate behind a public load balancer, released without a lost request.
 *
 * Needs the ECR repository and the SSM parameter with the first image tag: `sh deploy.sh` makes
 * both. CloudFormation waits for healthy tasks, so without an image the first deploy would fail.
 */
export class CdkStack extends Stack {
  public readonly vpc: IVpc;
  public readonly ecsCluster: ICluster;
  public readonly ecsService: FargateService;
  public readonly ecrRepository: IRepository;
  public readonly containerName: string;
  public readonly taskDefinition: FargateTaskDefinition;
  public readonly alb: ApplicationLoadBalancer;

  /** Physical names of this stack and of the pipeline that releases to it. */
  public readonly names: ResourceNames;

  /** How the tasks reach the internet. */
  public readonly egress: Egress;

  /** Processor the image has to be built for. */
  public readonly cpuArchitecture: ServiceArchitecture;

  /**
   * @throws InvalidPropertyError when a property cannot work, naming the property, what is allowed and what was given
   */
  constructor(scope: Construct, id: string, props: CdkStackProps = {}) {
    super(scope, id, props);
    const settings = resolveServiceSettings(props);
    const names = {
      ...resourceNames(settings.appName, settings.serviceName),
      ...(props.shareClusterOf && { cluster: props.shareClusterOf.names.cluster }),
    };
    this.names = names;
    this.egress = settings.egress;
    this.cpuArchitecture = settings.cpuArchitecture;
    this.containerName = names.container;

    this.ecrRepository = Repository.fromRepositoryName(this, 'ApiRepository', names.repository);
    this.ecsCluster = props.shareClusterOf?.ecsCluster ?? this.createCluster();
    this.vpc = this.ecsCluster.vpc;
    this.alb = createLoadBalancer(this, this.vpc);

    const targetGroup = createTargetGroup(this, this.vpc, settings.deregistrationDelaySeconds);
    this.alb.addListener('HttpListener', {
      port: 80,
      // The security group already says who may come in.
      open: false,
      defaultTargetGroups: [targetGroup],
    });

    this.taskDefinition = createTaskDefinition(this, {
      names,
      settings,
      repository: this.ecrRepository,
      logRetention: props.logRetention,
    });
    this.ecsService = createService(this, {
      names,
      settings,
      vpc: this.vpc,
      cluster: this.ecsCluster,
      taskDefinition: this.taskDefinition,
      targetGroup,
    });

    this.addOutputs();
  }

  /**
   * The region's first two zones, chosen by CloudFormation. The default would ask the account at
   * synth, and synth should work without credentials and give everybody the same template.
   */
  public override get availabilityZones(): string[] {
    return [Fn.select(0, Fn.getAzs()), Fn.select(1, Fn.getAzs())];
  }

  private createCluster(): ICluster {
    const cluster = new Cluster(this, 'ApiCluster', {
      clusterName: this.names.cluster,
      vpc: createVpc(this, 'Vpc', this.egress),
    });
    Validations.of(cluster).acknowledge({
      id: 'AwsSolutions-ECS4',
      reason:
        'Container Insights is billed per metric; the load balancer and the service report what a release needs for free.',
    });
    return cluster as ICluster;
  }

  private addOutputs(): void {
    const outputs: [id: string, description: string, value: string][] = [
      ['AlbDnsName', 'Address of the service', this.alb.loadBalancerDnsName],
      ['EcrRepositoryUri', 'Where images are pushed', this.ecrRepository.repositoryUri],
      ['EcsClusterName', 'Cluster', this.ecsCluster.clusterName],
      ['EcsServiceName', 'Service', this.ecsService.serviceName],
    ];
    for (const [id, description, value] of outputs) new CfnOutput(this, id, { description, value });
  }
}
