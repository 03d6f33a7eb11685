import { join } from 'node:path';
import { type AwsAccount, createAwsAccount } from './aws-account';
import type { Clock } from './clock';
import type { CloudAssembly } from './cloudformation/cloud-assembly';
import type { EngineChoice } from './containers/choose-engine';
import type { ContainerEngine } from './containers/container-engine';
import { startEngine } from './containers/start-engine';
import type { BlobStore } from './ecr/blob-store';
import { RegistryServer } from './ecr/registry-server';
import type { EventStream } from './events';
import { COMMITTER_ENVIRONMENT, Git } from './github/git';
import { childEnvironment } from './process/child-environment';
import { cloneProject } from './project/clone-project';
import { placeOf } from './project/place';
import type { Project } from './project/project';
import type { RunDirectory } from './run-directory';
import { createAwsStandin } from './standins/aws/aws-standin';
import { withReachability } from './standins/docker-reachability';
import { CommandGateway } from './standins/command-gateway';

export interface EmptyAccountOptions {
  readonly project: Project;
  readonly assembly: CloudAssembly;
  readonly engine: EngineChoice;
  readonly clock: Clock;
  readonly events: EventStream;
  readonly run: RunDirectory;
  /**
   * Layers that the run has pushed: a push to a repository of the same name finds them there, as it
   * does on AWS when the repository has outlived its stack.
   */
  readonly blobs: BlobStore;
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>;
}

/** What is there before anybody deploys a template. */
export interface EmptyAccount {
  readonly account: AwsAccount;
  /** The developer's */
  readonly clone: Git;
  /** Of the project, before any scenario changed it */
  readonly firstCommit: string;
  readonly containers: ContainerEngine;
  /** Where the programs `aws` and `docker` are answered */
  readonly gateway: CommandGateway;
}

/**
 * An account with nothing in it but a registry, a developer's clone, and a machine for containers.
 *
 * @param closing gets what ends each part, in the order in which they came; also when opening fails
 */
export async function openEmptyAccount(
  options: EmptyAccountOptions,
  closing: (() => Promise<unknown>)[],
): Promise<EmptyAccount> {
  const { project, assembly, engine, clock, events, run, blobs, hostEnvironment } = options;
  const account = createAwsAccount(placeOf(assembly), clock, events);
  const { access } = account;
  const registry = await RegistryServer.start({
    images: account.images,
    tokens: account.tokens,
    authorizer: access,
    blobs,
  });
  closing.push(() => registry.close());
  const home = run.directory('developer');
  const environment = childEnvironment(hostEnvironment, home, COMMITTER_ENVIRONMENT);
  const clone = new Git(join(home, 'clone'), environment);
  const firstCommit = await cloneProject(project.directory, clone);
  const containers = await startEngine({
    choice: engine,
    account,
    registryEndpoint: registry.host,
    run,
    hostEnvironment,
    clock,
    events,
  });
  closing.push(() => containers.close());
  const gateway = await CommandGateway.start({
    programs: {
      aws: createAwsStandin({ ...account, authorizer: access, clock, events }),
      docker: withReachability(containers.docker),
    },
    scratchDirectory: run.directory('standins'),
  });
  closing.push(() => gateway.close());
  return { account, clone, firstCommit, containers, gateway };
}
