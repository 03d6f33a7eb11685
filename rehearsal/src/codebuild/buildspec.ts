import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { RehearsalError } from '../errors';
import { type BatchSpec, batchSchema } from './batch-schema';
import { buildspecSchema, type Buildspec } from './buildspec-schema';

export type {
  ArtifactsSpec,
  Buildspec,
  BuildspecPhase,
  BuildspecPhaseName,
  ReportSpec,
} from './buildspec-schema';

/** The buildspec is not one; CodeBuild reports it as `YAML_FILE_ERROR` in DOWNLOAD_SOURCE. */
export class BuildspecError extends Error {
  override readonly name = 'BuildspecError';
}

/** A buildspec in an API call may have as many bytes; a file that large is no buildspec either. */
const MOST_BYTES = 512 * 1024;
/** Aliases may be resolved so often: real files stay far below, "billion laughs" far above. */
const MOST_ALIASES = 100;

/**
 * Reads a buildspec, YAML or JSON.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
 *
 * @throws BuildspecError when CodeBuild would not take it
 * @throws RehearsalError `BuildspecNotPlayed` when CodeBuild would, but a rehearsal cannot
 */
export function parseBuildspec(text: string): Buildspec {
  const { data, document, lines } = parse(text, buildspecSchema);
  const spec = withEnv(data, document, lines);
  refuseUnplayed(spec);
  return spec;
}

/** What a batch build reads in its buildspec. */
export interface Batchspec {
  readonly batch: BatchSpec;
  /** Whether `version` is in quotes, as in every buildspec that is JSON */
  readonly versionIsText: boolean;
}

/**
 * Reads the part of a buildspec that defines a batch.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html
 *
 * @throws BuildspecError when CodeBuild would not take it, or when there is none
 */
export function parseBatchspec(text: string): Batchspec {
  const { data, document, lines } = parse(text, batchspecSchema);
  if (data.batch === undefined) {
    throw new BuildspecError("the buildspec has no 'batch', which a batch build starts from");
  }
  withEnv(data, document, lines);
  const version = document.get('version', true);
  return { batch: data.batch, versionIsText: isScalar(version) && version.type !== 'PLAIN' };
}

const batchspecSchema = buildspecSchema.extend({ batch: batchSchema.optional() });

function parse<Schema extends z.ZodType>(text: string, schema: Schema) {
  if (Buffer.byteLength(text) > MOST_BYTES) {
    throw new BuildspecError(`the file is larger than ${MOST_BYTES} bytes`);
  }
  const lines = new LineCounter();
  // In the failsafe schema every scalar is text, as CodeBuild takes `PORT: 3000` and `- true`.
  const document = parseDocument(text, {
    schema: 'failsafe',
    merge: true,
    lineCounter: lines,
    prettyErrors: false,
  });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new BuildspecError(`${error.message} at line ${lines.linePos(error.pos[0]).line}`);
  }
  if (!isMap(document.contents)) {
    throw new BuildspecError('expected a mapping with version and phases at line 1');
  }
  const result = schema.safeParse(toPlain(document));
  if (!result.success) throw fromIssue(result.error.issues[0], document, lines);
  return { data: result.data, document, lines };
}

/** Version 0.1 names `env.variables` otherwise; each version knows its own name alone. */
function withEnv(spec: Buildspec, document: Document, lines: LineCounter): Buildspec {
  const foreign = spec.version === '0.1' ? 'env' : 'environment_variables';
  if (document.has(foreign)) {
    const line = lineOf([foreign], document, lines);
    throw new BuildspecError(`unknown key '${foreign}' in version ${spec.version} at line ${line}`);
  }
  const variables = spec.environment_variables?.plaintext ?? spec.env.variables;
  return { ...spec, env: { ...spec.env, variables } };
}

function toPlain(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch {
    throw new BuildspecError(`aliases are resolved more than ${MOST_ALIASES} times`);
  }
}

/** In CodeBuild's words, e.g. `Expected Commands[2] to be of string type: found subkeys instead at line 40`. */
function fromIssue(
  issue: z.core.$ZodIssue | undefined,
  document: Document,
  lines: LineCounter,
): BuildspecError {
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys : [];
  const path = [...(issue?.path ?? []), ...keys.slice(0, 1)];
  const at = ` at line ${lineOf(path, document, lines)}`;
  const where = path.map(String).join('.');
  const last = path.at(-1);
  if (issue?.code === 'unrecognized_keys') {
    return new BuildspecError(`unknown key '${where}'${at}`);
  }
  const found = document.getIn(path, true);
  if (issue?.code === 'invalid_type' && issue.expected === 'string' && !isScalar(found)) {
    const name =
      typeof last === 'number'
        ? `${capitalized(String(path.at(-2)))}[${last}]`
        : capitalized(where);
    const what = found === undefined ? 'found nothing' : 'found subkeys instead';
    return new BuildspecError(`Expected ${name} to be of string type: ${what}${at}`);
  }
  return new BuildspecError(`${where}: ${issue?.message ?? 'invalid'}${at}`);
}

/** The line of a key or a list item, or of the nearest thing around it that is there. */
function lineOf(path: readonly PropertyKey[], document: Document, lines: LineCounter): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const name = path[length - 1];
    const key = isMap(parent)
      ? parent.items.find((pair) => isScalar(pair.key) && pair.key.value === name)?.key
      : document.getIn(path.slice(0, length), true);
    const start = isNode(key) ? key.range?.[0] : undefined;
    if (start !== undefined) return lines.linePos(start).line;
  }
  return 1;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What changes a build's outcome on AWS but cannot be done on this machine. */
function refuseUnplayed({ env: { shell } }: Buildspec): void {
  if (shell?.endsWith('.exe') !== true) return;
  throw new RehearsalError(
    'BuildspecNotPlayed',
    `the buildspec uses 'env.shell: ${shell}', which CodeBuild knows and a rehearsal does not play; ` +
      'leave it out, or rehearse with another buildspec',
  );
}
