import { z } from 'zod';
import { emptyAs, flag, list, mapping, text } from './buildspec-schema';

const env = emptyAs(
  z.strictObject({
    'compute-type': text.optional(),
    fleet: text.optional(),
    image: text.optional(),
    'privileged-mode': flag.optional(),
    type: text.optional(),
    variables: mapping.default({}),
  }),
  {},
).prefault({});

const settings = z.strictObject({
  // No effect: nobody opens a session in a rehearsal.
  'debug-session': flag.default(false),
  env,
  'ignore-failure': flag.default(false),
});

const task = settings.extend({ identifier: text, buildspec: text.optional() });
const graphTask = task.extend({ 'depend-on': list.default([]) });

const matrix = z.strictObject({
  static: emptyAs(settings, {}).prefault({}),
  dynamic: z.strictObject({
    buildspec: list.default([]),
    env: z
      .strictObject({
        'compute-type': list.default([]),
        image: list.default([]),
        variables: z.record(text, list).default({}),
      })
      .prefault({}),
  }),
});

const TYPES = ['build-graph', 'build-list', 'build-matrix', 'build-fanout'] as const;

/**
 * `batch` of a buildspec: every key that CodeBuild knows, and no other.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html
 */
export const batchSchema = z
  .strictObject({
    'fast-fail': flag.default(false),
    'build-graph': z.array(graphTask).min(1, 'expected at least one build').optional(),
    // Not every edition of the page asks for the identifiers of a list.
    'build-list': z
      .array(task.partial({ identifier: true }))
      .min(1, 'expected at least one build')
      .optional(),
    'build-matrix': matrix.optional(),
    // Not played: `batchBuilds` refuses it.
    'build-fanout': z.unknown().optional(),
  })
  .superRefine((batch, context) => {
    const types = TYPES.filter((type) => batch[type] !== undefined);
    const issue = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    if (types.length !== 1) {
      issue(types.slice(1, 2), `expected one of ${TYPES.join(', ')}, found ${types.length}`);
    }
    for (const type of ['build-graph', 'build-list'] as const) {
      const identifiers = batch[type]?.map(({ identifier }) => identifier) ?? [];
      for (const [index, identifier] of identifiers.entries()) {
        if (identifier === undefined || identifiers.indexOf(identifier) === index) continue;
        issue([type, index, 'identifier'], `two builds are named '${identifier}'`);
      }
    }
    const graph = batch['build-graph'] ?? [];
    for (const [index, { identifier, 'depend-on': dependencies }] of graph.entries()) {
      for (const [at, dependency] of dependencies.entries()) {
        if (graph.some((other) => other.identifier === dependency)) continue;
        issue(['build-graph', index, 'depend-on', at], `no build is named '${dependency}'`);
      }
      if (!reaches(identifier, identifier, graph)) continue;
      issue(['build-graph', index, 'depend-on'], `'${identifier}' would wait for itself`);
    }
  });

export type BatchSpec = z.output<typeof batchSchema>;
type GraphTask = z.output<typeof graphTask>;

/** Whether a build waits for another, by whatever way. */
function reaches(from: string, to: string, graph: readonly GraphTask[]): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const next of graph.find(({ identifier }) => identifier === name)?.['depend-on'] ?? []) {
      if (next === to) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return false;
}
