import { randomInt } from 'node:crypto';
import { type CircuitBreakerState, untouchedBreaker } from './circuit-breaker';
import { ImagePins } from './image-pins';
import type { RegisteredTaskDefinition } from './task-definition-registry';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html; times in ms since the epoch */
export interface Deployment {
  /** `ecs-svc/<digits>` */
  readonly id: string;
  readonly taskDefinition: RegisteredTaskDefinition;
  readonly imagePins: ImagePins;
  readonly createdAt: number;
  status: 'PRIMARY' | 'ACTIVE' | 'INACTIVE';
  rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  rolloutStateReason: string;
  breaker: CircuitBreakerState;
  /** One of the deployment alarms went into ALARM */
  alarmDetected: boolean;
  /** The time after the new tasks serve in which alarms are still watched; undefined before it */
  bakeTime: 'running' | 'over' | undefined;
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
    imagePins: new ImagePins(),
    createdAt: now,
    status: 'PRIMARY',
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    breaker: untouchedBreaker,
    alarmDetected: false,
    bakeTime: undefined,
    rollingBack: false,
    updatedAt: now,
    finishedAt: undefined,
  };
}
