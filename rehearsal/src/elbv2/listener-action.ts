import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { cfnBoolean, cfnNumber, cfnString } from '../cloudformation/read-properties';
import { RehearsalError } from '../errors';

/** What a listener does with a request. */
export type ListenerAction = ForwardAction | AnswerAction;

export interface ForwardAction {
  readonly type: 'forward';
  readonly targetGroups: readonly { readonly arn: string; readonly weight: number }[];
  /** How long a client stays with its target group; undefined where it does not */
  readonly stickySeconds: number | undefined;
}

/** What the load balancer answers itself. */
export type AnswerAction =
  | {
      readonly type: 'redirect';
      readonly statusCode: 301 | 302;
      readonly protocol: string;
      readonly host: string;
      readonly port: string;
      readonly path: string;
      readonly query: string;
    }
  | {
      readonly type: 'fixed-response';
      readonly statusCode: number;
      readonly contentType: string;
      readonly messageBody: string;
    };

const weightedGroup = z.object({
  TargetGroupArn: z.string(),
  Weight: cfnNumber.pipe(z.int().min(0).max(999)).default(1),
});

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupStickinessConfig.html */
const stickinessSchema = z
  .object({
    Enabled: cfnBoolean.default(false),
    DurationSeconds: cfnNumber.pipe(z.int().min(1).max(604_800)).optional(),
  })
  .refine(({ Enabled, DurationSeconds }) => !Enabled || DurationSeconds !== undefined, {
    path: ['DurationSeconds'],
    message: 'AWS wants from 1 to 604800 seconds where stickiness is enabled',
  });

const actionSchema = z.discriminatedUnion(
  'Type',
  [
    z.object({
      Type: z.literal('forward'),
      TargetGroupArn: z.string().optional(),
      ForwardConfig: z
        .object({
          TargetGroups: z.array(weightedGroup).min(1).max(5).optional(),
          TargetGroupStickinessConfig: stickinessSchema.optional(),
        })
        .optional(),
    }),
    z.object({
      Type: z.literal('redirect'),
      RedirectConfig: z.object({
        StatusCode: z.enum(['HTTP_301', 'HTTP_302']),
        Protocol: z.string().default('#{protocol}'),
        Host: z.string().default('#{host}'),
        Port: cfnString.default('#{port}'),
        Path: z.string().default('/#{path}'),
        Query: z.string().default('#{query}'),
      }),
    }),
    z.object({
      Type: z.literal('fixed-response'),
      FixedResponseConfig: z.object({
        StatusCode: cfnNumber,
        ContentType: z.string().default('text/plain'),
        MessageBody: z.string().default(''),
      }),
    }),
  ],
  'only the action types forward, redirect and fixed-response can be rehearsed',
);

/** The other actions (authenticate-…) come before the routing one, so each is refused by name. */
export const actionsSchema = z.array(actionSchema).length(1, 'expected one routing action');

/** The action of a list that `actionsSchema` has read. @throws RehearsalError `PropertyInvalid` */
export function readAction(
  resource: DeployedResource,
  [action]: z.output<typeof actionsSchema>,
): ListenerAction {
  if (action?.Type === 'fixed-response') {
    const { StatusCode, ContentType, MessageBody } = action.FixedResponseConfig;
    return {
      type: 'fixed-response',
      statusCode: StatusCode,
      contentType: ContentType,
      messageBody: MessageBody,
    };
  }
  if (action?.Type === 'redirect') {
    const { StatusCode, Protocol, Host, Port, Path, Query } = action.RedirectConfig;
    const statusCode = StatusCode === 'HTTP_301' ? 301 : 302;
    return {
      type: 'redirect',
      statusCode,
      protocol: Protocol,
      host: Host,
      port: Port,
      path: Path,
      query: Query,
    };
  }
  // CDK writes TargetGroupArn for one group and ForwardConfig for several; both at once say the same.
  const groups = action?.ForwardConfig?.TargetGroups ?? [];
  const single = action?.TargetGroupArn;
  if (groups.length === 0 && single === undefined) {
    throw new RehearsalError(
      'PropertyInvalid',
      `${resource.type} '${resource.logicalId}' in stack '${resource.stack}' forwards to no target group; set TargetGroupArn or ForwardConfig.TargetGroups.`,
    );
  }
  const { Enabled, DurationSeconds } = action?.ForwardConfig?.TargetGroupStickinessConfig ?? {};
  return {
    type: 'forward',
    stickySeconds: Enabled === true ? DurationSeconds : undefined,
    targetGroups:
      groups.length > 0
        ? groups.map(({ TargetGroupArn, Weight }) => ({ arn: TargetGroupArn, weight: Weight }))
        : [{ arn: single ?? '', weight: 1 }],
  };
}

/** The target groups that an action forwards to. */
export function groupArns(action: ListenerAction): string[] {
  return action.type === 'forward' ? action.targetGroups.map(({ arn }) => arn) : [];
}
