import { join } from 'node:path';
import type { Clock } from './clock';
import type { DeployedResources } from './cloudformation/deployed-resource';
import { CodeCommit } from './codecommit/codecommit';
import type { PipelineSource } from './codepipeline/pipeline-source';
import type { EventStream } from './events';
import type { SourceRepository } from './codebuild/project-source';
import { Git } from './github/git';
import { GitHub } from './github/github';
import { HostedRepository } from './github/hosted-repository';
import { ObjectStore } from './s3/object-store';

export interface SourceHostsOptions {
  /** Exists, for everything that is hosted */
  readonly directory: string;
  readonly gitEnvironment: Readonly<Record<string, string>>;
  /** That opens the repository at GitHub */
  readonly token: string;
  readonly account: string;
  readonly region: string;
  readonly clock: Clock;
  readonly events: EventStream;
  readonly resources: DeployedResources;
}

/**
 * Where the released source is hosted: GitHub, CodeCommit or a bucket. Each of the three is there;
 * those that do not have it say so to whoever asks.
 */
export class SourceHosts {
  /** Opened so far */
  private pullRequests = 0;

  private constructor(
    readonly github: GitHub,
    readonly codecommit: CodeCommit,
    readonly objects: ObjectStore,
    private readonly hosted: HostedRepository,
    private readonly bare: Git,
    private readonly source: PipelineSource,
    private readonly directory: string,
  ) {}

  static async start(source: PipelineSource, options: SourceHostsOptions): Promise<SourceHosts> {
    const { directory, gitEnvironment, token, resources } = options;
    // Not the name that the template gives it, which may be anything.
    const home = join(directory, 'origin.git');
    const hosted = await HostedRepository.start({ home, gitEnvironment });
    return new SourceHosts(
      new GitHub(hosted, source.provider === 'GitHub' ? source : undefined, token),
      new CodeCommit(hosted, {
        ...options,
        repository: source.provider === 'CodeCommit' ? source.repository : undefined,
      }),
      new ObjectStore({ ...options, directory: join(directory, 'objects'), resources }),
      hosted,
      new Git(hosted.remote, gitEnvironment),
      source,
      directory,
    );
  }

  /** What the developer's clone has as its origin. */
  get remote(): string {
    return this.hosted.remote;
  }

  /**
   * Releases the commit of a clone as people do: `git push`, for a pipeline that waits for pull
   * requests one of them, and for a source in a bucket the files of the commit as its object.
   *
   * @returns the revision that an execution of the pipeline carries
   */
  async push(clone: Git, branch: string): Promise<string> {
    const { source } = this;
    const pushTo = (name: string) =>
      clone.run('push', '--quiet', 'origin', `HEAD:refs/heads/${name}`);
    // The first commit is there before anybody can open a pull request.
    const exists = (await this.hosted.newestCommit(branch)) !== undefined;
    if (source.provider === 'GitHub' && source.pullRequest && branch === source.branch && exists) {
      this.pullRequests += 1;
      const head = `change-${this.pullRequests}`;
      await pushTo(head);
      await this.github.openPullRequest({ head, base: branch });
      if (source.pullRequest === 'opened') return clone.run('rev-parse', 'HEAD');
    }
    await pushTo(branch);
    if (source.provider !== 'S3' || branch !== source.branch) return clone.run('rev-parse', 'HEAD');
    const file = join(this.directory, 'source.zip');
    await clone.run('archive', '--format=zip', '-o', file, 'HEAD');
    const { versionId } = await this.objects.put(source.bucket, source.key, file);
    return versionId;
  }

  /** ARN that a CodeCommit repository of this name has. */
  repositoryArn(name: string): string {
    return this.codecommit.repositoryArn(name);
  }

  /** Whether the hosted repository is this one. */
  hosts(repository: SourceRepository): boolean {
    const { source } = this;
    if (source.provider === 'S3' || source.repository !== repository.repository) return false;
    return repository.provider === 'GitHub'
      ? source.provider === 'GitHub' && source.owner === repository.owner
      : source.provider === 'CodeCommit';
  }

  /**
   * Fills a directory with a clone of the hosted repository.
   *
   * @param version branch, tag or commit; here the released branch stands for the default one
   * @returns the commit; undefined when there is no such version
   */
  async checkout(directory: string, version = this.source.branch): Promise<string | undefined> {
    const commit = await this.bare.resolve(version);
    if (commit !== undefined) await this.hosted.clone(commit, directory);
    return commit;
  }

  close(): Promise<void> {
    return this.hosted.close();
  }
}
