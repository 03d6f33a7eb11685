import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { Clock } from '../clock';
import type { ContainerEngine } from '../containers/container-engine';
import type { TaskReachability } from '../ec2/reachability-questions';
import type { ImageCatalog } from '../ecr/image-catalog';
import type { TargetRegistrar } from '../elbv2/target-registrar';
import type { EventStream } from '../events';
import type { Authorizer } from '../iam/authorizer';
import type { AlarmStates } from './deployment-alarms';

/** Values for the `secrets` of a container; undefined when there is no such parameter or secret. */
export interface SecretSource {
  /** @param name of an SSM parameter, without its ARN */
  parameterValue(name: string): string | undefined;
  /** @param secretId ARN or name of a Secrets Manager secret */
  secretString(secretId: string): string | undefined;
}

/** What ECS needs of the rest of the engine. */
export interface EcsDependencies {
  readonly clock: Clock;
  /** The clock of the time that alarms are watched after a deployment; `clock` unless given */
  readonly limits?: Clock;
  readonly events: EventStream;
  readonly containers: ContainerEngine;
  readonly images: ImageCatalog;
  readonly targets: TargetRegistrar;
  readonly authorizer: Authorizer;
  readonly secrets: SecretSource;
  /** @default every task reaches everything */
  readonly network?: TaskReachability;
  readonly account: string;
  readonly region: string;
  readonly resources: DeployedResources;
  /** Without it deployment alarms are not played, and a service that has some says so */
  readonly alarms?: AlarmStates;
}
