import type { GitHubRepository, PullRequestEvent } from '../github/github';
import type { Push } from '../github/push-payload';
import { passesFilter } from './glob-filter';
import type {
  ActionDefinition,
  PipelineDefinition,
  PipelineTrigger,
  PullRequestFilter,
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
    const started = startedBy(action);
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

/**
 * How a change of a pull request that a connection reports starts this pipeline; undefined when it
 * does not. What is released is the newest commit of the branch that the pull request comes from.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-filter.html
 */
export function connectionTriggeredByPullRequest(
  pipeline: Pick<PipelineDefinition, 'stages' | 'triggers'>,
  event: PullRequestEvent,
): StartRequest | undefined {
  for (const action of pipeline.stages[0]?.actions ?? []) {
    const trigger = pipeline.triggers.find(({ sourceAction }) => sourceAction === action.name);
    const filters = isSourceOf(action, event) ? (trigger?.pullRequest ?? []) : [];
    if (!filters.some((filter) => passesPullRequestFilter(filter, event))) continue;
    return {
      ...startedBy(action),
      sourceRevisions: [{ actionName: action.name, commit: event.headCommit, branch: event.head }],
    };
  }
  return undefined;
}

function isSourceOf(
  { provider, configuration }: ActionDefinition,
  { owner, repository }: GitHubRepository,
): boolean {
  return (
    provider === 'CodeStarSourceConnection' &&
    configuration['FullRepositoryId'] === `${owner}/${repository}`
  );
}

function startedBy({ configuration }: ActionDefinition): StartRequest {
  return { triggerType: 'WebhookV2', triggerDetail: configuration['ConnectionArn'] ?? '' };
}

/** What triggers call GitHub's events; whatever else happens to pull requests starts nothing. */
const EVENTS = { opened: 'OPEN', synchronize: 'UPDATED', closed: 'CLOSED' } as const;

/** Its branches are those that pull requests are to be merged into. */
function passesPullRequestFilter(
  { events, branches, filePaths }: PullRequestFilter,
  { action, base, changedFiles }: PullRequestEvent,
): boolean {
  return (
    events.includes(EVENTS[action]) &&
    (branches === undefined || passesFilter(branches, base)) &&
    (filePaths === undefined || changedFiles.some((path) => passesFilter(filePaths, path)))
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
