import { join } from 'node:path';
import type { CodeCommit } from '../../codecommit/codecommit';
import { RehearsalError } from '../../errors';
import type { Authorizer } from '../../iam/authorizer';
import { writeCloneReference } from '../clone-reference';
import { checkSourceSize } from '../source-size';
import type { ActionResult, ActionRunner } from './action';

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html */
const CALLS = ['GetBranch', 'GetCommit', 'UploadArchive', 'GetUploadArchiveStatus'];

/**
 * `Source/AWS/CodeCommit/1`: a commit's files as a zip (CODE_ZIP), or a reference that CodeBuild
 * clones (CODEBUILD_CLONE_REF).
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeCommit.html
 */
export function codecommitSourceAction(
  codecommit: Pick<CodeCommit, 'archive' | 'repositoryArn'>,
  authorizer: Authorizer,
): ActionRunner {
  return async (run): Promise<ActionResult> => {
    const {
      RepositoryName: repository = '',
      BranchName = '',
      OutputArtifactFormat = 'CODE_ZIP',
    } = run.action.configuration;
    const resource = codecommit.repositoryArn(repository);
    for (const call of CALLS) {
      const action = `codecommit:${call}`;
      const decision = authorizer.authorize({ caller: run.caller, action, resource });
      if (decision.allowed) continue;
      return { status: 'Failed', errorCode: 'PermissionError', summary: decision.message };
    }
    const branch = run.requestedBranch ?? BranchName;
    const scratch = await run.artifacts.scratchDirectory();
    const filesPath = join(scratch, 'files.zip');
    try {
      const revision = run.requestedCommit ?? branch;
      const { commit, message, timestamp } = await codecommit.archive(
        { repository, revision },
        filesPath,
      );
      const permission = { action: 'codecommit:GitPull', resource };
      const isCloned = OutputArtifactFormat === 'CODEBUILD_CLONE_REF';
      if (!isCloned) await checkSourceSize(filesPath);
      const zipPath = isCloned
        ? await writeCloneReference({ permission, repository, commit }, scratch)
        : filesPath;
      for (const artifact of run.action.outputArtifacts) {
        await run.artifacts.store(artifact, zipPath, run.caller);
      }
      return {
        status: 'Succeeded',
        summary: message.split('\n')[0] ?? '',
        externalExecutionId: commit,
        commit,
        outputVariables: {
          AuthorDate: timestamp,
          BranchName: branch,
          CommitId: commit,
          CommitMessage: message,
          CommitterDate: timestamp,
          RepositoryName: repository,
        },
      };
    } catch (error) {
      if (!(error instanceof RehearsalError) || error.code !== 'SourceUnavailable') throw error;
      return { status: 'Failed', errorCode: 'ConfigurationError', summary: error.message };
    }
  };
}
