import type { AwsAccount } from '../../aws-account';
import type { CloudAssembly } from '../../cloudformation/cloud-assembly';
import { isBreaching } from '../../cloudwatch/alarm-definition';
import type { Pipeline } from '../../codepipeline/pipeline';
import type { EcsControlPlane } from '../../ecs/ecs-control-plane';
import type { ServiceDescription } from '../../ecs/service-description';
import type { TaskRecord } from '../../ecs/task-record';
import type { ListenerAddress } from '../../elbv2/load-balancers';
import { RehearsalError } from '../../errors';
import type { MailReport } from '../../report/report';
import type { RunningServices } from '../../running-services';
import type { World } from '../../world';
import type { AlarmFacts, Facts, TaskFacts } from '../checks/facts';

/** Names, as `host/repository:tag`, of the images that were pushed at `since` or later. */
export function imagesPushedSince({ images }: AwsAccount, since: number): string[] {
  return images.pushes
    .filter(({ pushedAt, tag }) => pushedAt >= since && tag !== undefined)
    .map(({ repositoryName, tag }) => `${images.repository(repositoryName).uri}:${String(tag)}`);
}

/** SSM parameters that the templates read when they are deployed, and that hold `value`. */
export function parametersHolding(
  { parameters }: AwsAccount,
  assembly: CloudAssembly,
  value: string | undefined,
): string[] {
  const read = assembly.stacks.flatMap(({ template }) =>
    Object.values(template.Parameters)
      .filter(({ Type }) => Type.startsWith('AWS::SSM::Parameter::Value<'))
      .map(({ Default }) => String(Default)),
  );
  return [...new Set(read)].filter(
    (name) => value !== undefined && parameters.find(name)?.value === value,
  );
}

/** Finds the ARN of the revision behind a target `10.0.1.17:3000`, for one request after another. */
export function taskDefinitionFinder(
  ecs: Pick<EcsControlPlane, 'tasks'>,
): (target: string) => string | undefined {
  const found = new Map<string, Readonly<TaskRecord>>();
  return (target) => {
    const known = found.get(target);
    // Another task may get the address of one that has stopped.
    const task = known?.lastStatus === 'STOPPED' ? undefined : known;
    if (task !== undefined) return task.taskDefinition.taskDefinitionArn;
    const [address] = target.split(':');
    const there = ecs
      .tasks()
      .filter(({ networkInterface }) => networkInterface.address === address);
    const owner = there.find(({ lastStatus }) => lastStatus !== 'STOPPED') ?? there.at(-1);
    if (owner !== undefined) found.set(target, owner);
    return owner?.taskDefinition.taskDefinitionArn;
  };
}

/**
 * The listener that forwards to a service and takes connections: requests go to it.
 *
 * @throws RehearsalError `ListenerMissing`, `ListenerUnreachable`
 */
export function listenerOf({ loadBalancers, ecs, pipelines }: RunningServices): ListenerAddress {
  const { serviceName, loadBalancers: served } = serviceOf({ ecs, pipelines });
  const groups = served.map(({ targetGroupArn }) => targetGroupArn);
  const addresses = loadBalancers
    .addresses()
    .filter(({ targetGroupArns }) => targetGroupArns.some((arn) => groups.includes(arn)));
  const address = addresses.find(({ listenerProtocol }) => listenerProtocol !== 'UDP');
  if (address === undefined) {
    const listener = addresses.length === 0 ? 'listener' : 'listener but by UDP';
    throw new RehearsalError(
      'ListenerMissing',
      `no ${listener} of the assembly forwards to service '${serviceName}', so nobody could send it requests.`,
    );
  }
  if (address.barrier !== undefined) {
    throw new RehearsalError(
      'ListenerUnreachable',
      `on AWS clients could not connect to port ${address.listenerPort} of service '${serviceName}', they would time out: ${address.barrier}. Correct the network in the CDK app.`,
      { exitCode: 1 },
    );
  }
  return address;
}

/** ARN of the revision of each task of a service that is RUNNING. */
export function runningRevisions(
  ecs: EcsControlPlane,
  { serviceName }: Pick<ServiceDescription, 'serviceName'>,
): string[] {
  return ecs
    .tasks()
    .filter(
      ({ lastStatus, group }) => lastStatus === 'RUNNING' && group === `service:${serviceName}`,
    )
    .map(({ taskDefinition }) => taskDefinition.taskDefinitionArn);
}

/** Every task but those that are known already, oldest first. */
export function tasksSince(ecs: EcsControlPlane, known: ReadonlySet<string>): TaskFacts[] {
  return ecs
    .tasks()
    .filter(({ taskArn }) => !known.has(taskArn))
    .map(({ taskDefinition, lastStatus, stopCode, stoppedReason }) => ({
      taskDefinition: taskDefinition.taskDefinitionArn,
      lastStatus,
      stopCode,
      stoppedReason,
    }));
}

