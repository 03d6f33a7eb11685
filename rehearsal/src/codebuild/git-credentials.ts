import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Authorizer, Caller } from '../iam/authorizer';

/** A repository that builds may reach with the credentials of their role. */
export interface CredentialedRepository {
  readonly arn: string;
  /** As commands write its address */
  readonly urls: readonly string[];
  /** Where it is on this machine */
  readonly path: string;
}

/**
 * What CodeBuild's credential helper is to the git of a build: the addresses of CodeCommit lead to
 * the repository, when the role may pull; otherwise nowhere. Nothing leaves this machine.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
 *
 * @param home of the build
 * @returns a sentence about what the helper did not do; undefined when there is none
 */
export async function giveGitCredentials(
  home: string,
  repository: CredentialedRepository | undefined,
  caller: Caller,
  authorizer: Authorizer | undefined,
): Promise<string | undefined> {
  if (repository === undefined) {
    return "the git-credential-helper gave the build's git no credentials: only those of CodeCommit are played";
  }
  const request = { caller, action: 'codecommit:GitPull', resource: repository.arn };
  const decision = authorizer?.authorize(request) ?? { allowed: true };
  const target = decision.allowed ? repository.path : join(home, 'no-access-to-this-repository');
  const lines = repository.urls.map((url) => `\tinsteadOf = ${url}\n`);
  await writeFile(join(home, '.gitconfig'), `[url "${target}"]\n${lines.join('')}`);
  return decision.allowed ? undefined : `the build's git had no access: ${decision.message}`;
}
