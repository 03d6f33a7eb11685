import { Token } from 'aws-cdk-lib/core';

/**
 * Early checks of stack properties. A value that CloudFormation fills in later (a token) cannot be
 * judged here and passes. Messages follow the CDK design guidelines: the property, what is allowed,
 * what was received.
 */

/** A property that cannot work: the user's to mend, so programs print the message alone. */
export class InvalidPropertyError extends Error {
  public override readonly name = 'InvalidPropertyError';
}

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** A word for names: it ends up in an ECR repository, which allows lower case only. */
export function checkName(property: string, value: string, maxLength: number): void {
  if (Token.isUnresolved(value)) return;
  if (!NAME.test(value) || value.length > maxLength) {
    throw new InvalidPropertyError(
      `'${property}' should be lower-case letters, digits and single hyphens, starting with a letter, at most ${maxLength} characters, got: '${value}'`,
    );
  }
}

export function checkOneOf(property: string, value: string, allowed: readonly string[]): void {
  if (Token.isUnresolved(value) || allowed.includes(value)) return;
  throw new InvalidPropertyError(
    `'${property}' should be ${allowed.map((each) => `'${each}'`).join(' or ')}, got: '${value}'`,
  );
}

export function checkInteger(property: string, value: number, min: number, max: number): void {
  if (Token.isUnresolved(value)) return;
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new InvalidPropertyError(
      `'${property}' should be a whole number from ${min} to ${max}, got: '${value}'`,
    );
  }
}

export function checkPattern(
  property: string,
  value: string,
  pattern: RegExp,
  allowed: string,
): void {
  if (Token.isUnresolved(value) || pattern.test(value)) return;
  throw new InvalidPropertyError(`'${property}' should be ${allowed}, got: '${value}'`);
}

/** MiB by CPU units: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html */
const FARGATE_MEMORY: Readonly<Record<number, { min: number; max: number; step: number }>> = {
  512: { min: 1024, max: 4096, step: 1024 },
  1024: { min: 2048, max: 8192, step: 1024 },
  2048: { min: 4096, max: 16_384, step: 1024 },
  4096: { min: 8192, max: 30_720, step: 1024 },
  8192: { min: 16_384, max: 61_440, step: 4096 },
  16384: { min: 32_768, max: 122_880, step: 8192 },
};

/** Fargate sells only some pairs of CPU and memory; ECS would say so after minutes of deploying. */
export function checkFargateSize(cpu: number, memoryLimitMiB: number): void {
  if (Token.isUnresolved(cpu) || Token.isUnresolved(memoryLimitMiB)) return;
  if (cpu === 256) {
    if ([512, 1024, 2048].includes(memoryLimitMiB)) return;
    throw new InvalidPropertyError(
      `'memoryLimitMiB' for 'cpu' 256 should be 512, 1024 or 2048, got: '${memoryLimitMiB}'`,
    );
  }
  const range = FARGATE_MEMORY[cpu];
  if (!range) {
    const sizes = [256, ...Object.keys(FARGATE_MEMORY)].join(', ');
    throw new InvalidPropertyError(
      `'cpu' should be one of ${sizes} (1024 is one vCPU), got: '${cpu}'`,
    );
  }
  const { min, max, step } = range;
  if (memoryLimitMiB < min || memoryLimitMiB > max || (memoryLimitMiB - min) % step !== 0) {
    throw new InvalidPropertyError(
      `'memoryLimitMiB' for 'cpu' ${cpu} should be ${min} to ${max} in steps of ${step}, got: '${memoryLimitMiB}'`,
    );
  }
}
