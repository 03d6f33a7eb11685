import { isNumeric, PatternScanner, type ValueTest } from './pattern-scanner';

/** Fields of a log event that matches, by `$name`, or by `$7` where they have no name */
type Fields = Readonly<Record<string, string>>;

/** @returns undefined for an event that does not match */
export type FieldExtractor = (message: string) => Fields | undefined;

interface Field {
  readonly name: string;
  readonly test: ValueTest;
}

/**
 * `[ip, user, ..., status_code = 4* && status_code != 403, bytes > 1000]`: fields between spaces,
 * in square brackets or in double quotes. An event has as many as the pattern, unless `...` stands
 * for any number of them.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-space-delimited-log-events.html
 *
 * @throws FilterPatternProblem saying what is expected, and where
 */
export function fieldFilterPattern(pattern: string): FieldExtractor {
  const { before, after } = parse(new PatternScanner(pattern));
  return (message) => {
    const values = [...message.matchAll(/\[([^\]]*)\]|"([^"]*)"|\S+/g)].map(
      ([whole, bracketed, quoted]) => bracketed ?? quoted ?? whole,
    );
    const rest = values.length - before.length - (after?.length ?? 0);
    if (rest < 0 || (after === undefined && rest > 0)) return undefined;
    const any: Field = { name: '', test: () => true };
    const fields = [...before, ...Array.from({ length: rest }, () => any), ...(after ?? [])];
    if (!fields.every(({ test }, index) => test(values[index] ?? ''))) return undefined;
    return Object.fromEntries(
      fields.map(({ name }, index) => [`$${name || index + 1}`, values[index] ?? '']),
    );
  };
}

/** `after` is undefined where there is no ellipsis. */
function parse(scanner: PatternScanner): { before: Field[]; after: Field[] | undefined } {
  const before: Field[] = [];
  let after: Field[] | undefined;
  scanner.expect('[');
  do {
    if (scanner.match(/\.\.\.|…/y) === undefined) (after ?? before).push(field(scanner));
    else if (after === undefined) after = [];
    else throw scanner.problem("one '...' at most");
  } while (scanner.take(','));
  scanner.expect(']');
  scanner.expectEnd();
  return { before, after };
}

/** `bytes`, `status = 4* && status != 403 || status = 500`, or nothing: a field without a name. */
function field(scanner: PatternScanner): Field {
  const name = scanner.match(/[A-Za-z_][\w-]*/y) ?? '';
  const comparison = () =>
    scanner.comparison('an operator, a comma or the end of the fields', isNumeric);
  const again = () => {
    if (scanner.match(/[A-Za-z_][\w-]*/y) !== name)
      throw scanner.problem(`another condition on the field '${name}'`);
    return comparison();
  };
  if (name === '' || scanner.match(/(?=[,\]])/y) !== undefined) return { name, test: () => true };
  const alternatives = [[comparison()]];
  for (;;) {
    if (scanner.take('&&')) alternatives.at(-1)?.push(again());
    else if (scanner.take('||')) alternatives.push([again()]);
    else break;
  }
  return {
    name,
    test: (actual) => alternatives.some((tests) => tests.every((test) => test(actual))),
  };
}
