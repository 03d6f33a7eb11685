import { isIPv6 } from 'node:net';
import { fullImageName, parseImageReference } from '../containers/image-reference';
import type { EndpointType, TaskInterface } from '../ec2/reachability-questions';
import type { ContainerDefinition } from './container-definition';
import type { EcsDependencies } from './ecs-dependencies';
import type { RegistryImageReference } from './registry-image';
import { TaskStartError } from './task-start-error';

/**
 * What a task has to reach before its containers start, through its own network interface
 * (fargate-task-networking.html). Each step that cannot be made fails in the words of ECS, and in
 * brackets with the route or rule that is missing, which ECS does not tell.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html
 */
export class EndpointAccess {
  constructor(
    private readonly from: TaskInterface,
    private readonly deps: Pick<EcsDependencies, 'network' | 'region'>,
  ) {}

  /** @throws TaskStartError `ResourceInitializationError` */
  requireRegistryAuthorization(): void {
    const { region } = this.deps;
    // https://docs.aws.amazon.com/general/latest/gr/ecr.html
    const host = this.hasIpv4 ? `api.ecr.${region}.amazonaws.com` : `ecr.${region}.api.aws`;
    this.require(
      'ecr.api',
      (barrier) =>
        new TaskStartError(
          'ResourceInitializationError',
          `unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. operation error ECR: GetAuthorizationToken, exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , request send failed, Post "https://${host}/": dial tcp: i/o timeout (${barrier})`,
        ),
    );
  }

  /** @throws TaskStartError `ResourceInitializationError` */
  requireSecret(valueFrom: string): void {
    const isSecret = valueFrom.startsWith('arn:aws:secretsmanager:');
    this.require(isSecret ? 'secretsmanager' : 'ssm', (barrier) => {
      const problem = isSecret
        ? `unable to retrieve secret from asm: There is a connection issue between the task and AWS Secrets Manager. Check your task network configuration. failed to fetch secret ${valueFrom} from secrets manager: operation error Secrets Manager: GetSecretValue, https response error StatusCode: 0, RequestID: , canceled, context deadline exceeded`
        : 'unable to retrieve secrets from ssm: The task cannot pull secrets from AWS Systems Manager. There is a connection issue between the task and AWS Systems Manager Parameter Store. Check your task network configuration. RequestCanceled: request context canceled caused by: context deadline exceeded';
      return new TaskStartError(
        'ResourceInitializationError',
        `unable to pull secrets or registry auth: ${problem} (${barrier})`,
      );
    });
  }

  /** @throws TaskStartError `ResourceInitializationError` */
  requireLogs({ name, logConfiguration }: ContainerDefinition): void {
    if (logConfiguration?.logDriver !== 'awslogs') return;
    this.require(
      'logs',
      (barrier) =>
        new TaskStartError(
          'ResourceInitializationError',
          `failed to validate logger args: The task cannot find the Amazon CloudWatch log group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch. Check your network configuration. : signal: killed (${barrier})`,
          name,
        ),
    );
  }

  /** @throws TaskStartError `CannotPullContainerError` */
  requireManifest(containerName: string, image: string, reference: RegistryImageReference): void {
    const { repositoryName, tagOrDigest, endpointType } = reference;
    const [host = ''] = image.split('/');
    this.require(
      'ecr.dkr',
      (barrier) =>
        new TaskStartError(
          'CannotPullContainerError',
          `pull image manifest has been retried 7 time(s): failed to resolve ref ${image}: failed to do request: Head "https://${host}/v2/${repositoryName}/manifests/${tagOrDigest}": dial tcp: i/o timeout (${barrier})`,
          containerName,
        ),
      endpointType,
    );
  }

  /**
   * ECR keeps layers in S3 and hands out addresses there that it has signed itself: a policy of the
   * endpoint has to let everybody through (ECR userguide, vpc-endpoints.html).
   *
   * @throws TaskStartError `CannotPullContainerError`
   */
  requireLayers(containerName: string, endpointType: EndpointType): void {
    const { region } = this.deps;
    const bucket = `prod-${region}-starport-layer-bucket`;
    const isIpv6 = !this.hasIpv4 && endpointType === 'dualstack';
    const host = `${bucket}.s3.${isIpv6 ? 'dualstack.' : ''}${region}.amazonaws.com`;
    this.require(
      's3',
      (barrier) =>
        new TaskStartError(
          'CannotPullContainerError',
          `ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: failed to do request: Get "https://${host}/": dial tcp: i/o timeout (${barrier})`,
          containerName,
        ),
      endpointType,
    );
    const caller = { kind: 'service', service: 'ecr.amazonaws.com' } as const;
    const resource = `arn:aws:s3:::${bucket}/layer`;
    const call = { caller, action: 's3:GetObject', resource };
    const why = this.deps.network?.denialByEndpoint(this.from, 's3', call);
    if (why === undefined) return;
    throw new TaskStartError(
      'CannotPullContainerError',
      `ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://${host}/: 403 Forbidden (s3:GetObject ${why})`,
      containerName,
    );
  }

  /**
   * An image of another registry is fetched over the internet; of ECR Public too, where VPC endpoints
   * lead to the API alone (ECR userguide, vpc-endpoints.html). In the words of
   * https://github.com/ActionIQ/terraform-aws-retool-ecs-fargate/issues/20
   *
   * @throws TaskStartError `CannotPullContainerError`
   */
  requireOutsideRegistry(containerName: string, image: string): void {
    const reference = parseImageReference(image);
    // Docker itself says what is wrong with such a name.
    if (reference === undefined) return;
    const [registry = '', ...path] = fullImageName(reference).split('/');
    const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
    const barrier = this.deps.network?.barrierToInternet(this.from, host);
    if (barrier === undefined) return;
    const { tag = 'latest', digest } = reference;
    const name = `${[registry, ...path].join('/')}${digest === undefined ? `:${tag}` : `@${digest}`}`;
    throw new TaskStartError(
      'CannotPullContainerError',
      `pull image manifest has been retried 7 time(s): failed to resolve ref ${name}: failed to do request: Head "https://${host}/v2/${path.join('/')}/manifests/${digest ?? tag}": dial tcp: i/o timeout (${barrier})`,
      containerName,
    );
  }

  private get hasIpv4(): boolean {
    return !isIPv6(this.from.address ?? '');
  }

  private require(
    service: string,
    failure: (barrier: string) => TaskStartError,
    endpointType?: EndpointType,
  ): void {
    const barrier = this.deps.network?.barrierToAwsService(this.from, service, endpointType);
    if (barrier !== undefined) throw failure(barrier);
  }
}
