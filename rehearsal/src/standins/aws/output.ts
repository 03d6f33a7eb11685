import jmespath from 'jmespath';
import { stringify } from 'yaml';
import { messageOf } from '../../errors';
import { parameterFailure, refusal, usageFailure } from './cli-failure';
import { formatText } from './text-output';

const FORMATS: Readonly<Record<string, (document: unknown) => string>> = {
  json: (document) => `${JSON.stringify(document, null, 4)}\n`,
  text: formatText,
  yaml: (document) => stringify(document, { indentSeq: false, lineWidth: 0 }),
  off: () => '',
};
const UNPLAYED_FORMATS = ['table', 'yaml-stream'];

/**
 * What the CLI prints for an answer.
 *
 * @param format of `--output`; json unless given
 * @param query JMESPath of `--query`
 * @throws CliFailure when either cannot be understood
 */
export function formatOutput(
  answer: Readonly<Record<string, unknown>>,
  format = 'json',
  query?: string,
): string {
  if (UNPLAYED_FORMATS.includes(format)) {
    throw refusal(`--output ${format}`, `It plays ${Object.keys(FORMATS).join(', ')}.`);
  }
  const print = FORMATS[format];
  if (print === undefined) {
    throw usageFailure(`argument --output: Found invalid choice '${format}'`);
  }
  const document = query === undefined ? answer : search(answer, query);
  return isEmptyObject(document) ? '' : print(document);
}

function search(answer: unknown, query: string): unknown {
  try {
    return jmespath.search(answer, query) as unknown;
  } catch (error) {
    throw parameterFailure(`Bad value for --query ${query}: ${messageOf(error)}`);
  }
}

function isEmptyObject(document: unknown): boolean {
  return (
    typeof document === 'object' &&
    document !== null &&
    !Array.isArray(document) &&
    Object.keys(document).length === 0
  );
}
