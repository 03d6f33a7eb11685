import { z } from 'zod';
import { cfnNumber } from '../cloudformation/read-properties';

const steps = (lowest: number, highest: number, step: number): readonly number[] =>
  Array.from({ length: (highest - lowest) / step + 1 }, (_, index) => lowest + index * step);

/**
 * MiB of memory that Fargate has for a task, by its CPU units.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
 */
const SIZES: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, 1024, 2048]],
  [512, steps(1024, 4096, 1024)],
  [1024, steps(2048, 8192, 1024)],
  [2048, steps(4096, 16_384, 1024)],
  [4096, steps(8192, 30_720, 1024)],
  [8192, steps(16_384, 61_440, 4096)],
  [16_384, steps(32_768, 122_880, 8192)],
]);

/**
 * Why Fargate has no task of that size, in the words of ECS and with what it has; undefined when it
 * has one.
 */
export function refusalOfSize(cpu: number, memory: number): string | undefined {
  const memories = SIZES.get(cpu);
  if (memories?.includes(memory)) return undefined;
  const known =
    memories === undefined
      ? `Fargate has ${[...SIZES.keys()].join(', ')} CPU units`
      : `with ${cpu} CPU units it has ${memories.join(', ')} MiB`;
  return `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. See the Amazon ECS documentation for the valid values. (${known})`;
}

/**
 * A size as task definitions write it: a plain number, or one with a unit of which 1024 make one
 * (`.5 vCPU`, `1GB`).
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html
 */
const sizeIn = (unit: string) =>
  z.union([
    cfnNumber,
    z
      .string()
      .regex(
        new RegExp(String.raw`^\d*\.?\d+ ?${unit}$`, 'i'),
        `expected a number, or one of ${unit}`,
      )
      .transform((text) => Number.parseFloat(text) * 1024),
  ]);

export const taskCpu = sizeIn('vCPU');
export const taskMemory = sizeIn('GB');
