import { createHash } from 'node:crypto';
import { type Clock, isoTime } from '../clock';
import type { CredentialedRepository } from '../codebuild/git-credentials';
import { RehearsalError } from '../errors';
import type { EventStream } from '../events';
import type { ArchivedCommit, HostedRepository, RefUpdate } from '../github/hosted-repository';

export interface CodeCommitOptions {
  /** Name of the hosted repository; undefined when it is not at CodeCommit */
  readonly repository: string | undefined;
  readonly account: string;
  readonly region: string;
  readonly clock: Clock;
  readonly events: EventStream;
}

const NO_COMMIT = /^0+$/;
const REFERENCE_TYPES: Readonly<Record<string, string>> = { heads: 'branch', tags: 'tag' };

/** What CodeCommit is to a pipeline: one repository, whose pushes are on the event bus. */
export class CodeCommit {
  constructor(
    private readonly hosted: HostedRepository,
    private readonly options: CodeCommitOptions,
  ) {
    const { repository, events } = options;
    hosted.onUpdate((update) => {
      const detail = repository && referenceChange(repository, update);
      if (!detail) return;
      events.emit({
        kind: 'aws',
        source: 'aws.codecommit',
        'detail-type': 'CodeCommit Repository State Change',
        account: options.account,
        region: options.region,
        time: isoTime(options.clock.now()),
        resources: [this.repositoryArn(repository)],
        detail,
      });
    });
  }

  /** Undefined when the hosted repository is elsewhere. */
  get hostedRepository(): CredentialedRepository | undefined {
    const { repository, region } = this.options;
    if (repository === undefined) return undefined;
    const place = `git-codecommit.${region}.amazonaws.com/v1/repos/${repository}`;
    const urls = [`https://${place}`, `ssh://${place}`, `codecommit::${region}://${repository}`];
    return { arn: this.repositoryArn(repository), urls, path: this.hosted.remote };
  }

  /** ARN that a repository of this name has, whether it exists or not */
  repositoryArn(repository: string): string {
    const { region, account } = this.options;
    return `arn:aws:codecommit:${region}:${account}:${repository}`;
  }

  /**
   * Writes the files of a commit as a zip file.
   *
   * @param revision branch or commit id
   * @throws RehearsalError `SourceUnavailable`
   */
  async archive(
    { repository, revision }: { readonly repository: string; readonly revision: string },
    zipPath: string,
  ): Promise<ArchivedCommit> {
    if (repository !== this.options.repository) {
      throw new RehearsalError(
        'SourceUnavailable',
        `The CodeCommit repository '${repository}' does not exist, or nothing was pushed to it (here is ${this.options.repository ?? 'none'}).`,
      );
    }
    const archived = await this.hosted.archive(revision, zipPath);
    if (archived !== undefined) return archived;
    throw new RehearsalError(
      'SourceUnavailable',
      `The branch '${revision}' does not exist in the CodeCommit repository '${repository}'.`,
    );
  }

  /** See `HostedRepository.clone`. */
  clone({ commit }: { readonly commit: string }, directory: string): Promise<void> {
    return this.hosted.clone(commit, directory);
  }

  /** The commit at the tip of a branch; undefined when there is no such branch here. */
  newestCommit(repository: string, branch: string): Promise<string | undefined> {
    return repository === this.options.repository
      ? this.hosted.newestCommit(branch)
      : Promise.resolve(undefined);
  }
}

/**
 * `detail` of the event; undefined for references that CodeCommit tells nothing of.
 * https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html
 */
function referenceChange(
  repository: string,
  { ref, before, after }: RefUpdate,
): Record<string, string> | undefined {
  const [, kind = '', referenceName = ''] = /^refs\/([^/]+)\/(.+)$/.exec(ref) ?? [];
  const referenceType = REFERENCE_TYPES[kind];
  if (referenceType === undefined) return undefined;
  const common = {
    repositoryName: repository,
    repositoryId: repositoryId(repository),
    referenceType,
    referenceName,
    referenceFullName: ref,
  };
  if (NO_COMMIT.test(after)) {
    return { event: 'referenceDeleted', ...common, oldCommitId: before };
  }
  if (NO_COMMIT.test(before)) return { event: 'referenceCreated', ...common, commitId: after };
  return { event: 'referenceUpdated', ...common, commitId: after, oldCommitId: before };
}

/** A UUID that stays the same for a name. */
function repositoryId(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
