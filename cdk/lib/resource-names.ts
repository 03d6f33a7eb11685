/**
 * Physical names, in one place because deploy.sh, the build and the console all use them.
 *
 * Everything is derived from two words, so that a second service or a second app in the same
 * account differs in every name by changing one of them. IAM roles have no names on purpose: IAM
 * is global, and a fixed name would forbid the same stack in a second region.
 */
export interface ResourceNames {
  readonly repository: string;
  readonly cluster: string;
  readonly service: string;
  readonly container: string;
  readonly taskFamily: string;
  readonly logGroup: string;
  readonly firewall: string;
  readonly buildProject: string;
  readonly pipeline: string;
  /** ALARM for some minutes after an execution failed. */
  readonly pipelineFailedAlarm: string;
  /** ALARM from an execution that failed until one succeeds. */
  readonly releaseBrokenAlarm: string;
  readonly serviceAlarms: ServiceAlarmNames;
  /** Log group of the executions that ended; EventBridge writes to groups of this prefix only. */
  readonly executionsLogGroup: string;
  /** Of the metrics that are made from that log group. */
  readonly metricNamespace: string;
  readonly dashboard: string;
  readonly githubTokenSecret: string;
  /** Name of the SSM parameter that holds the image tag of the last successful release. */
  readonly imageTagParameter: string;
}

/** What users of the service, or its tasks, suffer from. */
export interface ServiceAlarmNames {
  readonly targetErrors: string;
  readonly loadBalancerErrors: string;
  readonly unhealthyTargets: string;
  readonly slowAnswers: string;
  readonly cpu: string;
  readonly memory: string;
  readonly tasksMissing: string;
}

export const DEFAULT_APP_NAME = 'ecs-codepipeline-practice';
export const DEFAULT_SERVICE_NAME = 'api';

/** The port the API listens on inside its container. */
export const CONTAINER_PORT = 3000;

/** What the target group asks. */
export const HEALTH_CHECK_PATH = '/health';

/** The file the build writes and Deploy_to_ECS reads; CodePipeline compares the case. */
export const IMAGE_DEFINITIONS_FILE = 'imageDefinitions.json';

/**
 * Names for one service of one app.
 *
 * @param appName lower-case words with hyphens, e.g. `ecs-codepipeline-practice`
 * @param serviceName lower-case words with hyphens, e.g. `api`
 */
export function resourceNames(
  appName = DEFAULT_APP_NAME,
  serviceName = DEFAULT_SERVICE_NAME,
): ResourceNames {
  const full = `${appName}-${serviceName}`;
  const alarm = (what: string) => `${pascalCase(full)}${what}`;
  return {
    repository: `${appName}/${serviceName}`,
    cluster: `${appName}-cluster`,
    service: `${serviceName}-service`,
    container: `${serviceName}-container`,
    taskFamily: full,
    logGroup: `/ecs/${appName}/${serviceName}`,
    firewall: full,
    buildProject: `${full}-build`,
    pipeline: `${full}-pipeline`,
    pipelineFailedAlarm: alarm('PipelineFailed'),
    releaseBrokenAlarm: alarm('ReleaseBroken'),
    serviceAlarms: {
      targetErrors: alarm('TargetErrors'),
      loadBalancerErrors: alarm('LoadBalancerErrors'),
      unhealthyTargets: alarm('UnhealthyTargets'),
      slowAnswers: alarm('SlowAnswers'),
      cpu: alarm('Cpu'),
      memory: alarm('Memory'),
      tasksMissing: alarm('TasksMissing'),
    },
    executionsLogGroup: `/aws/events/${full}-executions`,
    metricNamespace: `${appName}/${serviceName}`,
    dashboard: full,
    githubTokenSecret: `dev/${appName}/github-token-v2`,
    imageTagParameter: `/${appName}/${serviceName}/image-tag`,
  };
}

function pascalCase(words: string): string {
  return words
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
    .replaceAll('Codepipeline', 'CodePipeline');
}
