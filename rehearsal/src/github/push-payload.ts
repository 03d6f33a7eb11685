import type { RefUpdate } from './hosted-repository';

/** A commit, as `git log` tells it. */
export interface Commit {
  readonly id: string;
  readonly tree: string;
  readonly message: string;
  /** ISO 8601 */
  readonly timestamp: string;
  readonly author: { readonly name: string; readonly email: string };
}

export interface Push extends RefUpdate {
  readonly owner: string;
  readonly repository: string;
}

const NO_COMMIT = /^0+$/;

/** GitHub caps the list. https://docs.github.com/webhooks/webhook-events-and-payloads#push */
const MOST_COMMITS = 2048;

/** The body of GitHub's `push` event, with the fields that webhooks filter on and people read. */
export function pushPayload(push: Push): Record<string, unknown> {
  const fullName = `${push.owner}/${push.repository}`;
  const url = `https://github.com/${fullName}`;
  const commits = push.commits.map((commit) => ({
    id: commit.id,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.timestamp,
    url: `${url}/commit/${commit.id}`,
    author: commit.author,
    committer: commit.author,
  }));
  const deleted = NO_COMMIT.test(push.after);
  return {
    ref: push.ref,
    before: push.before,
    after: push.after,
    base_ref: null,
    created: NO_COMMIT.test(push.before),
    deleted,
    forced: false,
    compare: `${url}/compare/${push.before.slice(0, 12)}...${push.after.slice(0, 12)}`,
    commits: commits.slice(-MOST_COMMITS),
    head_commit: deleted ? null : (commits.at(-1) ?? null),
    repository: {
      name: push.repository,
      full_name: fullName,
      owner: { name: push.owner, login: push.owner },
      html_url: url,
      url,
    },
    pusher: push.commits.at(-1)?.author ?? { name: push.owner, email: '' },
    sender: { login: push.owner },
  };
}
