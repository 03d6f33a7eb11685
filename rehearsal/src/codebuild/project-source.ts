import type { BuildProject } from './project-definition';

/** A repository that a project names as its source. */
export type SourceRepository =
  | { readonly provider: 'GitHub'; readonly owner: string; readonly repository: string }
  | { readonly provider: 'CodeCommit'; readonly repository: string };

/**
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectSource.html
 *
 * @returns undefined for a source that is no repository at GitHub or CodeCommit
 */
export function sourceRepository({
  type,
  location = '',
}: BuildProject['source']): SourceRepository | undefined {
  if (type === 'GITHUB') {
    const [, owner, repository] =
      /^https:\/\/github\.com\/([^/]+)\/([^/]+?)(?:\.git)?\/?$/.exec(location) ?? [];
    return owner && repository ? { provider: 'GitHub', owner, repository } : undefined;
  }
  const repository = /\/v1\/repos\/([^/]+)$/.exec(location)?.[1];
  return type === 'CODECOMMIT' && repository ? { provider: 'CodeCommit', repository } : undefined;
}
