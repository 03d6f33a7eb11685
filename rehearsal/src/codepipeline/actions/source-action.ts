import { join } from 'node:path';
import { RehearsalError } from '../../errors';
import type { GitHub } from '../../github/github';
import type { Authorizer } from '../../iam/authorizer';
import { useConnection, writeCloneReference } from '../clone-reference';
import { checkSourceSize } from '../source-size';
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
 * `Source/AWS/CodeStarSourceConnection/1`: the files as a zip (CODE_ZIP), or a reference that
 * CodeBuild clones (CODEBUILD_CLONE_REF).
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
    const decision = authorizer.authorize({
      caller: run.caller,
      action: useConnection(ConnectionArn),
      resource: ConnectionArn,
    });
    if (!decision.allowed) {
      return { status: 'Failed', errorCode: 'PermissionError', summary: decision.message };
    }
    const [owner = '', repository = ''] = FullRepositoryId.split('/');
    const source = { owner, repository, branch: BranchName, token: undefined };
    const result = await fetchSource(
      github,
      run,
      source,
      OutputArtifactFormat === 'CODEBUILD_CLONE_REF' ? ConnectionArn : undefined,
    );
    if (result.status === 'Failed') return result;
    const outputVariables = { ...result.outputVariables, ConnectionArn };
    return { ...result, outputVariables };
  };
}

/** @param cloneThrough the connection of a clone reference; files are stored without one */
async function fetchSource(
  github: GitHub,
  run: ActionRun,
  source: SourceRequest,
  cloneThrough?: string,
): Promise<ActionResult> {
  const scratch = await run.artifacts.scratchDirectory();
  const filesPath = join(scratch, 'files.zip');
  const { owner, repository, token } = source;
  const branch = run.requestedBranch ?? source.branch;
  try {
    const archived = await github.archive(
      { owner, repository, token, revision: run.requestedCommit ?? branch },
      filesPath,
    );
    const { commit } = archived;
    if (cloneThrough === undefined) await checkSourceSize(filesPath);
    const zipPath =
      cloneThrough === undefined
        ? filesPath
        : await writeCloneReference(
            {
              permission: { action: useConnection(cloneThrough), resource: cloneThrough },
              repository: `${owner}/${repository}`,
              commit,
            },
            scratch,
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
