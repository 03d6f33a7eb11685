import { join } from 'node:path';
import { RehearsalError } from '../../errors';
import type { GitHub } from '../../github/github';
import type { Authorizer } from '../../iam/authorizer';
import type { ActionResult, ActionRun, ActionRunner } from './action';

interface SourceRequest {
  readonly owner: string;
  readonly repository: string;
  readonly branch: string;
  readonly token: string | undefined;
}

/**
 * `Source/ThirdParty/GitHub/1`: a commit's files as a zip, fetched with the configured token.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/appendix-github-oauth.html
 */
export function githubSourceAction(github: GitHub): ActionRunner {
  return (run) => {
    const { Owner = '', Repo = '', Branch = '', OAuthToken = '' } = run.action.configuration;
    return fetchSource(github, run, {
      owner: Owner,
      repository: Repo,
      branch: Branch,
      token: OAuthToken,
    });
  };
}

/**
 * `Source/AWS/CodeStarSourceConnection/1`, for the format CODE_ZIP.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html
 */
export function connectionSourceAction(github: GitHub, authorizer: Authorizer): ActionRunner {
  return async (run) => {
    const {
      ConnectionArn = '',
      FullRepositoryId = '',
      BranchName = '',
      OutputArtifactFormat = 'CODE_ZIP',
    } = run.action.configuration;
    if (OutputArtifactFormat !== 'CODE_ZIP') {
      throw new RehearsalError(
        'ActionUnplayed',
        `OutputArtifactFormat '${OutputArtifactFormat}' of action '${run.action.name}' is not played; 'CODE_ZIP' is.`,
      );
    }
    const decision = authorizer.authorize({
      caller: run.caller,
      action: ConnectionArn.includes(':codeconnections:')
        ? 'codeconnections:UseConnection'
        : 'codestar-connections:UseConnection',
      resource: ConnectionArn,
    });
    if (!decision.allowed) {
      return { status: 'Failed', errorCode: 'PermissionError', summary: decision.message };
    }
    const [owner = '', repository = ''] = FullRepositoryId.split('/');
    return fetchSource(github, run, { owner, repository, branch: BranchName, token: undefined });
  };
}

async function fetchSource(
  github: GitHub,
  run: ActionRun,
  source: SourceRequest,
): Promise<ActionResult> {
  const zipPath = join(await run.artifacts.scratchDirectory(), 'source.zip');
  const { owner, repository, token } = source;
  const branch = run.requestedBranch ?? source.branch;
  try {
    const archived = await github.archive(
      { owner, repository, token, revision: run.requestedCommit ?? branch },
      zipPath,
    );
    for (const artifact of run.action.outputArtifacts) {
      await run.artifacts.store(artifact, zipPath, run.caller);
    }
    return {
      status: 'Succeeded',
      summary: archived.message.split('\n')[0] ?? '',
      externalExecutionId: archived.commit,
      commit: archived.commit,
      outputVariables: {
        AuthorDate: archived.timestamp,
        BranchName: branch,
        CommitId: archived.commit,
        CommitMessage: archived.message,
        CommitterDate: archived.timestamp,
        CommitUrl: `https://github.com/${owner}/${repository}/commit/${archived.commit}`,
        FullRepositoryName: `${owner}/${repository}`,
        RepositoryName: repository,
      },
    };
  } catch (error) {
    if (!(error instanceof RehearsalError) || error.code !== 'SourceUnavailable') throw error;
    return { status: 'Failed', errorCode: 'ConfigurationError', summary: error.message };
  }
}
