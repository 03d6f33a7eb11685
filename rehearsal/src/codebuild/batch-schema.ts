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
      const named = new Set<string>();
      for (const [index, { identifier }] of (batch[type] ?? []).entries()) {
        if (identifier === undefined) continue;
        if (named.has(identifier)) {
          issue([type, index, 'identifier'], `two builds are named '${identifier}'`);
        }
        named.add(identifier);
      }
    }
    const graph = batch['build-graph'] ?? [];
    const named = new Set(graph.map(({ identifier }) => identifier));
    for (const [index, { 'depend-on': dependencies }] of graph.entries()) {
      const at = dependencies.findIndex((dependency) => !named.has(dependency));
      if (at === -1) continue;
      const missing = `no build is named '${dependencies[at] ?? ''}'`;
      return issue(['build-graph', index, 'depend-on', at], missing);
    }
    const [stuck, ...others] = buildsInCircles(graph);
    if (stuck === undefined) return;
    const more = others.length === 0 ? '' : `, and so would ${others.length} more`;
    issue(
      ['build-graph', graph.indexOf(stuck), 'depend-on'],
      `'${stuck.identifier}' would wait for itself, or for builds that do${more}`,
    );
  });

export type BatchSpec = z.output<typeof batchSchema>;
type GraphTask = z.output<typeof graphTask>;

/** Builds that wait for themselves, by whatever way, or for builds that do. */
function buildsInCircles(graph: readonly GraphTask[]): GraphTask[] {
  const followers = new Map<string, GraphTask[]>(graph.map(({ identifier }) => [identifier, []]));
  const waitsFor = new Map<GraphTask, number>();
  for (const task of graph) {
    waitsFor.set(task, task['depend-on'].length);
    for (const dependency of task['depend-on']) followers.get(dependency)?.push(task);
  }
  const ready = graph.filter((task) => waitsFor.get(task) === 0);
  for (let task = ready.pop(); task !== undefined; task = ready.pop()) {
    waitsFor.delete(task);
    for (const follower of followers.get(task.identifier) ?? []) {
      const left = (waitsFor.get(follower) ?? 0) - 1;
      waitsFor.set(follower, left);
      if (left === 0) ready.push(follower);
    }
  }
  return [...waitsFor.keys()];
}
