/** What a selector finds in a log event; undefined where there is nothing */
export type JsonSelector = (event: unknown) => unknown;

/** `$.detail.state`, `$.resources[0]`, `$.['detail-type']`; sticky, so that a scanner can use it */
export const SELECTOR = /\$(?:\.[\w-]+|\.?\['[^']*'\]|\[\d+\])+/y;

/** @param text as `SELECTOR` matches it */
export function jsonSelector(text: string): JsonSelector {
  const steps = [...text.matchAll(/\.([\w-]+)|\['([^']*)'\]|\[(\d+)\]/g)].map(
    ([, name, quoted, index]) => (index === undefined ? (name ?? quoted ?? '') : Number(index)),
  );
  return (event) =>
    steps.reduce<unknown>((value, step) => {
      if (typeof value !== 'object' || value === null) return undefined;
      if (Array.isArray(value) !== (typeof step === 'number')) return undefined;
      return Object.hasOwn(value, step)
        ? (value as Record<string | number, unknown>)[step]
        : undefined;
    }, event);
}

/** @returns undefined for text that is no JSON object */
export function jsonObject(message: string): unknown {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
