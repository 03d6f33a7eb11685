import { evaluate, type RequestPrincipal } from '../iam/policy-evaluation';
import { type PolicyDocument, readPolicyDocument } from '../iam/policy-document';
import type { RequestContext } from '../iam/condition-operators';
import type { VpcEndpoint } from './network-model';

/** A call to AWS that leaves a VPC by an endpoint. */
export interface EndpointCall {
  readonly principal: RequestPrincipal;
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}

/** An endpoint policy narrows what the caller's own policies allow, and grants nothing. */
const EVERYTHING: PolicyDocument = readPolicyDocument(
  { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
  'what the caller may do',
);

/**
 * Why the policy of an endpoint does not let a call through, in the words of AWS; undefined when it
 * does, as without a policy.
 * https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function endpointDenial(endpoint: VpcEndpoint, call: EndpointCall): string | undefined {
  const { policy, name, vpcId } = endpoint;
  if (policy === undefined) return undefined;
  const context = { 'aws:SourceVpc': vpcId, ...call.context };
  const verdict = evaluate(
    { ...call, context },
    { identity: [EVERYTHING], resource: [policy], resourcePolicyRequired: true },
  );
  if (verdict.effect === 'allow') return undefined;
  const because =
    verdict.effect === 'explicit-deny'
      ? 'with an explicit deny in a VPC endpoint policy'
      : `because no VPC endpoint policy allows the ${call.action} action`;
  return `${because} (PolicyDocument of VPC endpoint '${name}')`;
}
