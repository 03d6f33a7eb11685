import { z } from 'zod';
import { RehearsalError } from '../errors';
import type { DeployedResource } from './deployed-resource';

/** CloudFormation takes `"true"` for a boolean and `"30"` for a number, and templates use both. */
export const cfnBoolean = z.union([
  z.boolean(),
  z.enum(['true', 'false']).transform((text) => text === 'true'),
]);
export const cfnNumber = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/, 'expected a number')
    .transform(Number),
]);
export const cfnString = z.union([
  z.string(),
  z.number().transform(String),
  z.boolean().transform(String),
]);

/**
 * A resource's properties as a typed definition.
 *
 * @throws RehearsalError `PropertyInvalid` naming stack, logical id, property and value
 */
export function readProperties<Schema extends z.ZodType>(
  resource: DeployedResource,
  schema: Schema,
): z.output<Schema> {
  const result = schema.safeParse(resource.properties);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const path = issue.path.map(String).join('.');
    const value = issue.path.reduce<unknown>(
      (parent, key) => (parent as Record<PropertyKey, unknown> | undefined)?.[key],
      resource.properties,
    );
    return `  ${path || '(properties)'}: ${issue.message}, got ${JSON.stringify(value)}`;
  });
  throw new RehearsalError(
    'PropertyInvalid',
    [
      `${resource.type} '${resource.logicalId}' in stack '${resource.stack}' cannot be read:`,
      ...problems,
      'Correct the CDK app (or the template) and synthesize it again.',
    ].join('\n'),
  );
}
