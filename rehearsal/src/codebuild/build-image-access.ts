import type { Authorizer, Caller } from '../iam/authorizer';
import type { BuildProject } from './project-definition';

/** What a pull takes, on the repository itself. */
const PULL = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

/**
 * Whether CodeBuild may pull the build image of a repository in ECR: with the credentials of the
 * project's role (SERVICE_ROLE), which then needs the permissions, or with its own (CODEBUILD), which
 * the repository's policy must let in. The images that CodeBuild keeps itself need neither.
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html
 * https://docs.aws.amazon.com/codebuild/latest/userguide/sample-ecr.html
 *
 * @returns the first refusal, in the words of IAM
 */
export function deniedImagePull(
  { arn, environment }: Pick<BuildProject, 'arn' | 'environment'>,
  role: Caller,
  authorizer: Authorizer,
): string | undefined {
  const [, account, region, repository] =
    /^(\d{12})\.dkr\.ecr\.([^.]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/.exec(environment.image) ?? [];
  if (account === undefined || region === undefined || repository === undefined) return undefined;
  const usesRole = environment.imagePullCredentials === 'SERVICE_ROLE';
  const caller: Caller = usesRole
    ? role
    : { kind: 'service', service: 'codebuild.amazonaws.com', sourceArn: arn };
  const resource = `arn:aws:ecr:${region}:${account}:repository/${repository}`;
  const calls = [
    ...(usesRole ? [{ action: 'ecr:GetAuthorizationToken', resource: '*' }] : []),
    ...PULL.map((action) => ({ action, resource })),
  ];
  for (const call of calls) {
    const decision = authorizer.authorize({ caller, ...call });
    if (!decision.allowed) return decision.message;
  }
  return undefined;
}
