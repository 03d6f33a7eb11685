import type { Clock } from './clock';
import { AuthorizationTokens } from './ecr/authorization-tokens';
import { ImageStore } from './ecr/image-store';
import type { EventStream } from './events';
import { AccessControl } from './iam/access-control';
import { SecretStore } from './secretsmanager/secret-store';
import { ParameterStore } from './ssm/parameter-store';

/** Account of stacks that are bound to none; AWS gives it to nobody. */
export const REHEARSAL_ACCOUNT = '000000000000';

/** What an account holds in one region before anything runs in it. */
export interface AwsAccount {
  readonly id: string;
  readonly region: string;
  readonly images: ImageStore;
  /** Passwords for `docker login` */
  readonly tokens: AuthorizationTokens;
  readonly parameters: ParameterStore;
  readonly secrets: SecretStore;
  readonly access: AccessControl;
}

export function createAwsAccount(
  { id, region }: { readonly id: string; readonly region: string },
  clock: Clock,
  events: EventStream,
): AwsAccount {
  return {
    id,
    region,
    images: new ImageStore(id, region, clock, events),
    tokens: new AuthorizationTokens(clock),
    parameters: new ParameterStore(id, region, clock, events),
    secrets: new SecretStore(id, region, clock),
    access: new AccessControl(),
  };
}
