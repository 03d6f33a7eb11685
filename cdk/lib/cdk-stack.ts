import { CfnOutput, Fn, Stack, Tags } from 'aws-cdk-lib/core';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { type IRepository, Repository } from 'aws-cdk-lib/aws-ecr';
import type { FargateService, FargateTaskDefinition, ICluster } from 'aws-cdk-lib/aws-ecs';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import { createService } from './api-service';
import {
  type CdkStackProps,
  resolveServiceSettings,
  type ServiceArchitecture,
} from './cdk-stack-props';
import { createEncryptionKey } from './encryption-key';
import { createFirewall } from './firewall';
import type { Hardening } from './hardening';
import { addListeners } from './listeners';
import { createLoadBalancer, createTargetGroup } from './load-balancer';
import { createTrafficLogBucket } from './log-bucket';
import { dashboardPage } from './monitoring/console-links';
import { ServiceMonitoring } from './monitoring/service-monitoring';
import { createVpc, type Egress } from './network';
import { resourceNames, type ResourceNames } from './resource-names';
import { createTaskDefinition } from './task-definition';

export type { CdkStackProps } from './cdk-stack-props';

/** What a bill or a search is about; the pipeline copies those of the task definition. */
const TAGGED = ['AWS::ECS::Cluster', 'AWS::ECS::Service', 'AWS::ECS::TaskDefinition'];

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

  /** Which of the controls that cost something are on, here and in the pipeline. */
  public readonly hardening: Hardening;

  /**
   * @throws InvalidPropertyError when a property cannot work, naming the property, what is allowed and what was given
   */
  constructor(scope: Construct, id: string, props: CdkStackProps = {}) {
    const settings = resolveServiceSettings(props);
    const { hardening } = settings;
    super(scope, id, { terminationProtection: hardening.deletionProtection, ...props });
    const names = {
      ...resourceNames(settings.appName, settings.serviceName),
      ...(props.shareClusterOf && { cluster: props.shareClusterOf.names.cluster }),
    };
    this.names = names;
    this.egress = settings.egress;
    this.cpuArchitecture = settings.cpuArchitecture;
    this.hardening = hardening;
    this.containerName = names.container;

    this.ecrRepository = Repository.fromRepositoryName(this, 'ApiRepository', names.repository);
    const encryptionKey = hardening.kmsEncryption
      ? createEncryptionKey(this, `Logs of ${names.service}`)
      : undefined;
    const recordsConnections = hardening.flowLogs && props.shareClusterOf === undefined;
    const logBucket =
      hardening.accessLogs || recordsConnections
        ? createTrafficLogBucket(this, hardening.trafficLogRetention)
        : undefined;
    this.ecsCluster =
      props.shareClusterOf?.ecsCluster ??
      this.createCluster(recordsConnections ? logBucket : undefined);
    this.vpc = this.ecsCluster.vpc;
    this.alb = createLoadBalancer(
      this,
      this.vpc,
      hardening,
      hardening.accessLogs ? logBucket : undefined,
    );
    if (hardening.waf) {
      createFirewall(this, {
        name: names.firewall,
        loadBalancer: this.alb,
        rateLimit: hardening.wafRateLimit,
        encryptionKey,
      });
    }

    const targetGroup = createTargetGroup(this, this.vpc, settings.deregistrationDelaySeconds);
    addListeners(this.alb, targetGroup, hardening.certificateArn);

    this.taskDefinition = createTaskDefinition(this, {
      names,
      settings,
      repository: this.ecrRepository,
      logRetention: props.logRetention,
      encryptionKey,
    });
    const monitoring = new ServiceMonitoring(this, names, settings, { alb: this.alb, targetGroup });
    this.ecsService = createService(this, {
      names,
      settings,
      vpc: this.vpc,
      cluster: this.ecsCluster,
      taskDefinition: this.taskDefinition,
      targetGroup,
      deploymentAlarms: monitoring.deploymentAlarms,
    });
    monitoring.watch(this.ecsService);

    Tags.of(this).add('app', settings.appName, { includeResourceTypes: TAGGED });
    Tags.of(this).add('service', settings.serviceName, { includeResourceTypes: TAGGED });
    this.addOutputs();
  }

  /**
   * The region's first two zones, chosen by CloudFormation. The default would ask the account at
   * synth, and synth should work without credentials and give everybody the same template.
   */
  public override get availabilityZones(): string[] {
    return [Fn.select(0, Fn.getAzs()), Fn.select(1, Fn.getAzs())];
  }

  private createCluster(flowLogBucket: IBucket | undefined): ICluster {
    const cluster = new Cluster(this, 'ApiCluster', {
      clusterName: this.names.cluster,
      vpc: createVpc(this, 'Vpc', this.egress, flowLogBucket),
      ...(this.hardening.containerInsights && { containerInsightsV2: ContainerInsights.ENABLED }),
    });
    if (!this.hardening.containerInsights) {
      acknowledge(
        cluster,
        'Billed per metric; the load balancer and the service report what a release needs for free. The property `containerInsights` turns it on.',
        'AwsSolutions-ECS4',
      );
    }
    return cluster as ICluster;
  }

  private addOutputs(): void {
    const outputs: [id: string, description: string, value: string][] = [
      ['AlbDnsName', 'Address of the service', this.alb.loadBalancerDnsName],
      ['EcrRepositoryUri', 'Where images are pushed', this.ecrRepository.repositoryUri],
      ['EcsClusterName', 'Cluster', this.ecsCluster.clusterName],
      ['EcsServiceName', 'Service', this.ecsService.serviceName],
      ['DashboardUrl', 'How it is doing', dashboardPage(this.region, this.names.dashboard)],
    ];
    for (const [id, description, value] of outputs) new CfnOutput(this, id, { description, value });
  }
}
