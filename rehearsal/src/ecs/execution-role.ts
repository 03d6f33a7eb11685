import type { AccessDecision } from '../iam/authorizer';
import type { ContainerDefinition } from './container-definition';
import type { EcsDependencies } from './ecs-dependencies';
import type { RegistryImageReference } from './registry-image';
import { TaskStartError } from './task-start-error';

/**
 * What Fargate does as the task's execution role before a container starts, each step checked
 * against the role's policies and failing in the words of ECS.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
 */
export class ExecutionRole {
  constructor(
    private readonly roleArn: string,
    private readonly taskId: string,
    private readonly deps: Pick<
      EcsDependencies,
      'authorizer' | 'account' | 'region' | 'resources' | 'secrets'
    >,
  ) {}

  /** @throws TaskStartError when the role's trust policy does not let ECS tasks be it */
  assume(): void {
    if (trustsEcsTasks(this.roleArn, this.deps)) return;
    throw new TaskStartError(
      undefined,
      `ECS was unable to assume the role '${this.roleArn}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.`,
    );
  }

  /** @throws TaskStartError `ResourceInitializationError` */
  getRegistryAuthorization(): void {
    const decision = this.authorize('ecr:GetAuthorizationToken', '*');
    if (decision.allowed) return;
    throw registryAuthError(`unable to retrieve ecr registry auth: ${denied(decision.message)}`);
  }

  /** @throws TaskStartError `CannotPullContainerError` */
  pull(containerName: string, image: string, reference: RegistryImageReference): void {
    const repositoryArn = `arn:aws:ecr:${this.deps.region}:${this.deps.account}:repository/${reference.repositoryName}`;
    for (const action of ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']) {
      const decision = this.authorize(action, repositoryArn);
      if (decision.allowed) continue;
      // ECS itself shows only the 403; the reason after it is what one needs to mend the role.
      throw new TaskStartError(
        'CannotPullContainerError',
        `pull image manifest has been retried 1 time(s): failed to resolve ref ${image}: pulling from host ${reference.host} failed with status code [manifests ${reference.tagOrDigest}]: 403 Forbidden (${decision.message})`,
        containerName,
      );
    }
  }

  /**
   * Opens the log stream of a container.
   *
   * @returns the log group and stream; undefined when the container has no awslogs configuration
   * @throws TaskStartError `ResourceInitializationError`
   */
  createLogStream(container: ContainerDefinition): { group: string; stream: string } | undefined {
    if (container.logConfiguration?.logDriver !== 'awslogs') return undefined;
    const { options } = container.logConfiguration;
    const group = options['awslogs-group'] ?? '';
    const stream = [options['awslogs-stream-prefix'], container.name, this.taskId]
      .filter((part) => part !== undefined)
      .join('/');
    const groupArn = `arn:aws:logs:${this.deps.region}:${this.deps.account}:log-group:${group}`;
    const fail = (what: string, why: string): never => {
      throw new TaskStartError(
        'ResourceInitializationError',
        `failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log ${what}: ${why} : exit status 1`,
        container.name,
      );
    };
    if (this.deps.resources.find('AWS::Logs::LogGroup', group) === undefined) {
      if (options['awslogs-create-group'] !== 'true')
        fail('stream', 'ResourceNotFoundException: The specified log group does not exist.');
      const creation = this.authorize('logs:CreateLogGroup', `${groupArn}:log-stream:`);
      if (!creation.allowed) fail('group', `AccessDeniedException: ${creation.message}`);
    }
    for (const action of ['logs:CreateLogStream', 'logs:PutLogEvents']) {
      const decision = this.authorize(action, `${groupArn}:log-stream:${stream}`);
      if (!decision.allowed) fail('stream', `AccessDeniedException: ${decision.message}`);
    }
    return { group, stream };
  }

  /**
   * The value of one entry of a container's `secrets`.
   * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html
   *
   * @throws TaskStartError `ResourceInitializationError`
   */
  secretValue(valueFrom: string): string {
    return valueFrom.startsWith('arn:aws:secretsmanager:')
      ? this.secretsManagerValue(valueFrom)
      : this.parameterValue(valueFrom);
  }

  private parameterValue(valueFrom: string): string {
    const name = valueFrom.replace(/^arn:aws:ssm:[^:]*:[^:]*:parameter/, '');
    const path = name.startsWith('/') ? name : `/${name}`;
    const arn = `arn:aws:ssm:${this.deps.region}:${this.deps.account}:parameter${path}`;
    const decision = this.authorize('ssm:GetParameters', arn);
    const problem = 'unable to retrieve secrets from ssm: ';
    if (!decision.allowed) throw registryAuthError(problem + denied(decision.message));
    // An ARN of the parameter `name` reads `parameter/name` just as one of `/name`.
    const value =
      this.deps.secrets.parameterValue(name) ?? this.deps.secrets.parameterValue(name.slice(1));
    if (value === undefined)
      throw registryAuthError(
        `${problem}service call has been retried 1 time(s): invalid ssm parameters: ${name}`,
      );
    return value;
  }

  /** `arn:aws:secretsmanager:region:account:secret:name:json-key:version-stage:version-id` */
  private secretsManagerValue(valueFrom: string): string {
    const parts = valueFrom.split(':');
    const arn = parts.slice(0, 7).join(':');
    const jsonKey = parts[7];
    const decision = this.authorize('secretsmanager:GetSecretValue', arn);
    const problem = 'unable to retrieve secret from asm: ';
    const calling = `service call has been retried 1 time(s): `;
    if (!decision.allowed) throw registryAuthError(problem + denied(decision.message));
    const text = this.deps.secrets.secretString(arn);
    if (text === undefined)
      throw registryAuthError(
        `${problem}${calling}failed to fetch secret ${arn} from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.`,
      );
    if (!jsonKey) return text;
    const value = jsonProperty(text, jsonKey);
    if (value === undefined)
      throw registryAuthError(
        `${problem}${calling}retrieved secret from Secrets Manager did not contain json key ${jsonKey}`,
      );
    return value;
  }

  private authorize(action: string, resource: string): AccessDecision {
    const caller = { kind: 'role', roleArn: this.roleArn, sessionName: this.taskId } as const;
    return this.deps.authorizer.authorize({ caller, action, resource });
  }
}

/**
 * Whether the trust policy of a role names ECS tasks. Conditions on the source can narrow it to an
 * account and region, not to a cluster:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
 *
 * @throws RehearsalError when no deployed stack defines the role
 */
export function trustsEcsTasks(
  roleArn: string,
  { authorizer, region, account }: Pick<EcsDependencies, 'authorizer' | 'region' | 'account'>,
): boolean {
  const caller = {
    kind: 'service',
    service: 'ecs-tasks.amazonaws.com',
    sourceArn: `arn:aws:ecs:${region}:${account}:*`,
  } as const;
  return authorizer.authorize({ caller, action: 'sts:AssumeRole', resource: roleArn }).allowed;
}

function registryAuthError(detail: string): TaskStartError {
  return new TaskStartError(
    'ResourceInitializationError',
    `unable to pull secrets or registry auth: execution resource retrieval failed: ${detail}`,
  );
}

function denied(message: string): string {
  return `service call has been retried 1 time(s): AccessDeniedException: ${message}`;
}

function jsonProperty(text: string, key: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const value = (parsed as Record<string, unknown>)[key];
    return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    return undefined;
  }
}
