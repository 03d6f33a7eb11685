import { RehearsalError } from '../errors';

/** Output variables of the actions that ran, by namespace. */
export type Variables = ReadonlyMap<string, Readonly<Record<string, string>>>;

const REFERENCE = /#\{([A-Za-z0-9_@-]+)\.([A-Za-z0-9_@-]+)\}/g;

/**
 * Replaces `#{namespace.Variable}` as CodePipeline does before an action starts.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html
 *
 * @throws RehearsalError `VariableUnknown` when no action that ran produced it; on AWS the action fails
 */
export function resolveVariables(text: string, variables: Variables): string {
  return text.replace(REFERENCE, (reference, namespace: string, name: string) => {
    const value = variables.get(namespace)?.[name];
    if (value === undefined) {
      throw new RehearsalError(
        'VariableUnknown',
        `the variable ${reference} could not be resolved; known: ${known(variables).join(', ') || 'none'}`,
      );
    }
    return value;
  });
}

function known(variables: Variables): string[] {
  return [...variables].flatMap(([namespace, values]) =>
    Object.keys(values).map((name) => `#{${namespace}.${name}}`),
  );
}
