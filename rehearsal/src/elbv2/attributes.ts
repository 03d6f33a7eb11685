import { z } from 'zod';
import { cfnString } from '../cloudformation/read-properties';

/** Attributes of a load balancer or target group: what was set, and the played ones as values. */
export interface Attributes<Values> {
  readonly values: Values;
  /** Every attribute that the template sets, as text */
  readonly given: ReadonlyMap<string, string>;
}

/** A whole number in an inclusive range, written as text in templates. */
export function wholeNumber(minimum: number, maximum: number) {
  return z
    .string()
    .refine((text) => /^\d+$/.test(text) && Number(text) >= minimum && Number(text) <= maximum, {
      message: `expected a whole number from ${minimum} to ${maximum}`,
    })
    .transform(Number);
}

/** `true` or `false`, written as text in templates. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/**
 * A template's list of `{ Key, Value }`, with the attributes of `schemas` read. A schema that has
 * no default makes its attribute required.
 */
export function attributes<Schemas extends Record<string, z.ZodType>>(schemas: Schemas) {
  return z
    .array(z.object({ Key: z.string(), Value: cfnString }))
    .default([])
    .transform((list, context) => {
      const values: Record<string, unknown> = {};
      for (const [key, schema] of Object.entries(schemas)) {
        const index = list.findIndex((attribute) => attribute.Key === key);
        const result = schema.safeParse(list[index]?.Value);
        if (result.success) values[key] = result.data;
        for (const issue of result.error?.issues ?? []) {
          const path = [index, 'Value'];
          context.addIssue({ code: 'custom', path, message: `${key}: ${issue.message}` });
        }
      }
      return {
        values: values as { [Key in keyof Schemas]: z.output<Schemas[Key]> },
        given: new Map(list.map(({ Key, Value }) => [Key, Value])),
      };
    });
}

/**
 * Attributes that the template sets and the engine does not play, except those that are harmless
 * here: at AWS's default (`unplayed` tells it), or matched by `withoutEffect`.
 */
export function unplayedAttributes(
  given: ReadonlyMap<string, string>,
  played: readonly string[],
  unplayedDefaults: Readonly<Record<string, string>>,
  withoutEffect: RegExp,
): string[] {
  return [...given]
    .filter(([key, value]) => !played.includes(key) && unplayedDefaults[key] !== value)
    .map(([key]) => key)
    .filter((key) => !withoutEffect.test(key));
}
