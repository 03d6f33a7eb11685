import { z } from 'zod';

/** Every scalar arrives as text; a key without a value (`commands:`) as empty text. */
export const emptyAs = <Schema extends z.ZodType>(schema: Schema, empty: unknown) =>
  z.preprocess((value) => (value === '' ? empty : value), schema);

export const text = z.string();
/** CodeBuild takes a single text for a list of one, as `files: imagedefinitions.json` is often written. */
const texts = z.preprocess(
  (value) => (typeof value === 'string' && value !== '' ? [value] : value),
  z.array(text),
);
export const list = emptyAs(texts, []);
export const mapping = emptyAs(z.record(text, text), {});
export const flag = z
  .enum(['yes', 'no', 'true', 'false'], { error: 'expected yes or no' })
  .transform((value) => value === 'yes' || value === 'true');

const env = z.strictObject({
  shell: z
    .enum(['bash', '/bin/sh', 'powershell.exe', 'cmd.exe'], {
      error: 'expected bash, /bin/sh, powershell.exe or cmd.exe',
    })
    .optional(),
  variables: mapping.default({}),
  'parameter-store': mapping.default({}),
  'secrets-manager': mapping.default({}),
  'exported-variables': list.default([]),
  'git-credential-helper': flag.default(false),
});

const phase = z.strictObject({
  'run-as': text.optional(),
  'on-failure': text
    .regex(/^(ABORT|CONTINUE|RETRY(-.+)?)$/, 'expected ABORT, CONTINUE or RETRY')
    .optional(),
  commands: list.default([]),
  finally: list.default([]),
});

const phases = z.strictObject({
  install: phase.extend({ 'runtime-versions': mapping.default({}) }).exactOptional(),
  pre_build: phase.exactOptional(),
  build: phase.exactOptional(),
  post_build: phase.exactOptional(),
});

const artifacts = z.strictObject({
  files: texts,
  name: text.optional(),
  'discard-paths': flag.default(false),
  'base-directory': text.optional(),
  'exclude-paths': list.default([]),
  'enable-symlinks': flag.default(false),
  's3-prefix': text.optional(),
});

const report = z.strictObject({
  files: z.array(text),
  'base-directory': text.optional(),
  'discard-paths': flag.default(false),
  'file-format': z
    .enum(
      [
        'CLOVERXML',
        'COBERTURAXML',
        'CUCUMBERJSON',
        'JACOCOXML',
        'JUNITXML',
        'NUNIT3XML',
        'NUNITXML',
        'SIMPLECOV',
        'TESTNGXML',
        'VISUALSTUDIOTRX',
      ],
      { error: 'expected a report format such as JUNITXML' },
    )
    .default('JUNITXML'),
});

/**
 * A buildspec, versions 0.1 and 0.2: every key that CodeBuild knows, and no other. What is valid but
 * not played is refused by `parseBuildspec`.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
 */
export const buildspecSchema = z.strictObject({
  version: z.enum(['0.1', '0.2'], { error: 'expected 0.2, or 0.1 of old' }),
  // Version 0.1 only, where `env` is named so.
  environment_variables: z.strictObject({ plaintext: mapping.default({}) }).optional(),
  'run-as': text.optional(),
  env: emptyAs(env, {}).prefault({}),
  // No effect on what a build does: where its uploads and logs pass.
  proxy: z.strictObject({ 'upload-artifacts': flag, logs: flag }).partial().optional(),
  // Read when a batch is started (`parseBatchspec`); a single build does not look at it.
  batch: z.unknown().optional(),
  phases,
  reports: z
    .record(text, report)
    .refine((groups) => Object.keys(groups).length <= 5, 'at most 5 report groups are allowed')
    .default({}),
  artifacts: artifacts
    .partial({ files: true })
    .extend({ 'secondary-artifacts': z.record(text, artifacts).default({}) })
    .optional(),
  cache: z
    .strictObject({
      key: text.optional(),
      'fallback-keys': emptyAs(z.array(text).max(5, 'at most 5 keys are allowed'), []).default([]),
      action: z.enum(['restore', 'save'], { error: 'expected restore or save' }).optional(),
      paths: list.default([]),
    })
    .optional(),
});

export type Buildspec = z.output<typeof buildspecSchema>;
export type BuildspecPhaseName = keyof Buildspec['phases'];
export type BuildspecPhase = z.output<typeof phase>;
export type ReportSpec = z.output<typeof report>;
export type ArtifactsSpec = z.output<typeof artifacts>;
