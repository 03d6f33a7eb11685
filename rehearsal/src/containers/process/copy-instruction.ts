import { posix } from 'node:path';
import { messageOf } from '../../errors';
import { dockerfileError, type Instruction, notPlayed } from './dockerfile';
import { type FileTree, findSources } from './file-tree';
import { copyIntoImage } from './image-files';
import type { Stage } from './stage';

/** COPY, and ADD as far as it does the same. */
export function copyFiles(stage: Stage, instruction: Instruction): void {
  const { dockerfile } = stage.build;
  // --link changes how layers are made, --chown who owns the files: neither is seen by a process
  // that runs as the person who rehearses.
  stage.checkFlags(instruction, ['from', 'chown', 'chmod', 'link']);
  if (instruction.text.includes('<<')) throw notPlayed(dockerfile, instruction, 'a here-document');
  const words = stage.words(instruction);
  const destination = words.pop();
  if (destination === undefined || words.length === 0) {
    throw dockerfileError(
      dockerfile,
      instruction,
      `${instruction.keyword} requires at least two arguments, a source and a destination.`,
    );
  }
  if (instruction.keyword === 'ADD') refuseRemoteAndArchives(stage, instruction, words);
  const tree = sourceTree(stage, instruction);
  const sources = words.flatMap((source) => {
    const found = findSources(tree, source);
    if (found.length === 0) {
      throw dockerfileError(
        dockerfile,
        instruction,
        `"/${source.replace(/^\/+/, '')}": not found. It is not in ${tree.root}, or .dockerignore keeps it out.`,
      );
    }
    return found;
  });
  if (sources.length > 1 && words.length > 1 && !destination.endsWith('/')) {
    throw dockerfileError(
      dockerfile,
      instruction,
      `When using ${instruction.keyword} with more than one source file, the destination must be a directory and end with a /, but it is '${destination}'.`,
    );
  }
  const slash = /\/\.?$|^\.$/.test(destination) ? '/' : '';
  try {
    copyIntoImage({
      tree,
      sources,
      root: stage.root,
      destination: posix.resolve(stage.workingDirectory, destination) + slash,
      mode: fileMode(stage, instruction),
    });
  } catch (error) {
    throw dockerfileError(dockerfile, instruction, messageOf(error));
  }
}

function sourceTree(stage: Stage, instruction: Instruction): FileTree {
  const from = stage.flag(instruction, 'from');
  if (from === undefined) return stage.build.context();
  const tree = stage.build.filesOf(from);
  if (tree !== undefined) return tree;
  throw notPlayed(
    stage.build.dockerfile,
    instruction,
    `${instruction.keyword} --from=${from}, which is no stage above it and no image built in this rehearsal,`,
  );
}

function fileMode(stage: Stage, instruction: Instruction): number | undefined {
  const mode = stage.flag(instruction, 'chmod');
  if (mode === undefined) return undefined;
  if (/^[0-7]{3,4}$/.test(mode)) return Number.parseInt(mode, 8);
  throw notPlayed(stage.build.dockerfile, instruction, `--chmod=${mode} (not an octal number)`);
}

function refuseRemoteAndArchives(
  stage: Stage,
  instruction: Instruction,
  sources: readonly string[],
): void {
  const special = sources.find(
    (source) =>
      /^(https?|git|ssh):|^git@/.test(source) || /\.(tar|tgz|tbz2?|txz|tar\.\w+)$/i.test(source),
  );
  if (special === undefined) return;
  throw notPlayed(
    stage.build.dockerfile,
    instruction,
    `ADD ${special} (a download or an archive to unpack)`,
  );
}
