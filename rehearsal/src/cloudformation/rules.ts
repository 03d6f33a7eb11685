import { RehearsalError } from '../errors';
import { conditionOf } from './conditions';
import type { EvaluationScope } from './evaluation';
import { evaluationAt } from './intrinsics';
import type { Template } from './template';

/**
 * The `Rules` section: what must be true of the parameters before anything is deployed.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
 *
 * @throws RehearsalError `RuleViolated` with the rule's own description
 */
export function checkRules(rules: Template['Rules'], scope: EvaluationScope): void {
  for (const [name, { RuleCondition, Assertions }] of Object.entries(rules)) {
    const at = evaluationAt(`Rules.${name}`, scope);
    if (RuleCondition !== undefined && !conditionOf(RuleCondition, at.at('RuleCondition'))) {
      continue;
    }
    for (const { Assert, AssertDescription } of Assertions) {
      if (conditionOf(Assert, at.at('Assertions'))) continue;
      throw new RehearsalError(
        'RuleViolated',
        `Stack '${scope.stack}': the parameters violate rule '${name}' of the template: ${AssertDescription ?? JSON.stringify(Assert)}. Give other values with --parameter NAME=value.`,
      );
    }
  }
}
