import type { Push } from '../github/push-payload';
import { passesFilter } from './glob-filter';
import type {
  ActionDefinition,
  PipelineDefinition,
  PipelineTrigger,
  PushFilter,
} from './pipeline-definition';
import type { StartRequest } from './start-request';

const NO_COMMIT = /^0+$/;

type Pushed = Pick<Push, 'owner' | 'repository' | 'ref' | 'after' | 'changedFiles'>;

/**
 * How a push that a connection reports starts this pipeline; undefined when it does not. A trigger
 * of a V2 pipeline takes the place of the source action's own branch.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-filter.html
 */
export function connectionTriggeredBy(
  pipeline: Pick<PipelineDefinition, 'stages' | 'triggers'>,
  push: Pushed,
): StartRequest | undefined {
  if (NO_COMMIT.test(push.after)) return undefined;
  for (const action of pipeline.stages[0]?.actions ?? []) {
    if (!isSourceOf(action, push)) continue;
    const trigger = pipeline.triggers.find(({ sourceAction }) => sourceAction === action.name);
    const started: StartRequest = {
      triggerType: 'WebhookV2',
      triggerDetail: action.configuration['ConnectionArn'] ?? '',
    };
    if (trigger === undefined || trigger.unfiltered) {
      const { BranchName, DetectChanges = 'true' } = action.configuration;
      const detects = DetectChanges === 'true' || trigger !== undefined;
      if (detects && `refs/heads/${String(BranchName)}` === push.ref) return started;
    } else if (passesTrigger(trigger, push)) {
      const branch = nameOf(push.ref, 'refs/heads/');
      return {
        ...started,
        sourceRevisions: [
          { actionName: action.name, commit: push.after, ...(branch !== undefined && { branch }) },
        ],
      };
    }
  }
  return undefined;
}

function isSourceOf({ provider, configuration }: ActionDefinition, push: Pushed): boolean {
  return (
    provider === 'CodeStarSourceConnection' &&
    configuration['FullRepositoryId'] === `${push.owner}/${push.repository}`
  );
}

/** One filter is enough; within a filter everything must hold. */
function passesTrigger({ push: filters }: PipelineTrigger, push: Pushed): boolean {
  return filters.some((filter) => passesPushFilter(filter, push));
}

function passesPushFilter({ branches, tags, filePaths }: PushFilter, push: Pushed): boolean {
  const branch = nameOf(push.ref, 'refs/heads/');
  const tag = nameOf(push.ref, 'refs/tags/');
  if (tag !== undefined) return tags !== undefined && passesFilter(tags, tag);
  if (branch === undefined || (tags !== undefined && branches === undefined)) return false;
  if (branches !== undefined && !passesFilter(branches, branch)) return false;
  return filePaths === undefined || push.changedFiles.some((path) => passesFilter(filePaths, path));
}

function nameOf(ref: string, prefix: string): string | undefined {
  return ref.startsWith(prefix) ? ref.slice(prefix.length) : undefined;
}
