import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { cfnNumber, readProperties } from '../cloudformation/read-properties';
import { actionsSchema, type ListenerAction, readAction } from './listener-action';
import { conditionsSchema, type ListenerCondition } from './rule-condition';
import { type RuleTransform, transformsSchema } from './rule-transform';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listenerrule.html */
export interface ListenerRuleDefinition {
  readonly listenerArn: string;
  /** The lowest comes first */
  readonly priority: number;
  /** All must hold; each holds when one of its values matches */
  readonly conditions: readonly ListenerCondition[];
  readonly transforms: readonly RuleTransform[];
  readonly action: ListenerAction;
}

/** Properties of AWS::ElasticLoadBalancingV2::ListenerRule that the engine acts on. */
export const playedListenerRuleProperties = [
  'Actions',
  'Conditions',
  'ListenerArn',
  'Priority',
  'Transforms',
] as const;

const ruleSchema = z.object({
  ListenerArn: z.string(),
  Priority: cfnNumber,
  Actions: actionsSchema,
  Conditions: conditionsSchema,
  Transforms: transformsSchema,
});

/** @throws RehearsalError `PropertyInvalid`, also for what cannot be rehearsed */
export function readListenerRule(resource: DeployedResource): ListenerRuleDefinition {
  const { ListenerArn, Priority, Actions, Conditions, Transforms } = readProperties(
    resource,
    ruleSchema,
  );
  return {
    listenerArn: ListenerArn,
    priority: Priority,
    conditions: Conditions,
    transforms: Transforms,
    action: readAction(resource, Actions),
  };
}
