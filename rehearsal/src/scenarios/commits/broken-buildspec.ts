import { posix } from 'node:path';
import { type Document, isMap, isScalar, isSeq, parseDocument, type YAMLSeq } from 'yaml';
import type { FileChange } from './repository';

/** Phases with commands, in the order in which CodeBuild runs them. */
const PHASES = ['install', 'pre_build', 'build', 'post_build'] as const;
type Phase = (typeof PHASES)[number];

/** What a build that never ends writes before it begins to wait. */
export const HANGING = 'rehearsal: this build will not end by itself';

/**
 * The buildspec with commands before those of a phase.
 *
 * @param phase the first one that the buildspec has, when it has not this one
 */
export function withCommandsFirst(
  buildspec: string,
  phase: Phase,
  commands: readonly string[],
): string {
  const document = parseDocument(buildspec);
  const chosen =
    commandsOf(document, phase) ?? PHASES.map((name) => commandsOf(document, name)).find(Boolean);
  chosen?.items.unshift(...commands.map((command) => document.createNode(command)));
  return text(document);
}

/** The buildspec with a first command that hangs, as a test does that waits for something. */
export function hanging(buildspec: string): string {
  return withCommandsFirst(buildspec, 'install', [`echo '${HANGING}'`, 'sleep 86400']);
}

/** Tests, and programs whose name says that they check something or write a bill of materials. */
const TESTS =
  /^\s*(?:(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:test|t|lint|typecheck)|npx\s+(?:jest|vitest|eslint)|npx\s+tsx\s+\S*\b(?:check|audit|sbom)|pytest|python3?\s+-m\s+(?:pytest|unittest))\b/;
const INSTALLS = /^\s*(?:(?:npm|pnpm|yarn|bun)\s+(?:ci|install|i)|pip3?\s+install|corepack\s)/;
/** Programs that need what was installed. */
const USES_PACKAGES = /\b(?:npm|npx|pnpm|yarn|bun|node|python3?|pip3?)\b/;

/**
 * The buildspec without its tests, and without what it installs when nothing else there needs it: a
 * scenario about what comes after the build does not have to pay for them.
 *
 * @param kept checks that are what the scenario is about
 */
export function withoutTests(buildspec: string, kept?: RegExp): string {
  const document = parseDocument(buildspec);
  const lists = PHASES.map((phase) => commandsOf(document, phase)).filter(
    (list) => list !== undefined,
  );
  const isKept = (command: string) => kept?.test(command) === true;
  const remove = (pattern: RegExp) => {
    for (const list of lists) {
      list.items = list.items.filter((item) => {
        const command = commandOf(item);
        return isKept(command) || !pattern.test(command);
      });
    }
  };
  remove(TESTS);
  const others = lists
    .flatMap(({ items }) => items.map(commandOf))
    .filter((command) => !INSTALLS.test(command));
  if (!others.some((command) => USES_PACKAGES.test(command))) remove(INSTALLS);
  for (const phase of PHASES) {
    // A phase without commands is none that CodeBuild takes.
    if (commandsOf(document, phase)?.items.length === 0) {
      document.setIn(['phases', phase, 'commands'], document.createNode(['true']));
    }
  }
  return text(document);
}

/** A buildspec that makes nothing but the image definitions file, with the same artifacts. */
export function onlyImageDefinitions(buildspec: string, fileName: string, content: string): string {
  const document = parseDocument(buildspec);
  const path = artifactPath(document, fileName);
  const commands = [
    `mkdir -p '${posix.dirname(path)}'`,
    `printf '%s' '${content.replaceAll("'", `'\\''`)}' > '${path}'`,
  ];
  for (const key of ['env', 'cache', 'reports', 'batch', 'proxy']) document.delete(key);
  document.set('phases', document.createNode({ build: { commands } }));
  return text(document);
}

/** Three ways to break a buildspec, by what is wrong with it. */
export function brokenBuildspecs(
  path: string,
  buildspec: string,
): readonly { readonly problem: string; readonly file: FileChange }[] {
  const withPhase = parseDocument(buildspec);
  withPhase.setIn(['phases', 'rehearse'], withPhase.createNode({ commands: ['true'] }));
  return [
    { problem: 'no buildspec', file: { path, content: undefined } },
    { problem: 'a buildspec that is no YAML', file: { path, content: `${buildspec}\n  : [\n` } },
    { problem: 'a buildspec with an unknown phase', file: { path, content: text(withPhase) } },
  ];
}

function commandsOf(document: Document, phase: Phase): YAMLSeq | undefined {
  const commands = document.getIn(['phases', phase, 'commands'], true);
  return isSeq(commands) ? commands : undefined;
}

function commandOf(item: unknown): string {
  return isScalar(item) ? String(item.value) : '';
}

/** Where the build has to put the file, so that the artifacts section finds it. */
function artifactPath(document: Document, fileName: string): string {
  const artifacts = document.get('artifacts', true);
  const listed = isMap(artifacts) ? (artifacts.toJS(document) as ArtifactsSection) : {};
  const named = (listed.files ?? []).find((file) => posix.basename(file) === fileName);
  return posix.join(listed['base-directory'] ?? '.', named ?? fileName);
}

interface ArtifactsSection {
  readonly files?: readonly string[];
  readonly 'base-directory'?: string;
}

function text(document: Document): string {
  return document.toString({ lineWidth: 0 });
}
