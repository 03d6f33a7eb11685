import type { TaskInterface } from '../ec2/reachability-questions';
import { sessionArn } from '../iam/access-control';
import type { AccessDecision, AccessRequest, Authorizer } from '../iam/authorizer';
import type { EcsDependencies } from './ecs-dependencies';

/** The endpoint that an action goes through, as VPC endpoints call it. */
const SERVICES: readonly (readonly [RegExp, string])[] = [
  [/^ecr:GetAuthorizationToken$/, 'ecr.api'],
  // Docker pulls by the registry's own API, which checks these actions.
  [/^ecr:/, 'ecr.dkr'],
  [/^logs:/, 'logs'],
  [/^secretsmanager:/, 'secretsmanager'],
  [/^ssm:/, 'ssm'],
];

/** What a role's policies allow, as far as the endpoints that its calls leave by let them through. */
export class EndpointAuthorizer implements Authorizer {
  constructor(
    private readonly from: TaskInterface,
    private readonly deps: Pick<EcsDependencies, 'authorizer' | 'network'>,
  ) {}

  authorize(request: AccessRequest): AccessDecision {
    const decision = this.deps.authorizer.authorize(request);
    const { caller, action, resource } = request;
    const service = SERVICES.find(([pattern]) => pattern.test(action))?.[1];
    if (!decision.allowed || caller.kind !== 'role' || service === undefined) return decision;
    const why = this.deps.network?.denialByEndpoint(this.from, service, request);
    if (why === undefined) return decision;
    const user = sessionArn(caller.roleArn, caller.sessionName);
    return {
      allowed: false,
      message: `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
    };
  }
}
