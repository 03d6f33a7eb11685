import { randomUUID } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, RehearsalError } from '../errors';
import { listenOnLoopback, readBody } from '../process/loopback-server';
import { Git } from './git';
import type { Commit } from './push-payload';

const HOOK_CLIENT = fileURLToPath(new URL('./post-receive.mjs', import.meta.url));
const NO_COMMIT = /^0+$/;

/** A branch or tag that a push created, moved or deleted. */
export interface RefUpdate {
  /** `refs/heads/main` */
  readonly ref: string;
  /** Commit ids; all zeros where the branch was created or deleted */
  readonly before: string;
  readonly after: string;
  /** Oldest first */
  readonly commits: readonly Commit[];
  /** Paths that the push adds, changes or removes */
  readonly changedFiles: readonly string[];
}

export interface HostedRepositoryOptions {
  /** Its path on this machine; the directory is made */
  readonly home: string;
  readonly gitEnvironment: Readonly<Record<string, string>>;
}

export interface ArchivedCommit {
  readonly commit: string;
  readonly message: string;
  /** ISO 8601 */
  readonly timestamp: string;
}

/** A bare repository that people push to, and that tells of each push: GitHub's or CodeCommit's. */
export class HostedRepository {
  private readonly listeners: ((update: RefUpdate) => void | Promise<void>)[] = [];
  private readonly hookToken = randomUUID();

  private constructor(
    private readonly options: HostedRepositoryOptions,
    private readonly bare: Git,
    private readonly server: Server,
  ) {}

  /** Makes the bare repository and its post-receive hook. */
  static async start(options: HostedRepositoryOptions): Promise<HostedRepository> {
    const { home, gitEnvironment } = options;
    await mkdir(home, { recursive: true });
    const bare = new Git(home, gitEnvironment);
    await bare.run('init', '--quiet', '--bare', '--initial-branch=main');
    // The person's checkout may be shallow, as in most CI systems.
    await bare.run('config', 'receive.shallowUpdate', 'true');
    const server = createServer();
    const repository = new HostedRepository(options, bare, server);
    server.on('request', (request, response) => {
      repository.onPostReceive(request).then(
        () => response.end(),
        (error: unknown) => response.writeHead(500).end(messageOf(error)),
      );
    });
    const { port } = await listenOnLoopback(server);
    const hook = join(home, 'hooks', 'post-receive');
    const address = `http://127.0.0.1:${port}/`;
    const words = [process.execPath, HOOK_CLIENT, address, repository.hookToken];
    await mkdir(join(home, 'hooks'), { recursive: true });
    await writeFile(hook, `#!/bin/sh\nexec ${words.map(shellWord).join(' ')}\n`);
    await chmod(hook, 0o755);
    return repository;
  }

  /** Path to push to and clone from. */
  get remote(): string {
    return this.bare.directory;
  }

  /** Called for each branch or tag of a push, before the push returns. */
  onUpdate(listener: (update: RefUpdate) => void | Promise<void>): void {
    this.listeners.push(listener);
  }

  /**
   * Writes the files of a commit as a zip file.
   *
   * @param revision branch or commit id
   * @returns undefined when there is no such commit
   */
  async archive(revision: string, zipPath: string): Promise<ArchivedCommit | undefined> {
    const commit = await this.bare.resolve(revision);
    if (commit === undefined) return undefined;
    await this.bare.run('archive', '--format=zip', '-o', zipPath, commit);
    const [entry] = await this.bare.log('-1', commit);
    return { commit, message: entry?.message ?? '', timestamp: entry?.timestamp ?? '' };
  }

  /**
   * Fills a directory with a clone at this commit, with its history and tags. It has no remote:
   * nothing in a rehearsal talks to the real one.
   */
  async clone(commit: string, directory: string): Promise<void> {
    await this.bare.run('clone', '--quiet', '--no-checkout', this.remote, directory);
    const clone = new Git(directory, this.options.gitEnvironment);
    await clone.run('checkout', '--quiet', '--detach', commit);
    await clone.run('remote', 'remove', 'origin');
  }

  /** The commit at the tip of a branch; undefined when there is no such branch. */
  newestCommit(branch: string): Promise<string | undefined> {
    return this.bare.resolve(`refs/heads/${branch}`);
  }

  /** Whether a commit belongs to the history of a branch or of another commit. */
  async contains(revision: string, commit: string): Promise<boolean> {
    return (await this.bare.mergeBase(revision, commit)) === commit;
  }

  /**
   * Paths that a branch or commit changes since it left another one; undefined when one of them is
   * not there, or they have nothing in common.
   */
  async changedSince(base: string, head: string): Promise<readonly string[] | undefined> {
    const mergeBase = await this.bare.mergeBase(base, head);
    return mergeBase === undefined ? undefined : this.bare.changedFiles(mergeBase, head);
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
      const update = await this.describe(before, after, ref);
      for (const listener of this.listeners) await listener(update);
    }
  }

  private async describe(before: string, after: string, ref: string): Promise<RefUpdate> {
    if (NO_COMMIT.test(after)) return { ref, before, after, commits: [], changedFiles: [] };
    const range = NO_COMMIT.test(before) ? ['-1', after] : [`${before}..${after}`];
    const commits = await this.bare.log(...range);
    const changedFiles = await this.bare.changedFiles(before, after);
    return { ref, before, after, commits, changedFiles };
  }
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
