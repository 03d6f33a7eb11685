import { z } from 'zod';
import type { BuildVariable } from './project-definition';

/** What a call of StartBuild changes for one build. */
export interface StartBuildInput {
  /** Branch, tag or commit */
  readonly sourceVersion: string | undefined;
  readonly buildspec: string | undefined;
  readonly timeoutMinutes: number | undefined;
  readonly variables: readonly BuildVariable[];
  /** Names of overrides that are not played */
  readonly unplayed: readonly string[];
}

const schema = z.looseObject({
  sourceVersion: z.string().optional(),
  buildspecOverride: z.string().optional(),
  timeoutInMinutesOverride: z.number().min(5).max(2160).optional(),
  environmentVariablesOverride: z
    .array(
      z.object({
        name: z.string().min(1),
        value: z.string(),
        type: z.enum(['PLAINTEXT', 'PARAMETER_STORE', 'SECRETS_MANAGER']).default('PLAINTEXT'),
      }),
    )
    .default([]),
});

/** What makes no difference on this machine, where no build waits and sources are whole. */
const WITHOUT_EFFECT: readonly string[] = [
  'autoRetryLimitOverride',
  'gitCloneDepthOverride',
  'insecureSslOverride',
  'queuedTimeoutInMinutesOverride',
  'reportBuildStatusOverride',
];

/**
 * The parameters in the text that a rule calls a project with. Other keys mean nothing to CodeBuild,
 * so that an event as it came to the bus starts a build without overrides.
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html
 *
 * @returns what is wrong with them where CodeBuild would not take them
 */
export function readStartBuildInput(
  text: string,
):
  | StartBuildInput
  | { readonly code: 'INVALID_JSON' | 'INVALID_PARAMETER'; readonly reason: string } {
  const json = parsed(text);
  if (typeof json !== 'object' || json === null) {
    return {
      code: 'INVALID_JSON',
      reason: `a build takes a JSON object as its input, got ${text}`,
    };
  }
  const { data, error } = schema.safeParse(json);
  if (error !== undefined) {
    const [issue] = error.issues;
    const reason = `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}`;
    return { code: 'INVALID_PARAMETER', reason };
  }
  const played = [...Object.keys(schema.shape), ...WITHOUT_EFFECT];
  return {
    sourceVersion: data.sourceVersion,
    buildspec: data.buildspecOverride,
    timeoutMinutes: data.timeoutInMinutesOverride,
    variables: data.environmentVariablesOverride,
    unplayed: Object.keys(json).filter((key) => /Override$/.test(key) && !played.includes(key)),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
