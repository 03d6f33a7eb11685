import type { DeployedStacks } from '../cloudformation/deployed-stacks';
import { sessionArn } from '../iam/access-control';
import type { PipelineDefinition } from './pipeline-definition';
import type { StartRequest } from './start-request';

/**
 * Name of the sessions in which CloudFormation has its role.
 * https://docs.aws.amazon.com/codestar/latest/userguide/troubleshooting.html
 */
const SESSION = 'AWSCloudFormation';

/**
 * The start of the execution that comes with a new pipeline. Its detail is the ARN of who created
 * the pipeline (AWS documents ARNs of users; that new pipelines have their creator's is what their
 * history shows): CloudFormation, as the role that the cloud assembly names. Without one it acts for
 * the person who deploys, whom a rehearsal does not know: the detail is then empty.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-about-starting.html
 * https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ExecutionTrigger.html
 */
export function startAtCreation(
  { name }: Pick<PipelineDefinition, 'name'>,
  { stacks }: DeployedStacks,
): StartRequest {
  const stack = stacks.find(({ resources }) =>
    resources.some(
      ({ type, physicalId }) => type === 'AWS::CodePipeline::Pipeline' && physicalId === name,
    ),
  );
  return {
    triggerType: 'CreatePipeline',
    triggerDetail: stack?.executionRoleArn ? sessionArn(stack.executionRoleArn, SESSION) : '',
  };
}
