import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, runCommand } from '../../process/run-command';
import type { UsableDocker } from '../find-docker';

/** Label of everything that a rehearsal starts; its value is the run's id. */
export const RUN_LABEL = 'ecs-codepipeline-practice.rehearsal';

/** The `docker` program with an environment and a configuration that are not the person's own. */
export class DockerClient {
  readonly environment: Readonly<Record<string, string>>;

  /**
   * @param environment see `childEnvironment`
   * @param configDirectory made for this client; holds its logins
   */
  constructor(
    readonly docker: UsableDocker,
    environment: Readonly<Record<string, string>>,
    readonly configDirectory: string,
  ) {
    this.environment = {
      ...environment,
      ...docker.connection,
      DOCKER_BUILDKIT: '1',
      DOCKER_CONFIG: configDirectory,
    };
    mkdirSync(configDirectory, { recursive: true });
    const plugins = join(configDirectory, 'cli-plugins');
    if (docker.pluginDirectory !== undefined && !existsSync(plugins)) {
      symlinkSync(docker.pluginDirectory, plugins);
    }
  }

  /** Logs in without asking the registry, as `docker login` keeps it. */
  keepLogin(registry: string, password: string): void {
    const auth = Buffer.from(`AWS:${password}`).toString('base64');
    writeFileSync(
      join(this.configDirectory, 'config.json'),
      JSON.stringify({ auths: { [registry]: { auth } } }),
      { mode: 0o600 },
    );
  }

  run(args: readonly string[], timeoutMs?: number): Promise<CommandResult> {
    return runCommand(this.docker.path, args, {
      env: this.environment,
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
  }

  /** @returns standard output; @throws Error with what Docker said */
  async require(args: readonly string[]): Promise<string> {
    const result = await this.run(args);
    if (result.exitCode === 0) return result.stdout.trim();
    throw new Error(
      result.stderr.trim() || `docker ${args[0] ?? ''} ended with ${result.exitCode ?? 'a signal'}`,
    );
  }
}
