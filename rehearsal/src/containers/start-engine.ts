import type { AwsAccount } from '../aws-account';
import { type Clock, isoTime } from '../clock';
import { RehearsalError } from '../errors';
import type { EventStream } from '../events';
import { childEnvironment } from '../process/child-environment';
import type { RunDirectory } from '../run-directory';
import type { EngineChoice } from './choose-engine';
import type { ContainerEngine } from './container-engine';
import { createDockerEngine } from './docker/docker-engine';
import { createProcessEngine } from './process/process-engine';

export interface EngineStart {
  readonly choice: EngineChoice;
  readonly account: AwsAccount;
  /** Where the registry listens: `127.0.0.1:port` */
  readonly registryEndpoint: string;
  readonly run: RunDirectory;
  /** Of the person; see `childEnvironment` */
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly events: EventStream;
}

/**
 * Starts the engine that was chosen. Processes take the place of a Docker that nobody asked for by
 * name and that cannot reach the registry of this rehearsal, and the person is told.
 *
 * @throws RehearsalError `RegistryUnreachable` when Docker was asked for
 */
export async function startEngine(start: EngineStart): Promise<ContainerEngine> {
  const { choice, account, registryEndpoint, run, hostEnvironment, clock, events } = start;
  const environment = childEnvironment(hostEnvironment, run.directory('engine'));
  const common = { environment, runDirectory: run.directory('containers'), clock, events };
  if (choice.name === 'docker') {
    try {
      return await createDockerEngine({
        ...common,
        docker: choice.docker,
        registryEndpoint,
        registryHost: account.images.registryHost,
        registryPassword: () => account.tokens.issueToken({ kind: 'operator' }),
        runId: run.id,
        imageNames: run.imageNames,
      });
    } catch (error) {
      if (choice.asked || !isUnreachable(error)) throw error;
      const message = `Docker is not used: ${error.message}`;
      events.emit({ kind: 'progress', time: isoTime(clock.now()), message });
    }
  }
  return createProcessEngine({
    ...common,
    catalog: account.images,
    tokens: account.tokens,
    authorizer: account.access,
    ledger: run.ledger,
  });
}

function isUnreachable(error: unknown): error is RehearsalError {
  return error instanceof RehearsalError && error.code === 'RegistryUnreachable';
}
