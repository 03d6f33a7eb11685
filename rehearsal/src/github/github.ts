import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { RehearsalError } from '../errors';
import { hookAddress } from './hook-addresses';
import { type ArchivedCommit, HostedRepository } from './hosted-repository';
import { type Push, pushPayload } from './push-payload';
import { type NewPullRequest, type PullRequestChange, PullRequests } from './pull-requests';
import { SIGNATURE_HEADER, signPayload } from './webhook-signature';

/** A webhook as a repository's settings hold it. */
export interface RegisteredWebhook {
  readonly url: string;
  /** Deliveries are not signed without one */
  readonly secret: string | undefined;
  /** Hears from which address a delivery comes, and through which port of this machine */
  readonly comesFrom?: (port: number, address: string) => void;
}

export interface WebhookDelivery {
  readonly url: string;
  readonly payload: Record<string, unknown>;
  readonly responseStatus: number;
}

export interface GitHubRepository {
  readonly owner: string;
  readonly repository: string;
}

/** A change of a pull request, with where it is. */
export interface PullRequestEvent extends GitHubRepository, PullRequestChange {}

export interface GitHubOptions extends GitHubRepository {
  /** Where the bare repository is made */
  readonly directory: string;
  /** The personal access token that opens the repository */
  readonly token: string;
  readonly gitEnvironment: Readonly<Record<string, string>>;
}

/** What GitHub is to the pipeline: one repository, its webhooks, and archives of its commits. */
export class GitHub {
  readonly deliveries: WebhookDelivery[] = [];
  private readonly webhooks: RegisteredWebhook[] = [];
  private readonly pushListeners: ((push: Push) => void)[] = [];
  private readonly pullRequestListeners: ((event: PullRequestEvent) => void)[] = [];
  private readonly pullRequests: PullRequests;

  /**
   * @param place undefined when the hosted repository is not at GitHub
   * @param token the personal access token that opens the repository; whoever has another one is
   *   turned away
   */
  constructor(
    private readonly hosted: HostedRepository,
    private readonly place: GitHubRepository | undefined,
    public token: string,
  ) {
    hosted.onUpdate(async (update) => {
      if (place !== undefined) await this.announce({ ...place, ...update });
    });
    this.pullRequests = new PullRequests(hosted, (change) => {
      if (place === undefined) return;
      for (const listener of this.pullRequestListeners) listener({ ...place, ...change });
    });
  }

  /** GitHub with a new repository. */
  static async start(options: GitHubOptions): Promise<GitHub> {
    const { owner, repository, directory, token, gitEnvironment } = options;
    const home = join(directory, `${repository}.git`);
    const hosted = await HostedRepository.start({ home, gitEnvironment });
    return new GitHub(hosted, { owner, repository }, token);
  }

  /** Path to push to and clone from. */
  get remote(): string {
    return this.hosted.remote;
  }

  get registeredWebhooks(): readonly RegisteredWebhook[] {
    return this.webhooks;
  }

  addWebhook(webhook: RegisteredWebhook): void {
    this.webhooks.push(webhook);
  }

  /** For sources that hear of pushes through a connection instead of a webhook. */
  onPush(listener: (push: Push) => void): void {
    this.pushListeners.push(listener);
  }

  /** For sources that hear of pull requests through a connection. */
  onPullRequest(listener: (event: PullRequestEvent) => void): void {
    this.pullRequestListeners.push(listener);
  }

  /** See `PullRequests.create`. */
  openPullRequest(pullRequest: NewPullRequest): Promise<number> {
    return this.pullRequests.create(pullRequest);
  }

  /**
   * Writes the files of a commit as a zip file, as a source action downloads them.
   *
   * @param revision branch or commit id
   * @throws RehearsalError `SourceUnavailable` in the words a source action shows
   */
  async archive(
    request: GitHubRepository & { token: string | undefined; revision: string },
    zipPath: string,
  ): Promise<ArchivedCommit> {
    const { owner, repository, revision } = request;
    if (!this.has(request)) {
      throw new RehearsalError(
        'SourceUnavailable',
        `Either the GitHub repository "${repository}" does not exist, or the GitHub access token provided has insufficient permissions to access the repository. Verify that the repository exists and edit the pipeline to reconnect the action to GitHub.`,
      );
    }
    if (request.token !== undefined && request.token !== this.token) {
      throw new RehearsalError(
        'SourceUnavailable',
        `Could not access the GitHub repository: "${repository}". The access token might be invalid or has been revoked. Edit the pipeline to reconnect with GitHub.`,
      );
    }
    const archived = await this.hosted.archive(revision, zipPath);
    if (archived !== undefined) return archived;
    throw new RehearsalError(
      'SourceUnavailable',
      `The branch "${revision}" does not exist in the GitHub repository "${owner}/${repository}".`,
    );
  }

  /** See `HostedRepository.clone`. */
  clone({ commit }: { readonly commit: string }, directory: string): Promise<void> {
    return this.hosted.clone(commit, directory);
  }

  /** The commit at the tip of a branch; undefined when there is no such branch here. */
  newestCommit(request: GitHubRepository & { branch: string }): Promise<string | undefined> {
    return this.has(request)
      ? this.hosted.newestCommit(request.branch)
      : Promise.resolve(undefined);
  }

  close(): Promise<void> {
    return this.hosted.close();
  }

  private has({ owner, repository }: GitHubRepository): boolean {
    return owner === this.place?.owner && repository === this.place.repository;
  }

  private async announce(push: Push): Promise<void> {
    const payload = pushPayload(push);
    const body = JSON.stringify(payload);
    for (const webhook of this.webhooks) {
      const address = hookAddress(this.deliveries.length);
      const responseStatus = await deliver(webhook, body, 'push', address);
      this.deliveries.push({ url: webhook.url, payload, responseStatus });
    }
    for (const listener of this.pushListeners) listener(push);
  }
}

/**
 * Sends an event as GitHub does, from one of its addresses.
 *
 * @returns the status of the answer
 */
export function deliver(
  webhook: RegisteredWebhook,
  body: string,
  event = 'push',
  address = hookAddress(0),
): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest(
      webhook.url,
      {
        method: 'POST',
        // A connection of its own for each delivery, so that its port tells who calls.
        agent: false,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'GitHub-Hookshot/rehearsal',
          'x-github-event': event,
          'x-github-delivery': randomUUID(),
          ...(webhook.secret !== undefined && {
            [SIGNATURE_HEADER]: signPayload(body, webhook.secret),
          }),
        },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    )
      .on('error', reject)
      .on('socket', (socket) =>
        socket.once('connect', () => webhook.comesFrom?.(socket.localPort ?? 0, address)),
      )
      .end(body);
  });
}
