import { Annotations, type Stack } from 'aws-cdk-lib/core';

/** The words that the guide tells its reader to replace. */
export const PLACEHOLDERS = {
  githubOwner: 'your-github-username',
  githubRepo: 'your-repo-name',
  notificationEmail: 'your-email@example.com',
} as const;

/**
 * A pipeline with a placeholder can be looked at and rehearsed, but GitHub would refuse its webhook
 * minutes into the deploy. So this is a warning, which `cdk synth` shows, and the deploy script
 * runs `cdk deploy --strict`, which refuses stacks that have one before it contacts AWS.
 */
export function warnAboutPlaceholders(
  stack: Stack,
  values: { readonly [name in keyof typeof PLACEHOLDERS]?: string | undefined },
): void {
  for (const name of Object.keys(PLACEHOLDERS) as (keyof typeof PLACEHOLDERS)[]) {
    if (values[name] !== PLACEHOLDERS[name]) continue;
    Annotations.of(stack).addWarningV2(
      `placeholder:${name}`,
      `'${name}' is still the placeholder '${PLACEHOLDERS[name]}', so this stack can be synthesized but not deployed. Set it in cdk/bin/cdk.ts or with -c ${name}=VALUE.`,
    );
  }
}
