import type { ActionResult } from './actions/action';
import type { ActionDefinition, Condition } from './pipeline-definition';

export interface EngagedCondition {
  readonly result: Condition['result'];
  /** Which rule did not hold, with its values */
  readonly reason: string;
}

/**
 * The first condition that fails, because one of its rules does: its result engages.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html
 * https://aws.amazon.com/about-aws/whats-new/2024/08/aws-codepipeline-stage-level-conditions-pipeline-gates/
 *
 * @param run plays a rule
 */
export async function engagedCondition(
  conditions: readonly Condition[],
  run: (rule: ActionDefinition) => Promise<ActionResult>,
): Promise<EngagedCondition | undefined> {
  for (const { result, rules } of conditions) {
    for (const rule of rules) {
      const checked = await run(rule);
      if (checked.status === 'Succeeded') continue;
      return { result, reason: `rule ${rule.name}: ${checked.summary}` };
    }
  }
  return undefined;
}
