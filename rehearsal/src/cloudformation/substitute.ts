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
  return text.replace(/\$\{([^{}]*)\}/g, (_, placeholder: string) => {
    if (placeholder.startsWith('!')) return `\${${placeholder.slice(1)}}`;
    const name = placeholder.trim();
    if (Object.hasOwn(variables, name)) return at.at(name).text(variables[name]);
    return at.text(name.includes('.') ? { 'Fn::GetAtt': name } : { Ref: name });
  });
}
