import { z } from 'zod';
import { invalidParameter } from './repository';

const selection = z
  .strictObject({
    tagStatus: z.enum(['tagged', 'untagged', 'any']),
    tagPrefixList: z.array(z.string()).min(1).optional(),
    tagPatternList: z.array(z.string()).min(1).max(4).optional(),
    countType: z.enum([
      'imageCountMoreThan',
      'sinceImagePushed',
      'sinceImagePulled',
      'sinceImageTransitioned',
    ]),
    countUnit: z.literal('days').optional(),
    countNumber: z.int().positive(),
    storageClass: z.enum(['standard', 'archive']).optional(),
  })
  .refine(
    ({ tagStatus, tagPrefixList, tagPatternList }) =>
      (tagStatus === 'tagged') === (tagPrefixList !== undefined || tagPatternList !== undefined),
    'tagPrefixList or tagPatternList belongs to tagStatus tagged, which needs one of them',
  )
  .refine(
    ({ countType, countUnit }) => (countType !== 'imageCountMoreThan') === (countUnit === 'days'),
    "countUnit 'days' belongs to the since… count types, which need it",
  );

const policy = z
  .strictObject({
    rules: z
      .array(
        z.strictObject({
          rulePriority: z.int().positive(),
          description: z.string().max(256).optional(),
          selection,
          action: z.strictObject({
            type: z.enum(['expire', 'transition']),
            targetStorageClass: z.literal('archive').optional(),
          }),
        }),
      )
      .min(1)
      .max(50),
  })
  .refine(({ rules }) => {
    const priorities = rules.map(({ rulePriority }) => rulePriority);
    return new Set(priorities).size === priorities.length;
  }, 'rulePriority must be unique')
  .refine(({ rules }) => {
    const highest = Math.max(...rules.map(({ rulePriority }) => rulePriority));
    const any = rules.filter((rule) => rule.selection.tagStatus === 'any');
    return any.length <= 1 && any.every((rule) => rule.rulePriority === highest);
  }, "the rule with tagStatus 'any' must be the only one and have the highest rulePriority");

/**
 * Checks a policy text against the rules that ECR documents.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 *
 * @returns the text as ECR keeps it, without white space
 * @throws ServiceException `InvalidParameterException` naming the place and the problem
 */
export function checkLifecyclePolicy(text: string): string {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw invalidPolicy('the policy is not valid JSON');
  }
  const result = policy.safeParse(document);
  if (!result.success) {
    throw invalidPolicy(
      result.error.issues
        .map(({ path, message }) => `${path.map(String).join('.') || 'policy'}: ${message}`)
        .join('; '),
    );
  }
  return JSON.stringify(document);
}

function invalidPolicy(problem: string) {
  return invalidParameter('LifecyclePolicyText', `Lifecycle policy validation failure: ${problem}`);
}
