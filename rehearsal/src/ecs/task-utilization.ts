import type { ContainerUsage } from '../containers/container-engine';
import type { ContainerState } from './task-containers';
import type { TaskRecord } from './task-record';

/** What one task uses, and what its task definition reserves. */
export interface TaskUtilization {
  readonly clusterArn: string;
  readonly serviceName: string;
  /** 1024 are one CPU */
  readonly cpuUnits: { readonly used: number; readonly reserved: number };
  readonly memoryMiB: { readonly used: number; readonly reserved: number };
}

/**
 * Measures a RUNNING task: the sum over its containers.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_utilization.html
 *
 * @returns undefined when none of its containers can be measured (yet)
 */
export async function measureTask(
  record: Readonly<TaskRecord>,
  serviceName: string,
): Promise<TaskUtilization | undefined> {
  if (record.lastStatus !== 'RUNNING') return undefined;
  const usages = await Promise.all(record.containers.map(usageOf));
  const measured = usages.filter((usage) => usage !== undefined);
  if (measured.length === 0) return undefined;
  const { cpu, memory } = record.taskDefinition.definition;
  const cpus = measured.reduce((sum, usage) => sum + usage.cpus, 0);
  const bytes = measured.reduce((sum, usage) => sum + usage.memoryBytes, 0);
  return {
    clusterArn: record.clusterArn,
    serviceName,
    cpuUnits: { used: cpus * 1024, reserved: cpu },
    memoryMiB: { used: bytes / 1024 ** 2, reserved: memory },
  };
}

async function usageOf({ running, exit }: ContainerState): Promise<ContainerUsage | undefined> {
  return exit === undefined ? running?.usage() : undefined;
}
