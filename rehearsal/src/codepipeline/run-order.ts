import type { ActionDefinition, StageDefinition } from './pipeline-definition';

/** The actions of a stage in the order they run: each group at the same time. */
export function runOrderGroups(stage: Pick<StageDefinition, 'actions'>): ActionDefinition[][] {
  const orders = [...new Set(stage.actions.map(({ runOrder }) => runOrder))].sort((a, b) => a - b);
  return orders.map((order) => stage.actions.filter(({ runOrder }) => runOrder === order));
}
