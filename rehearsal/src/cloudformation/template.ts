import { z } from 'zod';
import { RehearsalError } from '../errors';
import { cfnNumber } from './read-properties';

const ParameterSchema = z.looseObject({
  Type: z.string(),
  Default: z.union([z.string(), z.number()]).transform(String).optional(),
  AllowedValues: z.array(z.union([z.string(), z.number()]).transform(String)).optional(),
  AllowedPattern: z.string().optional(),
  MinLength: cfnNumber.optional(),
  MaxLength: cfnNumber.optional(),
  MinValue: cfnNumber.optional(),
  MaxValue: cfnNumber.optional(),
  Description: z.string().optional(),
  ConstraintDescription: z.string().optional(),
});

const ResourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  Condition: z.string().optional(),
  DependsOn: z.union([z.string().transform((id) => [id]), z.array(z.string())]).default([]),
  Metadata: z.record(z.string(), z.unknown()).default({}),
});

const OutputSchema = z.looseObject({
  Value: z.unknown(),
  Export: z.object({ Name: z.unknown() }).optional(),
  Condition: z.string().optional(),
});

const RuleSchema = z.looseObject({
  RuleCondition: z.unknown().optional(),
  Assertions: z.array(
    z.looseObject({ Assert: z.unknown(), AssertDescription: z.string().optional() }),
  ),
});

/** The sections that decide what a stack deploys. */
const TemplateSchema = z.looseObject({
  Transform: z.union([z.string().transform((name) => [name]), z.array(z.unknown())]).default([]),
  Parameters: z.record(z.string(), ParameterSchema).default({}),
  Mappings: z
    .record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown())))
    .default({}),
  Rules: z.record(z.string(), RuleSchema).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), ResourceSchema).default({}),
  Outputs: z.record(z.string(), OutputSchema).default({}),
});

export type Template = z.output<typeof TemplateSchema>;
export type TemplateParameter = z.output<typeof ParameterSchema>;
export type TemplateResource = z.output<typeof ResourceSchema>;

/**
 * A parsed template, checked.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
 *
 * @param file where it was read from, for the error
 * @throws RehearsalError `TemplateInvalid`, or `TransformUnsupported` for a macro that rewrites the template
 */
export function readTemplate(json: unknown, file: string): Template {
  const result = TemplateSchema.safeParse(json);
  if (!result.success) {
    const problems = result.error.issues.map(
      (issue) => `  ${issue.path.map(String).join('.') || '(template)'}: ${issue.message}`,
    );
    throw new RehearsalError(
      'TemplateInvalid',
      [`${file} is not a CloudFormation template:`, ...problems].join('\n'),
    );
  }
  // AWS::LanguageExtensions only adds intrinsic functions; any other transform rewrites the template.
  const transform = result.data.Transform.find((name) => name !== 'AWS::LanguageExtensions');
  if (transform !== undefined) {
    throw new RehearsalError(
      'TransformUnsupported',
      `${file} asks for the transform ${JSON.stringify(transform)}, which CloudFormation runs on its own servers and the rehearsal cannot. Only AWS::LanguageExtensions is understood; define these resources without the transform.`,
    );
  }
  return result.data;
}