/** Category of each action by `stage/action`, e.g. `Build`. */
export function actionCategories(pipelines: readonly Pipeline[]): Record<string, string> {
  return Object.fromEntries(
    pipelines.flatMap(({ definition }) =>
      definition.stages.flatMap((stage) =>
        stage.actions.map(({ name, category }) => [`${stage.name}/${name}`, category]),
      ),
    ),
  );
}

/**
 * The service that a scenario watches: the first that a pipeline deploys to.
 *
 * @throws RehearsalError `ServiceMissing`
 */
export function serviceOf({
  ecs,
  pipelines,
}: Pick<RunningServices, 'ecs' | 'pipelines'>): ServiceDescription {
  const deployedTo = pipelines
    .flatMap(({ definition }) => definition.stages.flatMap(({ actions }) => actions))
    .map(({ configuration }) => configuration['ServiceName']);
  const services = ecs.describeServices();
  const service =
    services.find(({ serviceName }) => deployedTo.includes(serviceName)) ?? services[0];
  if (service === undefined) {
    throw new RehearsalError('ServiceMissing', 'no stack of the assembly has an ECS service.');
  }
  return service;
}

/** What was there when a story began, by which it knows what came since. */
export interface Before {
  /** Of executions, tasks and deployments */
  readonly ids: ReadonlySet<string>;
  /** Of the deployment that runs; undefined in a new world */
  readonly deploymentId: string | undefined;
  /** How many there were */
  readonly started: number;
  readonly deliveries: number;
  readonly mail: number;
}

/** Whether a rule with a target listens for events of CodePipeline. */
export function hasPipelineRule({ deployed }: World): boolean {
  const rules = deployed?.ofType('AWS::Events::Rule') ?? [];
  return rules.some(
    ({ properties }) =>
      JSON.stringify(properties['EventPattern'] ?? '').includes('aws.codepipeline') &&
      properties['Targets'] !== undefined,
  );
}

/** Names of alarms on anything but pipelines and builds: what they tell is not about a release. */
export function serviceAlarms({ deployed }: World): string[] {
  const alarms = deployed?.ofType('AWS::CloudWatch::Alarm') ?? [];
  return alarms
    .filter(({ properties }) => !/AWS\/Code(Pipeline|Build)/.test(JSON.stringify(properties)))
    .map(({ name, physicalId }) => name ?? physicalId);
}

/** Alarms that go off when one execution of a pipeline has failed. */
export function releaseAlarms({ services }: World): AlarmFacts[] {
  const pipelines = services?.pipelines.map(({ definition }) => definition.name) ?? [];
  const alarms = services?.notifications.alarms.alarms ?? [];
  return alarms
    .filter(
      ({ definition }) =>
        isBreaching(definition, 1) &&
        definition.datapointsToAlarm === 1 &&
        definition.queries.some(
          ({ metric: { namespace, name, dimensions } }) =>
            namespace === 'AWS/CodePipeline' &&
            name === 'FailedPipelineExecutions' &&
            pipelines.includes(dimensions['PipelineName'] ?? ''),
        ),
    )
    .map(({ definition: { name }, state }) => ({ name, state }));
}

/** Of which failures rules of the templates tell a topic, one by one and with their reason. */
export function mailRules({ deployed }: World): Facts['mailRules'] {
  const rules = deployed?.ofType('AWS::Events::Rule') ?? [];
  const patterns = rules
    .filter(({ properties }) => JSON.stringify(properties['Targets'] ?? '').includes(':sns:'))
    .map(({ properties }) => JSON.stringify(properties['EventPattern'] ?? ''));
  const areMatchedBy = (text: string) => patterns.some((pattern) => pattern.includes(text));
  return {
    actions: areMatchedBy('CodePipeline Action Execution State Change'),
    deployments: areMatchedBy('SERVICE_DEPLOYMENT_FAILED'),
  };
}

/**
 * Mails that the subscribers got after the first `count`, oldest first.
 *
 * @param begin of what the scenario does, milliseconds since the epoch
 */
export function mailSince({ services }: World, count: number, begin: number): MailReport[] {
  const mail = services?.notifications.mail ?? [];
  return mail.slice(count).map(({ subject, to, time, file, body, cause }) => ({
    subject,
    to,
    at: time,
    file,
    text: body,
    ofBefore: Date.parse(cause) < begin,
  }));
}

export function seenBefore(world: World): Before {
  const { services } = world;
  if (services === undefined) {
    return { ids: new Set(), deploymentId: undefined, started: 0, deliveries: 0, mail: 0 };
  }
  const { clusterArn, serviceName, deployments } = serviceOf(services);
  const executions = services.pipelines.flatMap((pipeline) => pipeline.executions);
  return {
    ids: new Set([
      ...executions.map(({ id }) => id),
      ...services.ecs.tasks().map(({ taskArn }) => taskArn),
      ...services.ecs.deployments(clusterArn, serviceName).map(({ id }) => id),
    ]),
    deploymentId: deployments[0]?.id,
    started: services.started.length,
    deliveries: world.github.deliveries.length,
    mail: services.notifications.mail.length,
  };
}
