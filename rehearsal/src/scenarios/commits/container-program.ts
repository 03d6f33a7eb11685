/** Instructions that decide what a container runs; of each kind the last one counts. */
const PROGRAM = /^(ENTRYPOINT|CMD)\s+((?:.*\\\n)*.*)$/gim;

/**
 * The Dockerfile with another program in its last stage.
 *
 * @param program as an argument list
 */
export function withProgram(dockerfile: string, program: readonly string[]): string {
  return `${dockerfile.trimEnd()}\n\nENTRYPOINT ${JSON.stringify(program)}\nCMD []\n`;
}

/**
 * The Dockerfile with its program as the child of a shell that ignores SIGTERM. The stop signal
 * goes to process 1 alone, so the program never hears of it.
 *
 * @returns undefined when the last stage names no program of its own
 */
export function withoutSigterm(dockerfile: string): string | undefined {
  const program = programOf(dockerfile);
  if (program === undefined) return undefined;
  return withProgram(dockerfile, ['sh', '-c', `trap '' TERM; ${program} & wait $!`]);
}

/** What the last stage runs, as a line for a shell. */
function programOf(dockerfile: string): string | undefined {
  const lines = dockerfile.split('\n');
  const from = lines.findLastIndex((line) => /^FROM\s/i.test(line));
  const lastStage = lines.slice(from + 1).join('\n');
  const parts: Record<string, string> = {};
  for (const [, name = '', value = ''] of lastStage.matchAll(PROGRAM)) {
    parts[name.toUpperCase()] = shellLine(value.replace(/\\\n/g, ' ').trim());
  }
  return [parts['ENTRYPOINT'], parts['CMD']].filter(Boolean).join(' ') || undefined;
}

/** Exec form is JSON; whatever is not is shell form. */
function shellLine(instruction: string): string {
  let words: unknown;
  try {
    words = JSON.parse(instruction);
  } catch {
    return instruction;
  }
  return Array.isArray(words) ? words.map((word) => quoted(String(word))).join(' ') : instruction;
}

function quoted(word: string): string {
  return /^[\w./=:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
