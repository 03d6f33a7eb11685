type Row = Readonly<Record<string, unknown>>;

/**
 * A document as `--output text` prints it: one line for the scalars of each object, tab-separated,
 * in the alphabetical order of their keys; nested objects on lines of their own that begin with
 * their key. https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-output-format.html#text-output
 */
export function formatText(document: unknown): string {
  return lines(document)
    .map((line) => `${line}\n`)
    .join('');
}

function lines(item: unknown, label?: string, columns?: readonly string[]): string[] {
  if (Array.isArray(item)) return listLines(item, label);
  if (isRow(item)) return rowLines(item, label, columns);
  return [scalarText(item)];
}

function listLines(items: readonly unknown[], label: string | undefined): string[] {
  const rows = items.filter(isRow);
  if (rows.length > 0) {
    // All rows of a list have the same columns, so that the fields line up.
    const columns = [...new Set(rows.flatMap(scalarKeys))].sort();
    return items.flatMap((item) => lines(item, label, columns));
  }
  const scalars = items.filter((item) => !Array.isArray(item)).map(scalarText);
  const nested = items.filter((item) => Array.isArray(item));
  const own =
    label === undefined
      ? [scalars.join('\t')]
      : scalars.map((scalar) => `${label.toUpperCase()}\t${scalar}`);
  return [...(scalars.length > 0 ? own : []), ...nested.flatMap((item) => lines(item, label))];
}

function rowLines(row: Row, label: string | undefined, columns?: readonly string[]): string[] {
  const keys = columns ?? scalarKeys(row).sort();
  const fields = keys.map((key) => (Object.hasOwn(row, key) ? scalarText(row[key]) : ''));
  const own = [...(label === undefined ? [] : [label.toUpperCase()]), ...fields].join('\t');
  const nested = Object.keys(row)
    .filter((key) => !keys.includes(key))
    .sort();
  return [...(fields.length > 0 ? [own] : []), ...nested.flatMap((key) => lines(row[key], key))];
}

function scalarKeys(row: Row): string[] {
  return Object.keys(row).filter((key) => typeof row[key] !== 'object' || row[key] === null);
}

function isRow(item: unknown): item is Row {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}

/** In Python's spelling. */
function scalarText(item: unknown): string {
  if (item === null || item === undefined) return 'None';
  if (typeof item === 'boolean') return item ? 'True' : 'False';
  return typeof item === 'string' ? item : JSON.stringify(item);
}
