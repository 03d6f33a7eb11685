import { posix } from 'node:path';
import { copyFiles } from './copy-instruction';
import { dockerfileError, type Instruction, notPlayed } from './dockerfile';
import { splitAssignments, splitWords } from './dockerfile-words';
import { hostPath, makeDirectory } from './image-files';
import { runStep } from './run-instruction';
import type { Stage } from './stage';

type Play = (stage: Stage, instruction: Instruction) => void | Promise<void>;

/**
 * What each instruction does to a stage.
 * https://docs.docker.com/reference/dockerfile/
 */
const INSTRUCTIONS: Readonly<Record<string, Play>> = {
  ADD: copyFiles,
  ARG: declareArgs,
  CMD: (stage, instruction) => {
    stage.command = commandOf(stage, instruction);
  },
  COPY: copyFiles,
  ENTRYPOINT: (stage, instruction) => {
    stage.entryPoint = commandOf(stage, instruction);
    // The command of an inherited image belongs to its entry point.
    stage.command = undefined;
  },
  ENV: (stage, instruction) => {
    Object.assign(stage.environment, assignmentsOf(stage, instruction));
  },
  EXPOSE: (stage, instruction) => {
    stage.exposedPorts.push(...stage.words(instruction));
  },
  // ECS ignores it and looks at the task definition alone.
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
  HEALTHCHECK: () => undefined,
  LABEL: (stage, instruction) => {
    Object.assign(stage.labels, assignmentsOf(stage, instruction));
  },
  MAINTAINER: () => undefined,
  RUN: runStep,
  SHELL: (stage, instruction) => {
    if (instruction.json === undefined || instruction.json.length === 0) {
      throw dockerfileError(
        stage.build.dockerfile,
        instruction,
        'SHELL takes a JSON array of texts, e.g. SHELL ["/bin/bash", "-c"].',
      );
    }
    stage.shell = instruction.json;
  },
  STOPSIGNAL: (stage, instruction) => {
    stage.stopSignal = stage.expand(instruction, instruction.text);
  },
  USER: (stage, instruction) => {
    stage.user = stage.expand(instruction, instruction.text);
  },
  VOLUME: (stage, instruction) => {
    for (const path of stage.words(instruction)) {
      makeDirectory(stage.root, hostPath(stage.root, path));
    }
  },
  WORKDIR: (stage, instruction) => {
    const path = stage.expand(instruction, instruction.text);
    stage.workingDirectory = posix.resolve(stage.workingDirectory, path);
    makeDirectory(stage.root, hostPath(stage.root, stage.workingDirectory));
  },
};

/**
 * Carries out one instruction.
 *
 * @throws RehearsalError `DockerfileNotPlayed`, `DockerfileInvalid` or `BuildStepFailed`, with the line
 */
export async function playInstruction(stage: Stage, instruction: Instruction): Promise<void> {
  const play = INSTRUCTIONS[instruction.keyword];
  if (play === undefined) {
    throw notPlayed(stage.build.dockerfile, instruction, `the instruction ${instruction.keyword}`);
  }
  await play(stage, instruction);
}

function declareArgs(stage: Stage, instruction: Instruction): void {
  const { request, globalArgs, consumedArgs } = stage.build;
  for (const [name, value] of splitAssignments(instruction.text)) {
    const given = request.buildArgs[name];
    if (given !== undefined) consumedArgs.add(name);
    stage.args[name] =
      given ?? (value === undefined ? globalArgs[name] : stage.expand(instruction, value));
  }
}

function assignmentsOf(stage: Stage, instruction: Instruction): Record<string, string> {
  // All values see the variables as they were before the instruction.
  return Object.fromEntries(
    splitAssignments(instruction.text).map(([name, value]) => {
      if (value === undefined) {
        throw dockerfileError(
          stage.build.dockerfile,
          instruction,
          `${instruction.keyword} ${name} has no value; write ${name}=value.`,
        );
      }
      return [
        stage.expand(instruction, name),
        // The old form without `=` keeps the blanks between its words.
        splitWords(value)
          .map((word) => stage.expand(instruction, word))
          .join(' '),
      ];
    }),
  );
}

/** CMD and ENTRYPOINT are not expanded by the build; the shell form leaves that to the shell. */
function commandOf(stage: Stage, instruction: Instruction): readonly string[] {
  return instruction.json ?? [...stage.shell, instruction.text];
}
