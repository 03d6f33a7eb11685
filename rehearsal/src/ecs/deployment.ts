import { randomInt } from 'node:crypto';
import { type CircuitBreakerState, untouchedBreaker } from './circuit-breaker';
import type { RegisteredTaskDefinition } from './task-definition-registry';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html; times in ms since the epoch */
export interface Deployment {
  /** `ecs-svc/<digits>` */
  readonly id: string;
  readonly taskDefinition: RegisteredTaskDefinition;
  /** Digest by container name, set by the deployment's first task */
  readonly imagePins: Map<string, string>;
  readonly createdAt: number;
  status: 'PRIMARY' | 'ACTIVE' | 'INACTIVE';
  rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  rolloutStateReason: string;
  breaker: CircuitBreakerState;
  /** IN_PROGRESS again because a later deployment failed */
  rollingBack: boolean;
  updatedAt: number;
  /** When it was COMPLETED, FAILED or replaced by another deployment */
  finishedAt: number | undefined;
}

export function newDeployment(taskDefinition: RegisteredTaskDefinition, now: number): Deployment {
  const digits = Array.from({ length: 19 }, (_, index) => randomInt(index === 0 ? 1 : 0, 10));
  const id = `ecs-svc/${digits.join('')}`;
  return {
    id,
    taskDefinition,
    imagePins: new Map(),
    createdAt: now,
    status: 'PRIMARY',
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    breaker: untouchedBreaker,
    rollingBack: false,
    updatedAt: now,
    finishedAt: undefined,
  };
}
