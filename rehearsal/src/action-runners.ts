import { buildDependencies } from './build-dependencies';
import type { DeployedStacks } from './cloudformation/deployed-stacks';
import { readBuildProject } from './codebuild/project-definition';
import type { ActionRunner } from './codepipeline/actions/action';
import { codebuildBuildAction } from './codepipeline/actions/codebuild-build-action';
import { commandsAction } from './codepipeline/actions/commands-action';
import { codecommitSourceAction } from './codepipeline/actions/codecommit-source-action';
import { ecrBuildAndPublishAction } from './codepipeline/actions/ecr-build-and-publish-action';
import { ecrSourceAction } from './codepipeline/actions/ecr-source-action';
import { ecsDeployAction } from './codepipeline/actions/ecs-deploy-action';
import { s3SourceAction } from './codepipeline/actions/s3-source-action';
import { connectionSourceAction, githubSourceAction } from './codepipeline/actions/source-action';
import { approvalAction } from './codepipeline/actions/approval-action';
import type { Approvals } from './codepipeline/approvals';
import { cloudwatchAlarmRule } from './codepipeline/rules/cloudwatch-alarm';
import type { Network } from './ec2/network';
import type { EcsControlPlane } from './ecs/ecs-control-plane';
import type { Notifications } from './notifications';
import type { Foundation } from './running-services';

/** What runs each type of action that is played. */
export function actionRunners(
  foundation: Foundation,
  resources: DeployedStacks,
  controlPlane: EcsControlPlane,
  approvals: Approvals,
  notifications: Notifications,
  network: Network,
): ReadonlyMap<string, ActionRunner> {
  const { account, clock, limits, sources } = foundation;
  const { github, codecommit, objects } = sources;
  const build = buildDependencies(foundation, network);
  const projects = resources.ofType('AWS::CodeBuild::Project').map(readBuildProject);
  const codebuild = codebuildBuildAction({
    projects,
    access: account.access,
    // One repository is hosted, and whoever has it hands out its clones.
    clone: (reference, directory) => github.clone(reference, directory),
    build,
  });
  const commands = commandsAction(build);
  const connection = connectionSourceAction(github, account.access);
  return new Map([
    [
      'Approval/AWS/Manual/1',
      approvalAction({
        approvals,
        clock,
        authorizer: account.access,
        publish: ({ topicArn, caller, ...publication }) =>
          notifications.publish(topicArn, publication, caller),
      }),
    ],
    ['Source/ThirdParty/GitHub/1', githubSourceAction(github)],
    ['Source/AWS/CodeStarSourceConnection/1', connection],
    ['Source/AWS/CodeCommit/1', codecommitSourceAction(codecommit, account.access)],
    ['Source/AWS/ECR/1', ecrSourceAction(account.images, account.access)],
    ['Source/AWS/S3/1', s3SourceAction(objects, account.access)],
    ['Build/AWS/CodeBuild/1', codebuild],
    ['Test/AWS/CodeBuild/1', codebuild],
    [
      'Build/AWS/ECRBuildAndPublish/1',
      ecrBuildAndPublishAction({ build, images: account.images, authorizer: account.access }),
    ],
    ['Compute/AWS/Commands/1', commands],
    ['Rule/AWS/CodeBuild/1', codebuild],
    ['Rule/AWS/Commands/1', commands],
    [
      'Rule/AWS/CloudWatchAlarm/1',
      cloudwatchAlarmRule({
        clock,
        authorizer: account.access,
        stateOf: (name) => notifications.stateOf(name),
      }),
    ],
    [
      'Deploy/AWS/ECS/1',
      ecsDeployAction({ controlPlane, authorizer: account.access, clock: limits }),
    ],
  ]);
}
