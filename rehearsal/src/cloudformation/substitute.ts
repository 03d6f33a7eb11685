import type { Evaluation } from './evaluation';

/**
 * Fn::Sub: `${Name}` is a variable, parameter or resource, `${Resource.Attribute}` an attribute,
 * `${!Literal}` the text `${Literal}`.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html
 */
export function substitute(
  text: string,
  variables: Readonly<Record<string, unknown>>,
  at: Evaluation,
): string {
  // Each once: variables within variables would otherwise multiply the work without end.
  const known = new Map<string, string>();
  const variable = (name: string) => {
    const value = known.get(name) ?? at.at(name).text(variables[name]);
    known.set(name, value);
    return value;
  };
  // Texts and placeholders in turn
  const parts = text.split(/\$\{([^{}]*)\}/).map((part, index) => {
    if (index % 2 === 0) return part;
    if (part.startsWith('!')) return `\${${part.slice(1)}}`;
    const name = part.trim();
    if (Object.hasOwn(variables, name)) return variable(name);
    return at.text(name.includes('.') ? { 'Fn::GetAtt': name } : { Ref: name });
  });
  return at.joined(parts);
}
