import type { Clock } from '../../clock';
import { ServiceException } from '../../service-exception';
import { waiterFailure } from './cli-failure';
import type { OperationResult } from './operation';

/** `aws <service> wait <command>`: an operation that is called until its answer is the one wanted. */
export interface Waiter {
  readonly service: string;
  readonly command: string;
  /** As errors call it */
  readonly name: string;
  /** The command that is called */
  readonly operation: string;
  readonly intervalMs: number;
  readonly attempts: number;
  isOver(answer: OperationResult): boolean;
}

export const waiters: readonly Waiter[] = [
  {
    // Never over while Inspector goes on watching the image: https://github.com/aws/aws-sdk/issues/288
    // https://docs.aws.amazon.com/cli/latest/reference/ecr/wait/image-scan-complete.html
    service: 'ecr',
    command: 'image-scan-complete',
    name: 'ImageScanComplete',
    operation: 'describe-image-scan-findings',
    intervalMs: 5_000,
    attempts: 60,
    isOver: (answer) =>
      (answer as { imageScanStatus?: { status?: string } }).imageScanStatus?.status === 'COMPLETE',
  },
];

export function findWaiter([service, verb, command]: readonly string[]): Waiter | undefined {
  if (verb !== 'wait') return undefined;
  return waiters.find((waiter) => waiter.service === service && waiter.command === command);
}

/**
 * @throws CliFailure when the service answers with an error, as for an image whose scan has not
 *   begun, and when the last attempt was in vain
 */
export async function waitUntilOver(
  waiter: Waiter,
  ask: () => OperationResult,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    for (let attempt = 1; !waiter.isOver(ask()); attempt += 1) {
      if (attempt === waiter.attempts || signal?.aborted === true) {
        throw waiterFailure(waiter.name, 'Max attempts exceeded');
      }
      await clock.wait(waiter.intervalMs, signal);
    }
  } catch (error) {
    if (!(error instanceof ServiceException)) throw error;
    throw waiterFailure(waiter.name, `An error occurred (${error.code}): ${error.message}`);
  }
}
