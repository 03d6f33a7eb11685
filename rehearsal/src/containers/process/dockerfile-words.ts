/** Values of the variables that an instruction may use. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Thrown for a `${…}` that is not one of the forms below; the caller adds the line. */
export class UnknownExpansion extends Error {}

/**
 * Splits arguments at blanks outside quotes. Quotes and backslashes stay, for `expandWord`.
 */
export function splitWords(text: string): string[] {
  return text.match(/(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'\\]|["'])+/gs) ?? [];
}

/**
 * One word with its variables replaced and its quotes removed, by the rules of a Dockerfile:
 * `$x`, `${x}`, `${x:-default}`, `${x:+alternative}` and both without colon. Single quotes keep
 * everything as it is. https://docs.docker.com/reference/dockerfile/#environment-replacement
 *
 * @throws UnknownExpansion for any other `${…}`
 */
export function expandWord(word: string, variables: Variables): string {
  let result = '';
  let quoted = false;
  for (let at = 0; at < word.length;) {
    const rest = word.slice(at);
    const literal = !quoted && /^'([^']*)'/.exec(rest);
    if (literal) {
      result += literal[1] ?? '';
      at += literal[0].length;
      continue;
    }
    const character = rest.charAt(0);
    if (character === '"') {
      quoted = !quoted;
      at += 1;
    } else if (character === '\\' && rest.length > 1) {
      // Inside double quotes a backslash only protects what is special there.
      const next = rest.charAt(1);
      result += quoted && !/["\\$]/.test(next) ? `\\${next}` : next;
      at += 2;
    } else if (character === '$') {
      const { value, length } = expandVariable(rest, variables);
      result += value;
      at += length;
    } else {
      result += character;
      at += 1;
    }
  }
  return result;
}

function expandVariable(text: string, variables: Variables): { value: string; length: number } {
  const plain = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/.exec(text);
  if (plain) {
    return { value: variables[plain[1] ?? plain[2] ?? ''] ?? '', length: plain[0].length };
  }
  if (!text.startsWith('${')) return { value: '$', length: 1 };
  const length = closingBrace(text);
  const form = /^([A-Za-z_]\w*)(:?)([-+])(.*)$/s.exec(text.slice(2, length - 1));
  if (form === null) throw new UnknownExpansion(text.slice(0, length));
  const [, name = '', colon, operator, other = ''] = form;
  const value = variables[name];
  const isSet = colon === ':' ? value !== undefined && value !== '' : value !== undefined;
  const useOther = operator === '-' ? !isSet : isSet;
  return {
    value: useOther ? expandWord(other, variables) : operator === '-' ? (value ?? '') : '',
    length,
  };
}

/** Length of the `${…}` that `text` begins with, nested ones included. */
function closingBrace(text: string): number {
  let depth = 0;
  for (let at = 1; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}' && (depth -= 1) === 0) return at + 1;
  }
  throw new UnknownExpansion(text);
}

/**
 * `NAME=value …` as in ENV, LABEL and ARG, still to be expanded; also the old `ENV NAME the rest`.
 * A name without a value has `undefined`.
 */
export function splitAssignments(text: string): (readonly [string, string | undefined])[] {
  const old = /^([^\s=]+)\s+(.*)$/s.exec(text);
  const words = splitWords(text);
  if (old?.[1] !== undefined && words.some((word) => !word.includes('='))) {
    return [[old[1], old[2]]];
  }
  return words.map((word) => {
    const at = word.indexOf('=');
    return at === -1 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
  });
}
