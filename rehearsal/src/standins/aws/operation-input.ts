import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf } from '../../errors';
import type { StandinCall } from '../standin';
import { parameterFailure, refusal, usageFailure } from './cli-failure';
import { expectedOneArgument, type GivenOption } from './command-line';
import { type Operation, optionName } from './operation';
import type { Shape } from './shapes';
import { parseShorthand } from './shorthand';

/** Options that every operation has on AWS and that no rehearsal plays. */
const UNPLAYED = [
  'cli-input-json',
  'cli-input-yaml',
  'generate-cli-skeleton',
  'max-items',
  'starting-token',
];
/** Changes how many calls are made, not what is printed. */
const NO_EFFECT = ['page-size'];

/**
 * The parameters of an operation from the options on the command line.
 *
 * @throws CliFailure as the CLI: missing, unknown or malformed options
 */
export function readOperationInput(
  operation: Operation,
  options: readonly GivenOption[],
  extraWords: readonly string[],
  call: StandinCall,
): Record<string, unknown> {
  const members = Object.entries(operation.members);
  const input: Record<string, unknown> = {};
  const unknown: string[] = [...extraWords];
  for (const { name, values } of options) {
    if (NO_EFFECT.includes(name)) continue;
    if ([...UNPLAYED, ...(operation.unplayed ?? []).map(optionName)].includes(name)) {
      throw refusal(
        `aws ${operation.service} ${operation.command} --${name}`,
        'Leave the option out.',
      );
    }
    const [member, shape] =
      members.find(
        ([key, { kind }]) =>
          optionName(key) === name || (kind === 'boolean' && `no-${optionName(key)}` === name),
      ) ?? [];
    if (member === undefined || shape === undefined) {
      unknown.push(`--${name}`, ...values);
    } else if (shape.kind === 'boolean') {
      input[member] = name === optionName(member);
      unknown.push(...values);
    } else if (shape.kind === 'list') {
      input[member] = readList(shape, name, member, values, call);
    } else {
      const [value, ...rest] = values;
      if (value === undefined) throw expectedOneArgument(name);
      unknown.push(...rest);
      input[member] = readValue(shape, name, member, loadParameterFile(name, value, call));
    }
  }
  const missing = members.filter(([key, { optional }]) => !optional && input[key] === undefined);
  if (missing.length > 0) {
    const names = missing.map(([key]) => `--${optionName(key)}`).join(', ');
    throw usageFailure(`the following arguments are required: ${names}`);
  }
  if (unknown.length > 0) throw parameterFailure(`Unknown options: ${unknown.join(', ')}`);
  return input;
}

function readList(
  shape: Shape<unknown>,
  name: string,
  member: string,
  values: readonly string[],
  call: StandinCall,
): unknown {
  const texts = values.map((value) => loadParameterFile(name, value, call));
  const [first = ''] = texts;
  if (texts.length === 1 && /^\s*\[/.test(first)) {
    return shape.read(parseJson(name, first), member, 'json');
  }
  const items = texts.map((text) => (shape.ofStructures ? shorthand(name, text) : text));
  return shape.read(items, member, 'text');
}

function readValue(shape: Shape<unknown>, name: string, member: string, text: string): unknown {
  if (shape.kind !== 'structure') return shape.read(text, member, 'text');
  return /^\s*\{/.test(text)
    ? shape.read(parseJson(name, text), member, 'json')
    : shape.read(shorthand(name, text), member, 'text');
}

function shorthand(name: string, text: string): unknown {
  try {
    return parseShorthand(text);
  } catch (error) {
    throw parameterFailure(`Error parsing parameter '--${name}': ${messageOf(error)}`);
  }
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw parameterFailure(
      `Error parsing parameter '--${name}': Invalid JSON: ${messageOf(error)}\nJSON received: ${text}`,
    );
  }
}

/** `file://name` stands for the content of a file. https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html */
function loadParameterFile(name: string, value: string, { cwd, stdin }: StandinCall): string {
  const path = /^fileb?:\/\/(.*)$/s.exec(value)?.[1];
  if (path === undefined) return value;
  if (path === '/dev/stdin') return stdin;
  try {
    return readFileSync(resolve(cwd, path), 'utf8');
  } catch (error) {
    throw parameterFailure(
      `Error parsing parameter '--${name}': Unable to load paramfile ${value}: ${messageOf(error)}`,
    );
  }
}
