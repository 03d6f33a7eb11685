import { randomUUID } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request as httpRequest, type Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listenOnLoopback, readBody } from '../process/loopback-server';
import { messageOf, RehearsalError } from '../errors';
import { Git } from './git';
import { type Push, pushPayload } from './push-payload';
import { SIGNATURE_HEADER, signPayload } from './webhook-signature';

const HOOK_CLIENT = fileURLToPath(new URL('./post-receive.mjs', import.meta.url));
const NO_COMMIT = /^0+$/;

/** A webhook as a repository's settings hold it. */
export interface RegisteredWebhook {
  readonly url: string;
  /** Deliveries are not signed without one */
  readonly secret: string | undefined;
}

export interface WebhookDelivery {
  readonly url: string;
  readonly payload: Record<string, unknown>;
  readonly responseStatus: number;
}

export interface GitHubOptions {
  readonly owner: string;
  readonly repository: string;
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
  private readonly hookToken = randomUUID();
  /** The personal access token that opens the repository; whoever has another one is turned away */
  token: string;

  private constructor(
    private readonly options: GitHubOptions,
    private readonly bare: Git,
    private readonly server: Server,
  ) {
    this.token = options.token;
  }

  /** Makes the bare repository and its post-receive hook. */
  static async start(options: GitHubOptions): Promise<GitHub> {
    const home = join(options.directory, `${options.repository}.git`);
    await mkdir(home, { recursive: true });
    const bare = new Git(home, options.gitEnvironment);
    await bare.run('init', '--quiet', '--bare', '--initial-branch=main');
    // The person's checkout may be shallow, as in most CI systems.
    await bare.run('config', 'receive.shallowUpdate', 'true');
    const server = createServer();
    const github = new GitHub(options, bare, server);
    server.on('request', (request, response) => {
      github.onPostReceive(request).then(
        () => response.end(),
        (error: unknown) => response.writeHead(500).end(messageOf(error)),
      );
    });
    const { port } = await listenOnLoopback(server);
    const hook = join(home, 'hooks', 'post-receive');
    const words = [process.execPath, HOOK_CLIENT, `http://127.0.0.1:${port}/`, github.hookToken];
    await mkdir(join(home, 'hooks'), { recursive: true });
    await writeFile(hook, `#!/bin/sh\nexec ${words.map(shellWord).join(' ')}\n`);
    await chmod(hook, 0o755);
    return github;
  }

  /** Path to push to and clone from. */
  get remote(): string {
    return this.bare.directory;
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

  /**
   * Writes the files of a commit as a zip file, as a source action downloads them.
   *
   * @param revision branch or commit id
   * @throws RehearsalError `SourceUnavailable` in the words a source action shows
   */
  async archive(
    request: { owner: string; repository: string; token: string | undefined; revision: string },
    zipPath: string,
  ): Promise<{ commit: string; message: string; timestamp: string }> {
    const { owner, repository, revision } = request;
    if (owner !== this.options.owner || repository !== this.options.repository) {
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
    const commit = await this.bare.resolve(revision);
    if (commit === undefined) {
      throw new RehearsalError(
        'SourceUnavailable',
        `The branch "${revision}" does not exist in the GitHub repository "${owner}/${repository}".`,
      );
    }
    await this.bare.run('archive', '--format=zip', '-o', zipPath, commit);
    const [entry] = await this.bare.log('-1', commit);
    return { commit, message: entry?.message ?? '', timestamp: entry?.timestamp ?? '' };
  }

  /**
   * Fills a directory with a clone at this commit, with its history and tags. It has no remote:
   * nothing in a rehearsal talks to the real one.
   */
  async clone({ commit }: { readonly commit: string }, directory: string): Promise<void> {
    await this.bare.run('clone', '--quiet', '--no-checkout', this.remote, directory);
    const clone = new Git(directory, this.options.gitEnvironment);
    await clone.run('checkout', '--quiet', '--detach', commit);
    await clone.run('remote', 'remove', 'origin');
  }

  /** The commit at the tip of a branch; undefined when there is no such branch here. */
  async newestCommit(request: {
    owner: string;
    repository: string;
    branch: string;
  }): Promise<string | undefined> {
    const { owner, repository } = this.options;
    if (request.owner !== owner || request.repository !== repository) return undefined;
    return this.bare.resolve(`refs/heads/${request.branch}`);
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async onPostReceive(request: IncomingMessage): Promise<void> {
    const body = await readBody(request, 1024 * 1024);
    if (request.headers.authorization !== `Bearer ${this.hookToken}`) {
      throw new RehearsalError('HookRefused', 'this is not the hook of the rehearsed repository');
    }
    for (const line of body.toString('utf8').split('\n').filter(Boolean)) {
      const [before = '', after = '', ref = ''] = line.split(' ');
      await this.announce(await this.describe(before, after, ref));
    }
  }

  private async describe(before: string, after: string, ref: string): Promise<Push> {
    const { owner, repository } = this.options;
    const range = NO_COMMIT.test(before) ? ['-1', after] : [`${before}..${after}`];
    if (NO_COMMIT.test(after)) {
      return { owner, repository, ref, before, after, commits: [], changedFiles: [] };
    }
    const commits = await this.bare.log(...range);
    const changedFiles = await this.bare.changedFiles(before, after);
    return { owner, repository, ref, before, after, commits, changedFiles };
  }

  private async announce(push: Push): Promise<void> {
    const payload = pushPayload(push);
    const body = JSON.stringify(payload);
    for (const webhook of this.webhooks) {
      const responseStatus = await deliver(webhook, body);
      this.deliveries.push({ url: webhook.url, payload, responseStatus });
    }
    for (const listener of this.pushListeners) listener(push);
  }
}

/** Sends an event as GitHub does. @returns the status of the answer */
export function deliver(webhook: RegisteredWebhook, body: string, event = 'push'): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest(
      webhook.url,
      {
        method: 'POST',
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
      .end(body);
  });
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
