import { describeRemoval, type Removal } from './removals';

/** Why the templates grant something that no scenario needs. */
export interface Explanation {
  /** Matches lines as the script prints them */
  readonly permission: RegExp;
  readonly reason: string;
  /** Address of the page that says so */
  readonly source: string;
}

const CODEPIPELINE =
  'https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html';

export const explanations: readonly Explanation[] = [
  {
    permission: /, LookAtTheArtifactBucket: s3:GetBucket(Acl|Location|Versioning)$/,
    reason:
      'AWS lists it among the least that a service role needs and does not say which of its calls does, so a rehearsal makes none',
    source: CODEPIPELINE,
  },
  {
    permission: /, Read(AndWrite)?Artifacts: s3:GetObjectVersion$/,
    reason: 'read instead of s3:GetObject where the bucket keeps versions; AWS lists both',
    source: CODEPIPELINE,
  },
  {
    permission: /^PipelineRole.*, ReadAndWriteArtifacts: s3:GetObject$/,
    reason:
      'here only actions read artifacts, each as its own role; AWS lists it for the pipeline too',
    source: CODEPIPELINE,
  },
  {
    permission: /^PipelineRole.*: (sts:AssumeRole|role\/.*Role.*)$/,
    reason:
      'allows nothing that the trust policies of these roles do not: they name the pipeline’s role, which is enough within one account',
    source:
      'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html',
  },
  {
    permission: /^ApiTaskDefExecutionRole.*: ecr:BatchCheckLayerAvailability$/,
    reason:
      'part of the policy that AWS keeps for execution roles; whether Fargate’s pull makes the call is not published',
    source:
      'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html',
  },
  {
    permission: /Key.*, statement \d+: kms:\*$/,
    reason:
      'lets the administrators of the account manage the key; without it nobody could, not even delete it',
    source: 'https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html',
  },
  {
    permission: /^RecordReleaseRole.*, WriteTheLog: logs:(CreateLogGroup|GetLogEvents)$/,
    reason:
      'the log group is there already; the CDK’s own Commands action grants the same four actions',
    source:
      'https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html',
  },
];

export function explanationOf(removal: Removal): Explanation | undefined {
  return explanations.find(({ permission }) => permission.test(describeRemoval(removal)));
}

/** Explanations that explain nothing any more. */
export function unusedExplanations(removals: readonly Removal[]): readonly Explanation[] {
  const lines = removals.map(describeRemoval);
  return explanations.filter(({ permission }) => !lines.some((line) => permission.test(line)));
}
