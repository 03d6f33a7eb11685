import { RehearsalError } from '../errors';
import { parseEventPath } from './event-path';

/** What a target of a rule says about its input; at most one of the three. */
export interface TargetInputSettings {
  /** Constant, JSON text */
  readonly input?: string | undefined;
  readonly inputPath?: string | undefined;
  readonly inputTransformer?:
    | {
        readonly pathsMap: Readonly<Record<string, string>>;
        readonly template: string;
      }
    | undefined;
}

/** Values of the predefined variables that the event itself does not hold. */
export interface RuleContext {
  readonly ruleArn: string;
  readonly ruleName: string;
  /** ISO 8601 */
  readonly ingestionTime: string;
}

export type TargetInput = (
  event: Readonly<Record<string, unknown>>,
  context: RuleContext,
) => string;

/**
 * What the target gets: the event, a part of it, a constant, or text made from it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 *
 * @param where it stands, for errors
 * @throws RehearsalError `InputTemplateInvalid` or `EventPathInvalid`
 */
export function parseTargetInput(settings: TargetInputSettings, where: string): TargetInput {
  const { input, inputPath, inputTransformer } = settings;
  if (input !== undefined) return () => input;
  if (inputPath !== undefined) {
    const find = parseEventPath(inputPath, where);
    return (event) => JSON.stringify(find(event) ?? null);
  }
  if (inputTransformer === undefined) return (event) => JSON.stringify(event);
  return parseInputTemplate(inputTransformer, where);
}

/**
 * A template is a JSON text with placeholders, or lines of text in double quotes. Values go in as
 * they are, nothing is escaped; the quotes of text lines reach the target, as the mails show that
 * people get from such rules. A value that the event lacks becomes nothing.
 */
function parseInputTemplate(
  { pathsMap, template }: NonNullable<TargetInputSettings['inputTransformer']>,
  where: string,
): TargetInput {
  const paths = new Map(
    Object.entries(pathsMap).map(([name, path]) => [name, parseEventPath(path, where)]),
  );
  const isObject = /^\s*[{[]/.test(template);
  const unknown = [...template.matchAll(PLACEHOLDER)]
    .map(([, name = '']) => name)
    .find((name) => !paths.has(name) && !PREDEFINED.includes(name));
  if (unknown !== undefined) {
    throw invalid(where, template, `InputPathsMap has no '${unknown}'`);
  }
  const unquoted = template.split('\n').find((line) => !isObject && !isQuotedLine(line));
  if (unquoted !== undefined) {
    throw invalid(where, template, `for strings, quotes are required around '${unquoted}'`);
  }
  return (event, context) => {
    const valueOf = (name: string) => paths.get(name)?.(event) ?? predefined(name, event, context);
    return template.replace(PLACEHOLDER, (_, name: string, offset: number) => {
      const value = valueOf(name);
      const quoted = !isObject || isInsideQuotes(template, offset);
      if (typeof value === 'string') return quoted ? value : JSON.stringify(value);
      if (value === undefined) return quoted ? '' : '""';
      return JSON.stringify(value);
    });
  };
}

const PLACEHOLDER = /<([\w.-]+)>/g;

const PREDEFINED: readonly string[] = [
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
];

function predefined(
  name: string,
  event: Readonly<Record<string, unknown>>,
  { ruleArn, ruleName, ingestionTime }: RuleContext,
): unknown {
  switch (name) {
    case 'aws.events.rule-arn':
      return ruleArn;
    case 'aws.events.rule-name':
      return ruleName;
    case 'aws.events.event.ingestion-time':
      return ingestionTime;
    case 'aws.events.event':
      return Object.fromEntries(Object.entries(event).filter(([key]) => key !== 'detail'));
    case 'aws.events.event.json':
      return event;
    default:
      return undefined;
  }
}

/** A line in quotes, or a placeholder alone; blank lines are left out of the rule. */
function isQuotedLine(line: string): boolean {
  const text = line.trim();
  return text === '' || /^"([^"\\]|\\.)*"$/.test(text) || /^<[\w.-]+>$/.test(text);
}

function isInsideQuotes(template: string, offset: number): boolean {
  const quotes = template.slice(0, offset).match(/(?<!\\)"/g) ?? [];
  return quotes.length % 2 === 1;
}

function invalid(where: string, template: string, reason: string): RehearsalError {
  return new RehearsalError(
    'InputTemplateInvalid',
    `${where}: the InputTemplate is not valid: ${reason}.\nIt is ${template}`,
  );
}
