/** Why an expression is not played; the caller adds where it stands. */
export class MathProblem extends Error {}

export interface MathToken {
  readonly kind: 'number' | 'name' | 'text' | 'operator';
  readonly text: string;
}

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z]\w*)|"([^"]*)"|'([^']*)'|(<=|>=|==|!=|&&|\|\||[-+*/^()[\]<>,]))/y;

/** @throws MathProblem naming the first character that belongs to no token */
export function mathTokens(text: string): MathToken[] {
  const tokens: MathToken[] = [];
  const pattern = new RegExp(TOKEN);
  while (text.slice(pattern.lastIndex).trim() !== '') {
    const at = pattern.lastIndex;
    const [, number, name, quoted, single, operator] = pattern.exec(text) ?? [];
    const string = quoted ?? single;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (name === 'AND' || name === 'OR') tokens.push({ kind: 'operator', text: name });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (string !== undefined) tokens.push({ kind: 'text', text: string });
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator });
    else throw new MathProblem(`'${text.slice(at).trim().charAt(0)}' in the expression`);
  }
  return tokens;
}
