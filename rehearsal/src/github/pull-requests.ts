import { RehearsalError } from '../errors';
import type { HostedRepository, RefUpdate } from './hosted-repository';

/** A pull request to open. Both branches are in the repository: there are no forks here. */
export interface NewPullRequest {
  /** Branch that it comes from */
  readonly head: string;
  /** Branch that it is to be merged into */
  readonly base: string;
}

/**
 * What happened to a pull request, in GitHub's words. `closed` means merged: nobody closes one here
 * without merging it.
 * https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request
 */
export interface PullRequestChange extends NewPullRequest {
  readonly action: 'opened' | 'synchronize' | 'closed';
  readonly number: number;
  /** Newest commit of its branch */
  readonly headCommit: string;
  /** Paths that differ from where its branch left the other one */
  readonly changedFiles: readonly string[];
}

interface OpenPullRequest extends NewPullRequest {
  headCommit: string;
}

/**
 * The pull requests of a repository. People open them; what follows comes of their pushes: one to
 * the branch of a pull request updates it, and one that brings its commits to the other branch
 * merges it.
 * https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/about-pull-request-merges#indirect-merges
 */
export class PullRequests {
  private readonly open = new Map<number, OpenPullRequest>();
  private opened = 0;

  constructor(
    private readonly hosted: HostedRepository,
    private readonly announce: (change: PullRequestChange) => void,
  ) {
    hosted.onUpdate((update) => this.follow(update));
  }

  /**
   * @returns its number
   * @throws RehearsalError `PullRequestInvalid` without commits that the other branch lacks
   */
  async create({ head, base }: NewPullRequest): Promise<number> {
    const headCommit = await this.hosted.newestCommit(head);
    const changedFiles = headCommit && (await this.hosted.changedSince(base, headCommit));
    if (!changedFiles || (await this.hosted.contains(base, headCommit))) {
      throw new RehearsalError(
        'PullRequestInvalid',
        `a pull request of '${head}' into '${base}' has nothing to merge: both branches must be there, and '${head}' must have commits that '${base}' lacks. Push them first.`,
      );
    }
    const number = (this.opened += 1);
    this.open.set(number, { head, base, headCommit });
    this.announce({ action: 'opened', number, head, base, headCommit, changedFiles });
    return number;
  }

  private async follow({ ref, before, after }: RefUpdate): Promise<void> {
    for (const [number, pullRequest] of this.open) {
      const { head, base, headCommit } = pullRequest;
      if (ref === `refs/heads/${head}`) {
        pullRequest.headCommit = after;
        await this.report('synchronize', number, pullRequest, base);
      } else if (ref === `refs/heads/${base}` && (await this.hosted.contains(after, headCommit))) {
        this.open.delete(number);
        await this.report('closed', number, pullRequest, before);
      }
    }
  }

  /** @param base what the commits of the pull request are compared with */
  private async report(
    action: 'synchronize' | 'closed',
    number: number,
    pullRequest: OpenPullRequest,
    base: string,
  ): Promise<void> {
    const changedFiles = await this.hosted.changedSince(base, pullRequest.headCommit);
    // A branch that was deleted takes its pull request with it, and starts nothing.
    if (changedFiles === undefined) this.open.delete(number);
    else this.announce({ action, number, ...pullRequest, changedFiles });
  }
}
