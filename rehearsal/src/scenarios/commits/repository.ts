import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Git } from '../../github/git';
import type { World } from '../../world';

/** What a commit does to one file. */
export interface FileChange {
  /** Path inside the repository */
  readonly path: string;
  /** Undefined removes the file */
  readonly content: string | undefined;
}

/** A commit to push. */
export interface Commit {
  readonly files: readonly FileChange[];
  readonly message: string;
}

/** The developer's clone. Between two commits it holds the files of the last healthy version. */
export class Repository {
  private healthy = 'HEAD';

  constructor(private readonly world: World) {}

  /** Text of a file; empty when there is none. */
  read(path: string): string {
    try {
      return readFileSync(join(this.git.directory, path), 'utf8');
    } catch {
      return '';
    }
  }

  async files(): Promise<readonly string[]> {
    return (await this.git.run('ls-files')).split('\n');
  }

  /** Takes the files of a commit; later commits start from them. */
  async takeFilesOf(commit: string): Promise<void> {
    this.healthy = await this.git.run('rev-parse', commit);
    await this.git.run('read-tree', '-u', '--reset', this.healthy);
  }

  /** @returns the commit's id */
  async commit({ files, message }: Commit): Promise<string> {
    const { git } = this;
    for (const { path, content } of files) {
      const file = join(git.directory, path);
      mkdirSync(dirname(file), { recursive: true });
      if (content === undefined) rmSync(file, { force: true });
      else writeFileSync(file, content);
    }
    await git.run('add', '--all');
    // Two commits with the same files are two commits: the second one is released again.
    await git.run('commit', '--quiet', '--allow-empty', '-m', message);
    return git.run('rev-parse', 'HEAD');
  }

  /**
   * Commits and pushes.
   *
   * @param branch the one that the pipeline releases unless given
   * @returns the commit's id
   */
  async push(commit: Commit, branch?: string): Promise<string> {
    if (this.healthy === 'HEAD') this.healthy = await this.git.run('rev-parse', 'HEAD');
    await this.commit(commit);
    const id = await this.world.push(branch);
    await this.git.run('read-tree', '-u', '--reset', this.healthy);
    return id;
  }

  private get git(): Git {
    return this.world.clone;
  }
}
