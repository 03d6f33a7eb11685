import { fileURLToPath } from 'node:url';
import { RehearsalError } from '../errors';
import { runCommand } from '../process/run-command';
import type { Commit } from './push-payload';

/** Runs git in one repository. */
export class Git {
  constructor(
    readonly directory: string,
    /** The whole environment of git; see `childEnvironment` */
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /**
   * @returns standard output, without the newline at its end
   * @throws RehearsalError `GitFailed` with git's own words
   */
  async run(...args: readonly string[]): Promise<string> {
    const result = await runCommand('git', args, { cwd: this.directory, env: this.env });
    if (result.exitCode !== 0) {
      throw new RehearsalError(
        'GitFailed',
        `git ${args.join(' ')} failed in '${this.directory}' with exit code ${String(result.exitCode)}:\n${result.stderr || result.stdout}`,
      );
    }
    return result.stdout;
  }

  /** The commit that a name stands for; undefined when there is none. */
  async resolve(revision: string): Promise<string | undefined> {
    const result = await runCommand(
      'git',
      ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`],
      { cwd: this.directory, env: this.env },
    );
    return result.exitCode === 0 ? result.stdout.trim() : undefined;
  }

  /** The newest commit that two have in common; undefined when they have none, or one is not there. */
  async mergeBase(one: string, other: string): Promise<string | undefined> {
    const { directory: cwd, env } = this;
    const result = await runCommand('git', ['merge-base', one, other], { cwd, env });
    return result.exitCode === 0 ? result.stdout.trim() : undefined;
  }

  /**
   * Paths that differ between two commits. For a new branch, where `before` is all zeros: those
   * that its newest commit changes.
   */
  async changedFiles(before: string, after: string): Promise<string[]> {
    const base = (await this.resolve(before)) ?? (await this.resolve(`${after}^`));
    const listing =
      base === undefined
        ? await this.run('ls-tree', '-r', '--name-only', '-z', after)
        : await this.run('diff', '--name-only', '--no-renames', '-z', base, after);
    return listing.split('\0').filter(Boolean);
  }

  /** One commit, or those of a range, oldest first. */
  async log(...revisions: readonly string[]): Promise<Commit[]> {
    const format = ['%H', '%T', '%cI', '%an', '%ae', '%B'].join('%x00');
    const output = await this.run('log', '--reverse', `--format=${format}%x01`, ...revisions);
    return output
      .split('\x01')
      .map((entry) => entry.trimStart().split('\0'))
      .filter((fields) => fields.length === 6)
      .map(([id = '', tree = '', timestamp = '', name = '', email = '', message = '']) => ({
        id,
        tree,
        timestamp,
        author: { name, email },
        message: message.trim(),
      }));
  }
}

/** Who commits in a rehearsal. Also keeps git from reading the person's own configuration. */
export const COMMITTER_ENVIRONMENT: Readonly<Record<string, string>> = {
  GIT_CONFIG_GLOBAL: fileURLToPath(new URL('./gitconfig', import.meta.url)),
  GIT_TERMINAL_PROMPT: '0',
};
