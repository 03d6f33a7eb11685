import { DockerfileParser, type Instruction as ParsedInstruction } from 'dockerfile-ast';
import { RehearsalError } from '../../errors';

/** One instruction of a Dockerfile, continued lines joined. */
export interface Instruction {
  /** Upper case, e.g. `COPY` */
  readonly keyword: string;
  /** First line in the file, counted from 1 */
  readonly line: number;
  /** `--name=value` before the arguments; several of one name keep their order */
  readonly flags: readonly { readonly name: string; readonly value: string }[];
  /** What follows the keyword and the flags */
  readonly text: string;
  /** The arguments when they are written as a JSON array of texts (exec form) */
  readonly json: readonly string[] | undefined;
}

export interface Stage {
  readonly name: string | undefined;
  readonly from: Instruction;
  readonly instructions: readonly Instruction[];
}

export interface Dockerfile {
  /** For messages, e.g. `apps/api/Dockerfile` */
  readonly path: string;
  /** ARG before the first FROM */
  readonly globalArgs: readonly Instruction[];
  readonly stages: readonly Stage[];
}

/**
 * Reads a Dockerfile into its stages.
 *
 * @throws RehearsalError `DockerfileInvalid` with path and line
 */
export function parseDockerfile(content: string, path: string): Dockerfile {
  const parsed = DockerfileParser.parse(content);
  const lines = content.split(/\r?\n/);
  const instructions = parsed
    .getInstructions()
    .map((instruction) => readInstruction(instruction, lines, parsed.getEscapeCharacter()));
  const globalArgs: Instruction[] = [];
  const stages: { name: string | undefined; from: Instruction; instructions: Instruction[] }[] = [];
  for (const instruction of instructions) {
    const stage = stages.at(-1);
    if (instruction.keyword === 'FROM') {
      const name = /\sAS\s+(\S+)\s*$/i.exec(instruction.text)?.[1];
      stages.push({ name: name?.toLowerCase(), from: instruction, instructions: [] });
    } else if (stage !== undefined) {
      stage.instructions.push(instruction);
    } else if (instruction.keyword === 'ARG') {
      globalArgs.push(instruction);
    } else {
      throw dockerfileError(
        path,
        instruction,
        `${instruction.keyword} stands before the first FROM; only ARG may. Put it after a FROM.`,
      );
    }
  }
  if (stages.length === 0) {
    throw new RehearsalError(
      'DockerfileInvalid',
      `${path} has no FROM instruction, so there is nothing to build. Begin it with FROM.`,
    );
  }
  return { path, globalArgs, stages };
}

/** An error at an instruction: `path:line: message`. */
export function dockerfileError(
  path: string,
  instruction: Pick<Instruction, 'line'>,
  message: string,
): RehearsalError {
  return new RehearsalError('DockerfileInvalid', `${path}:${instruction.line}: ${message}`);
}

/** An instruction that is fine for Docker and cannot be honoured on the host. */
export function notPlayed(
  path: string,
  instruction: Pick<Instruction, 'line'>,
  what: string,
): RehearsalError {
  return new RehearsalError(
    'DockerfileNotPlayed',
    `${path}:${instruction.line}: ${what} cannot be played without Docker. Rehearse with --engine docker.`,
  );
}

function readInstruction(
  instruction: ParsedInstruction,
  lines: readonly string[],
  escape: string,
): Instruction {
  const { start, end } = instruction.getRange();
  const source = lines.slice(start.line, end.line + 1);
  const joined = source
    .map((line, index) => (index === 0 ? line.slice(start.character) : line))
    .filter((line, index) => index === 0 || !/^\s*(#|$)/.test(line))
    .map((line) => (line.trimEnd().endsWith(escape) ? line.trimEnd().slice(0, -1) : `${line}\n`))
    .join('')
    .trim();
  const keyword = instruction.getKeyword();
  let text = joined.slice(keyword.length).trimStart();
  const flags: { name: string; value: string }[] = [];
  for (;;) {
    const flag = /^--([a-z-]+)(?:=(\S*))?\s+/.exec(text);
    if (flag?.[1] === undefined) break;
    flags.push({ name: flag[1], value: flag[2] ?? 'true' });
    text = text.slice(flag[0].length);
  }
  return { keyword, line: start.line + 1, flags, text, json: readJson(text) };
}

function readJson(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string')
      ? value
      : undefined;
  } catch {
    // Docker, too, takes what is no JSON array of texts for the shell form.
    return undefined;
  }
}
