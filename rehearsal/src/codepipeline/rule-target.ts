import { z } from 'zod';
import type { Authorizer, Caller } from '../iam/authorizer';
import type { DeliveryRefusal } from '../undelivered-message';
import type { Pipeline } from './pipeline';
import type { StartRequest } from './start-request';

/** What an input transformer may ask for. https://docs.aws.amazon.com/codepipeline/latest/userguide/triggering.html */
const revision = z.object({
  actionName: z.string(),
  revisionType: z.enum(['COMMIT_ID', 'IMAGE_DIGEST', 'S3_OBJECT_VERSION_ID', 'S3_OBJECT_KEY']),
  revisionValue: z.string(),
});
const inputSchema = z.object({
  sourceRevisions: z
    .union([z.array(revision), revision.transform((single) => [single])])
    .default([]),
  variables: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
});

export interface RuleTargetDependencies {
  readonly pipelines: readonly Pipeline[];
  readonly authorizer: Authorizer;
  /** Called with each execution that starts */
  onStarted(finished: Promise<void>): void;
  /** Called with a sentence about what was asked for and is not played */
  onIgnored(sentence: string): void;
}

/** What EventBridge calls the pipeline with. */
export interface RuleInvocation {
  /** Of the pipeline */
  readonly arn: string;
  readonly input: string;
  /** The target's role */
  readonly caller: Caller;
  readonly ruleArn: string;
}

/**
 * A pipeline as the target of an EventBridge rule: it starts, when the target's role may start it.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/triggering.html
 *
 * @returns why it did not start; undefined when it did
 */
export function startByRule(
  { arn, input, caller, ruleArn }: RuleInvocation,
  deps: RuleTargetDependencies,
): DeliveryRefusal | undefined {
  const pipeline = deps.pipelines.find(({ definition }) => definition.arn === arn);
  if (pipeline === undefined) {
    return { code: 'NO_RESOURCE', reason: 'there is no such pipeline' };
  }
  const action = 'codepipeline:StartPipelineExecution';
  const decision = deps.authorizer.authorize({ caller, action, resource: arn });
  if (!decision.allowed) return { code: 'NO_PERMISSIONS', reason: decision.message };
  const isV2 = pipeline.definition.type === 'V2';
  const { request, ignored } = startRequest(ruleArn, isV2 ? input : '{}');
  if (ignored !== undefined) deps.onIgnored(ignored);
  deps.onStarted(pipeline.start(request).finished);
  return undefined;
}

/** Source overrides and variables are features of V2; the event itself is no input. */
function startRequest(
  ruleArn: string,
  input: string,
): { request: StartRequest; ignored: string | undefined } {
  const { sourceRevisions, variables } = inputSchema.safeParse(parsed(input)).data ?? {
    sourceRevisions: [],
    variables: [],
  };
  const byKey = sourceRevisions.find(({ revisionType }) => revisionType === 'S3_OBJECT_KEY');
  return {
    request: {
      triggerType: 'CloudWatchEvent',
      triggerDetail: ruleArn,
      sourceRevisions: sourceRevisions
        .filter((each) => each !== byKey)
        .map(({ actionName, revisionValue }) => ({ actionName, commit: revisionValue })),
      variables: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
    },
    ignored:
      byKey &&
      `the rule ${ruleArn} asks for the object key ${byKey.revisionValue}, which is not played: the configured one is released`,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
