import { DockerRefusal } from './docker-state';

/**
 * A `--format` template with its placeholders filled: `{{.Id}}`, `{{.Config.User}}`,
 * `{{json .Config}}` and `{{index .RepoDigests 0}}`, which is what scripts ask of an image.
 *
 * @throws DockerRefusal for anything else of Go's template language
 */
export function formatTemplate(template: string, document: unknown): string {
  if (template === 'json') return JSON.stringify(document);
  return template.replace(/\{\{\s*(.*?)\s*\}\}/g, (_whole, expression: string) => {
    const match = /^(json\s+|index\s+)?(\.[\w.]*)(?:\s+(\d+|"[^"]*"))?$/.exec(expression);
    const [, verb = '', path = '', key] = match ?? [];
    if (match === null || (key !== undefined) !== verb.startsWith('index')) {
      throw new DockerRefusal(
        `docker: the template '{{${expression}}}' is not played without Docker; known are {{.Field}}, {{json .Field}} and {{index .Field 0}}.`,
        125,
      );
    }
    const value = valueAt(document, [
      ...path.split('.').filter(Boolean),
      ...(key === undefined ? [] : [key.replace(/"/g, '')]),
    ]);
    return typeof value === 'string' && !verb.startsWith('json') ? value : JSON.stringify(value);
  });
}

function valueAt(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((parent, name) => {
    const value = (parent as Record<string, unknown> | null | undefined)?.[name];
    if (value !== undefined) return value;
    throw new DockerRefusal(`template parsing error: there is no '${name}' in '${path.join('.')}'`);
  }, document);
}
