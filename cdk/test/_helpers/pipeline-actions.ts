import type { Properties } from './synth';

export interface Action extends Properties {
  Name: string;
  RunOrder: number;
  RoleArn: { 'Fn::GetAtt': [logicalId: string, attribute: string] };
}
export interface Stage {
  Name: string;
  Actions: Action[];
}
/** Stages of a pipeline's properties. */
export const stagesOf = (of: Properties): Stage[] => of['Stages'] as Stage[];
/** Actions of all stages by name. */
export const actionsByName = (of: Properties): Record<string, Action> =>
  Object.fromEntries(
    stagesOf(of)
      .flatMap((stage) => stage.Actions)
      .map((action) => [action.Name, action]),
  );
