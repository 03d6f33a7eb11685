import { readBuildProject } from '../../codebuild/project-definition';
import { readPipeline } from '../../codepipeline/pipeline-definition';
import { readServiceDefinition } from '../../ecs/service-definition';
import { RehearsalError } from '../../errors';
import type { World } from '../../world';
import type { Story } from '../story/story';
import { dockerfileOf } from './release-change';

/** What stands between a push and a task, as the templates and the commit say. */
export interface ReleasePath {
  readonly buildspecPath: string;
  readonly buildspec: string;
  /** Undefined when no commit has one */
  readonly dockerfilePath: string | undefined;
  readonly dockerfile: string;
  /** `FileName` of the deploy action */
  readonly imageDefinitionsFile: string;
  /** Of the container behind the load balancer */
  readonly containerName: string;
  readonly containerPort: number;
  /** A status that the target group's health check takes for healthy */
  readonly healthyStatus: number;
}

/**
 * @throws RehearsalError `ScenarioUnplayable` when the buildspec is not a file of the repository, or
 *   no container is behind a load balancer
 */
export async function releasePath({
  world,
  ...story
}: Pick<Story, 'world' | 'repository'>): Promise<ReleasePath> {
  const deployed = deployedOf(world);
  const [pipeline] = deployed.ofType('AWS::CodePipeline::Pipeline').map(readPipeline);
  const actions = pipeline?.stages.flatMap((stage) => stage.actions) ?? [];
  const build = actions.find(({ type }) => type === 'Build/AWS/CodeBuild/1');
  const deploy = actions.find(({ type }) => type === 'Deploy/AWS/ECS/1');
  const project = deployed
    .ofType('AWS::CodeBuild::Project')
    .map(readBuildProject)
    .find(({ name }) => name === build?.configuration['ProjectName']);
  const buildspecPath = project?.source.buildspec ?? 'buildspec.yml';
  const buildspec = story.repository.read(buildspecPath);
  if (project === undefined || buildspecPath.includes('\n') || buildspec === '') {
    throw new RehearsalError(
      'ScenarioUnplayable',
      'the buildspec is not a file of the repository, so no commit can change it.',
    );
  }
  const [service] = deployed.ofType('AWS::ECS::Service').map(readServiceDefinition);
  const [served] = service?.loadBalancers ?? [];
  if (served === undefined) {
    throw new RehearsalError(
      'ScenarioUnplayable',
      'no container of the service is behind a load balancer, so nobody could tell who answers.',
    );
  }
  const dockerfilePath = dockerfileOf(await story.repository.files(), buildspec);
  return {
    buildspecPath,
    buildspec,
    dockerfilePath,
    dockerfile: dockerfilePath === undefined ? '' : story.repository.read(dockerfilePath),
    imageDefinitionsFile: deploy?.configuration['FileName'] ?? 'imagedefinitions.json',
    containerName: served.containerName,
    containerPort: served.containerPort,
    healthyStatus: healthyStatusOf(deployed, served.targetGroupArn),
  };
}

/** @throws RehearsalError `ScenarioUnplayable` */
export function requireDockerfile({ dockerfilePath }: ReleasePath): string {
  if (dockerfilePath !== undefined) return dockerfilePath;
  throw new RehearsalError(
    'ScenarioUnplayable',
    'there is no Dockerfile in the commit, so no commit can break what its image runs.',
  );
}

function deployedOf({ deployed }: World) {
  if (deployed === undefined) throw new Error('the stacks are deployed before they are read');
  return deployed;
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Matcher.html */
function healthyStatusOf(deployed: ReturnType<typeof deployedOf>, targetGroupArn: string): number {
  const group = deployed.find('AWS::ElasticLoadBalancingV2::TargetGroup', targetGroupArn);
  const [status] = /\d{3}/.exec(JSON.stringify(group?.properties['Matcher'] ?? '')) ?? ['200'];
  return Number(status);
}
