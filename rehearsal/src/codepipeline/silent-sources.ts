import { type RuleDefinition } from '../eventbridge/rule-definition';
import type { ActionDefinition, PipelineDefinition } from './pipeline-definition';
import { polledSources } from './source-polling';
import type { WebhookDefinition } from './webhook-definition';

/** What of the templates can start pipelines. */
export interface PipelineStarters {
  readonly rules: readonly Pick<
    RuleDefinition,
    'logicalId' | 'stack' | 'pattern' | 'enabled' | 'targets'
  >[];
  readonly webhooks: readonly Pick<WebhookDefinition, 'targetPipeline' | 'targetAction'>[];
}

/** Event that a rule has to wait for, by provider of the source. */
const EVENTS: Readonly<Record<string, string>> = {
  CodeCommit: "'CodeCommit Repository State Change' of aws.codecommit",
  ECR: "'ECR Image Action' of aws.ecr",
  S3: "'Object Created' of aws.s3, or 'AWS API Call via CloudTrail' of a trail that records the bucket",
};

/**
 * Why a change of its sources does not start a pipeline: for each source action what the templates
 * lack, or have that may not fit.
 */
export function silentSources(
  pipeline: Pick<PipelineDefinition, 'name' | 'arn' | 'stages' | 'triggers'>,
  { rules, webhooks }: PipelineStarters,
): string[] {
  const polled = polledSources(pipeline);
  const own = rules.filter(({ targets }) => targets.some(({ arn }) => arn === pipeline.arn));
  return (pipeline.stages[0]?.actions ?? []).flatMap((action) => {
    if (action.category !== 'Source' || polled.includes(action)) return [];
    const what = `action '${action.name}' of pipeline '${pipeline.name}'`;
    const reason = ruleProblem(action, own) ?? gitProblem(action, pipeline, webhooks);
    return reason === undefined ? [] : [`${what} ${reason}`];
  });
}

function ruleProblem(
  { provider }: ActionDefinition,
  rules: PipelineStarters['rules'],
): string | undefined {
  const event = EVENTS[provider];
  if (event === undefined) return undefined;
  const [rule] = rules.filter(({ pattern }) => pattern !== undefined);
  if (rule === undefined) {
    const polling = provider === 'ECR' ? 'is never polled' : 'is not polled (PollForSourceChanges)';
    return `${polling}, and no AWS::Events::Rule has the pipeline as its target: add one for ${event}`;
  }
  const where = `the rule '${rule.logicalId}' in stack '${rule.stack}'`;
  return rule.enabled
    ? `waits for ${where}, whose pattern did not match, or whose target was refused: compare it with ${event}`
    : `waits for ${where}, which is DISABLED`;
}

function gitProblem(
  { name, provider, configuration }: ActionDefinition,
  pipeline: Pick<PipelineDefinition, 'name' | 'triggers'>,
  webhooks: PipelineStarters['webhooks'],
): string | undefined {
  if (provider === 'GitHub') {
    const has = webhooks.some(
      ({ targetPipeline, targetAction }) =>
        targetPipeline === pipeline.name && targetAction === name,
    );
    return has
      ? 'waits for its webhook, whose filters did not match'
      : 'is not polled (PollForSourceChanges), and no AWS::CodePipeline::Webhook is for it';
  }
  const detects = (configuration['DetectChanges'] ?? 'true').toLowerCase() === 'true';
  const triggered = pipeline.triggers.some(({ sourceAction }) => sourceAction === name);
  if (triggered) return 'waits for its trigger, whose filters did not match';
  return detects ? undefined : 'does not detect changes (DetectChanges), and has no trigger';
}
