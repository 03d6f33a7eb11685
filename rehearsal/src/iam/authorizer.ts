/** Who makes a call. */
export type Caller =
  /** An action, build or task, as the role that the template gives it */
  | { readonly kind: 'role'; readonly roleArn: string; readonly sessionName: string }
  /** An AWS service by itself, e.g. `events.amazonaws.com` on behalf of a rule */
  | { readonly kind: 'service'; readonly service: string; readonly sourceArn?: string }
  /** The person who runs deploy.sh and cdk deploy: an administrator of the account */
  | { readonly kind: 'operator' };

export interface AccessRequest {
  readonly caller: Caller;
  /** e.g. `ecr:PutImage` */
  readonly action: string;
  /** ARN, or `*` for actions that have no resource */
  readonly resource: string;
  /** Condition keys of the request, e.g. `iam:PassedToService`; undefined: AWS does not send it */
  readonly context?: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export type AccessDecision =
  | { readonly allowed: true }
  /** `message` in AWS's words: `User: … is not authorized to perform: … on resource: … because …` */
  | { readonly allowed: false; readonly message: string };

/** Answers whether the synthesized policies let a caller make a call. */
export interface Authorizer {
  authorize(request: AccessRequest): AccessDecision;
}
