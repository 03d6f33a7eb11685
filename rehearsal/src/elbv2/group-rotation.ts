import type { ListenerAction } from './listener-action';
import type { TargetGroup } from './target-group';
import { WeightedRotation } from './weighted-rotation';

/**
 * The target groups of an action, in turn by their weights.
 *
 * @param targetGroups by ARN
 */
export function groupRotation(
  action: ListenerAction,
  targetGroups: ReadonlyMap<string, TargetGroup>,
): WeightedRotation<TargetGroup> {
  return new WeightedRotation(
    (action.type === 'forward' ? action.targetGroups : []).flatMap(({ arn, weight }) => {
      const item = targetGroups.get(arn);
      return item === undefined ? [] : [{ item, weight }];
    }),
  );
}
