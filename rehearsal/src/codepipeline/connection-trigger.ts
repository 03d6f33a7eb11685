import type { Push } from '../github/push-payload';
import type { PipelineDefinition } from './pipeline-definition';

/**
 * The connection whose events start this pipeline for a push; undefined when none does.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html
 */
export function connectionTriggeredBy(
  pipeline: Pick<PipelineDefinition, 'stages'>,
  push: Pick<Push, 'owner' | 'repository' | 'ref'>,
): string | undefined {
  const source = (pipeline.stages[0]?.actions ?? []).find(({ provider, configuration }) => {
    const { FullRepositoryId, BranchName, DetectChanges = 'true' } = configuration;
    return (
      provider === 'CodeStarSourceConnection' &&
      DetectChanges === 'true' &&
      FullRepositoryId === `${push.owner}/${push.repository}` &&
      `refs/heads/${String(BranchName)}` === push.ref
    );
  });
  return source?.configuration['ConnectionArn'];
}
