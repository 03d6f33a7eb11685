import type { Clock } from '../clock';
import type { RunningContainer } from '../containers/container-engine';
import type { ContainerHealthCheck } from './container-definition';
import type { HealthStatus } from './task-health';

export interface ContainerHealth {
  readonly status: HealthStatus;
  /** Failures in a row that count */
  readonly failures: number;
}

export const unknownHealth: ContainerHealth = { status: 'UNKNOWN', failures: 0 };

/**
 * The health of a container after a check. In the start period failures do not count, until a
 * first success makes the container HEALTHY and ends the period.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
 */
export function afterCheck(
  health: ContainerHealth,
  passed: boolean,
  retries: number,
  inStartPeriod: boolean,
): ContainerHealth {
  if (passed) return { status: 'HEALTHY', failures: 0 };
  if (inStartPeriod && health.status === 'UNKNOWN') return health;
  const failures = health.failures + 1;
  return { status: failures >= retries ? 'UNHEALTHY' : health.status, failures };
}

/** Runs the check in the container again and again until `signal` aborts. */
export async function watchContainerHealth(
  container: RunningContainer,
  check: ContainerHealthCheck,
  clock: Clock,
  signal: AbortSignal,
  onHealth: (status: HealthStatus) => void,
): Promise<void> {
  const command =
    check.command[0] === 'CMD-SHELL'
      ? ['/bin/sh', '-c', check.command.slice(1).join(' ')]
      : check.command.slice(1);
  let health = unknownHealth;
  let inStartPeriod = check.startPeriod > 0;
  void clock.wait(check.startPeriod * 1000, signal).then(() => (inStartPeriod = false));
  for (;;) {
    await clock.wait(check.interval * 1000, signal);
    if (signal.aborted) return;
    // A command that cannot be run is a failed check, as for Docker.
    const passed = await container.exec(command, check.timeout * 1000).then(
      (exitCode) => exitCode === 0,
      () => false,
    );
    const next = afterCheck(health, passed, check.retries, inStartPeriod);
    const changed = next.status !== health.status;
    health = next;
    if (changed && !aborted(signal)) onHealth(next.status);
  }
}

/** A read that control flow analysis does not remember: the signal may have aborted meanwhile. */
function aborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
