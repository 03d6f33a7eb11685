import { z } from 'zod';
import { RehearsalError } from '../errors';

const oneOrMore = z.union([z.string().transform((text) => [text]), z.array(z.string())]);

/** Condition values may be booleans and numbers in JSON; IAM compares them as texts. */
const conditionValue = z.union([
  z.string(),
  z.number().transform(String),
  z.boolean().transform(String),
]);
const conditionValues = z.union([
  conditionValue.transform((value) => [value]),
  z.array(conditionValue),
]);

interface PrincipalElement {
  readonly AWS?: readonly string[] | undefined;
  readonly Service?: readonly string[] | undefined;
}

const PrincipalSchema = z.union([
  z.literal('*').transform((): PrincipalElement => ({ AWS: ['*'] })),
  z.strictObject({
    AWS: oneOrMore.optional(),
    Service: oneOrMore.optional(),
    Federated: oneOrMore.optional(),
    CanonicalUser: oneOrMore.optional(),
  }),
]);

const StatementSchema = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(['Allow', 'Deny']),
    Action: oneOrMore.optional(),
    NotAction: oneOrMore.optional(),
    Resource: oneOrMore.optional(),
    NotResource: oneOrMore.optional(),
    Principal: PrincipalSchema.optional(),
    NotPrincipal: PrincipalSchema.optional(),
    Condition: z.record(z.string(), z.record(z.string(), conditionValues)).default({}),
  })
  .refine(({ Action, NotAction }) => (Action === undefined) !== (NotAction === undefined), {
    message: 'expected either Action or NotAction',
  })
  .refine(({ Resource, NotResource }) => Resource === undefined || NotResource === undefined, {
    message: 'expected either Resource or NotResource, not both',
  });

const PolicyDocumentSchema = z.object({
  Version: z.enum(['2012-10-17', '2008-10-17']).default('2008-10-17'),
  Statement: z.union([
    z.array(StatementSchema),
    StatementSchema.transform((statement) => [statement]),
  ]),
});

export type PolicyPrincipal = z.output<typeof PrincipalSchema>;

/** Where a policy stands in the templates. */
export interface PolicyPlace {
  readonly stack: string;
  readonly logicalId: string;
  /** Of the document, below the resource's Properties, e.g. `Policies`, `0`, `PolicyDocument` */
  readonly path: readonly string[];
}

export type PolicyStatement = z.output<typeof StatementSchema> & {
  /** Position in its policy, from 0 */
  readonly index: number;
  readonly policy: {
    /** For people, e.g. `AWS::IAM::Policy 'BuildPolicy' in stack 'Cicd'` */
    readonly where: string;
    /** Undefined for a policy that AWS wrote */
    readonly place: PolicyPlace | undefined;
    /** 2008-10-17 knows no policy variables */
    readonly version: z.output<typeof PolicyDocumentSchema>['Version'];
  };
};

export interface PolicyDocument {
  readonly Statement: readonly PolicyStatement[];
}

/**
 * A policy, checked.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 *
 * @param where it stands, for errors and the report, e.g. `AWS::IAM::Policy 'BuildPolicy' in stack 'Cicd'`
 * @throws RehearsalError `PolicyInvalid`; an element that is not understood is refused, never skipped
 */
export function readPolicyDocument(
  json: unknown,
  where: string,
  place?: PolicyPlace,
): PolicyDocument {
  const result = PolicyDocumentSchema.safeParse(json);
  if (!result.success) {
    throw new RehearsalError(
      'PolicyInvalid',
      `The policy document of ${where} cannot be read: ${z.prettifyError(result.error)}\nIt is ${JSON.stringify(json)}.`,
    );
  }
  const { Version: version, Statement } = result.data;
  const policy = { where, place, version };
  return { Statement: Statement.map((statement, index) => ({ ...statement, index, policy })) };
}

/** For people: `statement 2 ('WriteTheLog') of AWS::IAM::Policy 'BuildPolicy' in stack 'Cicd'`. */
export function describeStatement({ Sid, index, policy }: PolicyStatement): string {
  return `statement ${index + 1}${Sid === undefined ? '' : ` ('${Sid}')`} of ${policy.where}`;
}
