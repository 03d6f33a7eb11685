import type { Clock } from './clock';
import { isoTime } from './clock';
import {
  type CloudAssembly,
  declaredResources,
  readCloudAssembly,
} from './cloudformation/cloud-assembly';
import { classifyResources, type ResourceClasses } from './cloudformation/supported-resources';
import { chooseEngine, type EngineChoice } from './containers/choose-engine';
import { findDocker } from './containers/find-docker';
import { RehearsalError } from './errors';
import type { EventStream } from './events';
import { COMMITTER_ENVIRONMENT, Git } from './github/git';
import { removeLeftovers } from './leftovers';
import type { RehearsalOptions } from './options';
import { childEnvironment } from './process/child-environment';
import { findProject, type Project } from './project/project';
import { synthesize } from './project/synthesize';
import { uncommittedChanges } from './project/working-directory';
import type { Step } from './reporter/steps-view';
import type { RunDirectory } from './run-directory';

export interface RehearsalHost {
  /** The `.rehearsal` directory */
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether a person watches */
  readonly terminal: boolean;
}

/** What every scenario of a call starts from. */
export interface Prepared {
  readonly project: Project;
  readonly assembly: CloudAssembly;
  readonly engine: EngineChoice;
  readonly resources: ResourceClasses;
}

export interface PreparationContext {
  readonly options: RehearsalOptions;
  readonly host: RehearsalHost;
  readonly run: RunDirectory;
  readonly events: EventStream;
  readonly clock: Clock;
}

/** Finds the container engine, the project and its templates, and refuses what cannot be played. */
export class Preparation {
  private prepared: Partial<Prepared> = {};

  constructor(private readonly context: PreparationContext) {}

  readonly steps: readonly Step[] = [
    {
      title: 'Container engine',
      run: async () => {
        this.prepared = { engine: await this.findEngine() };
      },
    },
    {
      title: 'Templates',
      run: async () => {
        const { project, assembly } = await this.readTemplates();
        const resources = this.classify(assembly);
        this.prepared = { ...this.prepared, project, assembly, resources };
      },
    },
  ];

  /** Once every step has come to its end. */
  result(): Prepared {
    return this.prepared as Prepared;
  }

  private async findEngine(): Promise<EngineChoice> {
    const { environment, home } = this.context.host;
    const search = await findDocker(environment);
    for (const id of await removeLeftovers(home, search, environment)) {
      this.emit('progress', `removed what the killed run ${id} left`);
    }
    const choice = chooseEngine(this.context.options.engine, search);
    if (choice.name === 'process' && choice.because !== undefined) {
      this.emit('progress', `Docker is not used: ${choice.because}`);
    }
    return choice;
  }

  private async readTemplates(): Promise<{ project: Project; assembly: CloudAssembly }> {
    const { options } = this.context;
    const project = findProject(options.project, options.assembly === undefined);
    const environment = childEnvironment(
      this.context.host.environment,
      this.context.run.directory('home'),
      COMMITTER_ENVIRONMENT,
    );
    const notReleased = await uncommittedChanges(new Git(project.directory, environment));
    if (notReleased !== undefined) {
      this.emit('unproven', notReleased);
    }
    let directory = options.assembly;
    if (directory === undefined && project.cdkDirectory !== undefined) {
      directory = this.context.run.directory('cdk.out');
      await synthesize(project.cdkDirectory, directory, environment);
    }
    return { project, assembly: readCloudAssembly(directory ?? '') };
  }

  private classify(assembly: CloudAssembly): ResourceClasses {
    const classes = classifyResources(declaredResources(assembly));
    const { allowUnplayed } = this.context.options;
    const stopping = classes.refused.filter(({ type }) => !allowUnplayed.includes(type));
    if (stopping.length > 0) {
      const lines = stopping.map(
        ({ type, logicalId, stack, reason }) =>
          `  ${type} '${logicalId}' in stack '${stack}': ${reason ?? ''}`,
      );
      throw new RehearsalError(
        'ResourceRefused',
        `these resources could change the outcome and cannot be played:\n${lines.join('\n')}\nTo go on without them, add --allow-unplayed TYPE; the report will say so.`,
      );
    }
    for (const { type, logicalId } of classes.refused) {
      this.emit('progress', `going on without ${type} '${logicalId}', as --allow-unplayed says`);
    }
    return classes;
  }

  private emit(kind: 'progress' | 'unproven', message: string): void {
    const { events, clock } = this.context;
    events.emit({ kind, time: isoTime(clock.now()), message });
  }
}

/** Command line arguments with which another engine rehearses what was prepared, without asking again. */
export function argumentsFor(
  { engine, project, assembly }: Prepared,
  { speed, rps, parameters, allowUnplayed }: RehearsalOptions,
): string[] {
  return [
    ...['--engine', engine.name, '--project', project.directory],
    ...['--assembly', assembly.directory, '--speed', String(speed), '--rps', String(rps)],
    ...Object.entries(parameters).flatMap(([name, value]) => ['--parameter', `${name}=${value}`]),
    ...allowUnplayed.flatMap((type) => ['--allow-unplayed', type]),
  ];
}
