import type { Clock } from '../../clock';
import type { AuthorizationTokens } from '../../ecr/authorization-tokens';
import type { ImageStore } from '../../ecr/image-store';
import type { SecretStore } from '../../secretsmanager/secret-store';
import type { ParameterStore } from '../../ssm/parameter-store';
import type { StandinSession } from '../standin';
import type { Members, Structure } from './shapes';

/** The services behind the CLI. */
export interface AwsServices {
  readonly images: ImageStore;
  readonly tokens: AuthorizationTokens;
  readonly parameters: ParameterStore;
  readonly secrets: SecretStore;
  readonly clock: Clock;
}

export interface OperationContext {
  readonly session: StandinSession;
  readonly services: AwsServices;
}

/** An IAM action and the resource it is checked on. */
export type Access = readonly [action: string, resource: string];

/** What an operation prints: a document, or text as it is. */
export type OperationResult = Readonly<Record<string, unknown>> | string;

interface OperationSpec<M extends Members> {
  /** e.g. `ecr` */
  readonly service: string;
  /** e.g. `DescribeImages` */
  readonly name: string;
  /** The API call behind it, where it has another name; errors show it */
  readonly calls?: string;
  /** The service has one endpoint for all regions, so that no region is needed */
  readonly global?: true;
  /** The parameters that are played, by their names in the API */
  readonly members: M;
  /** Parameters of the API that are not played: refused by name instead of `Unknown options` */
  readonly unplayed?: readonly string[];
  /** What the service checks before it does anything */
  access(input: Structure<M>, context: OperationContext): readonly Access[];
  /** @throws ServiceException */
  run(input: Structure<M>, context: OperationContext): OperationResult;
}

/** One `aws <service> <command>`. */
export interface Operation extends OperationSpec<Members> {
  /** e.g. `describe-images` */
  readonly command: string;
}

/** Declares an operation; `input` has the types that its members say. */
export function operation<M extends Members>(spec: OperationSpec<M>): Operation {
  return {
    ...spec,
    command: optionName(spec.name),
    access: (input, context) => spec.access(input as Structure<M>, context),
    run: (input, context) => spec.run(input as Structure<M>, context),
  };
}

/** `imageTagMutability` → `image-tag-mutability`, as the CLI spells operations and parameters. */
export function optionName(member: string): string {
  return member
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}

/** A time as version 2 of the CLI prints it. */
export function timestamp(milliseconds: number): string {
  const [seconds, fraction] = new Date(milliseconds).toISOString().slice(0, -1).split('.');
  return `${seconds ?? ''}${fraction === '000' ? '' : `.${fraction ?? ''}000`}+00:00`;
}
