import { cpSync, mkdirSync } from 'node:fs';
import type { Clock } from '../../clock';
import type { ProcessLedger } from '../../process/process-ledger';
import type { BuildRequest } from '../build-arguments';
import { dockerfileError, type Instruction, notPlayed } from './dockerfile';
import { expandWord, splitWords, UnknownExpansion, type Variables } from './dockerfile-words';
import type { FileTree } from './file-tree';
import type { ImageConfig } from './local-images';

/** What all stages of one build share. */
export interface Build {
  readonly request: BuildRequest;
  /** Path of the Dockerfile as messages show it */
  readonly dockerfile: string;
  /** Environment of this machine that programs need: PATH, HOME, proxy, certificates */
  readonly environment: Readonly<Record<string, string>>;
  /** ARG values before the first FROM, and the platform variables */
  readonly globalArgs: Readonly<Record<string, string>>;
  /** The build context, read when it is first needed */
  readonly context: () => FileTree;
  /** The files that `COPY --from=name` takes from; undefined when there is no such stage or image */
  readonly filesOf: (name: string) => FileTree | undefined;
  /** Build arguments that some ARG declared */
  readonly consumedArgs: Set<string>;
  readonly clock: Clock;
  readonly ledger: ProcessLedger | undefined;
  /** A line of the build's progress */
  readonly output: (line: string) => void;
  /** A sentence for the report */
  readonly unproven: (sentence: string) => void;
}

/** A stage while its instructions are carried out, one after the other. */
export class Stage {
  workingDirectory = '/';
  /** ENV, by name */
  environment: Record<string, string> = {};
  /** ARG, by name, as far as declared in this stage */
  readonly args: Record<string, string | undefined> = {};
  labels: Record<string, string> = {};
  exposedPorts: string[] = [];
  shell: readonly string[] = ['/bin/sh', '-c'];
  user: string | undefined;
  entryPoint: readonly string[] | undefined;
  command: readonly string[] | undefined;
  stopSignal: string | undefined;
  baseImage: string | undefined;

  /** @param root directory that is this stage's root file system */
  constructor(
    readonly build: Build,
    readonly root: string,
  ) {
    mkdirSync(root, { recursive: true });
  }

  /** Starts where another stage or image ended. */
  inherit(root: string, config: ImageConfig): void {
    cpSync(root, this.root, { recursive: true, verbatimSymlinks: true });
    this.workingDirectory = config.workingDirectory;
    this.environment = { ...config.environment };
    this.labels = { ...config.labels };
    this.exposedPorts = [...config.exposedPorts];
    this.user = config.user;
    this.entryPoint = config.entryPoint;
    this.command = config.command;
    this.stopSignal = config.stopSignal;
    this.baseImage = config.baseImage;
  }

  get config(): ImageConfig {
    return {
      environment: this.environment,
      workingDirectory: this.workingDirectory,
      user: this.user,
      entryPoint: this.entryPoint,
      command: this.command,
      exposedPorts: this.exposedPorts,
      labels: this.labels,
      stopSignal: this.stopSignal,
      baseImage: this.baseImage,
    };
  }

  /** What `$NAME` means now. ENV wins over ARG; the base image's PATH is this machine's. */
  get variables(): Variables {
    return { PATH: this.build.environment['PATH'], ...this.args, ...this.environment };
  }

  expand(instruction: Instruction, word: string): string {
    return expandIn(this.build.dockerfile, instruction, word, this.variables);
  }

  /** Arguments as separate words: those of the JSON form, or what blanks divide. */
  words(instruction: Instruction): string[] {
    const words = instruction.json ?? splitWords(instruction.text);
    return words.map((word) => this.expand(instruction, word));
  }

  flag(instruction: Instruction, name: string): string | undefined {
    const value = instruction.flags.findLast((flag) => flag.name === name)?.value;
    return value === undefined ? undefined : this.expand(instruction, value);
  }

  /** @throws RehearsalError for a flag that is not in `known` */
  checkFlags(instruction: Instruction, known: readonly string[]): void {
    const unknown = instruction.flags.find(({ name }) => !known.includes(name));
    if (unknown === undefined) return;
    throw notPlayed(
      this.build.dockerfile,
      instruction,
      `${instruction.keyword} --${unknown.name}=${unknown.value}`,
    );
  }
}

/** `expandWord` whose error names the line. */
export function expandIn(
  dockerfile: string,
  instruction: Instruction,
  word: string,
  variables: Variables,
): string {
  try {
    return expandWord(word, variables);
  } catch (error) {
    if (!(error instanceof UnknownExpansion)) throw error;
    throw dockerfileError(
      dockerfile,
      instruction,
      `'${error.message}' cannot be expanded; known are \${x}, \${x:-default} and \${x:+alternative}.`,
    );
  }
}
