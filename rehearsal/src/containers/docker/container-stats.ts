import { z } from 'zod';
import type { ContainerUsage } from '../container-engine';

const schema = z.object({ CPUPerc: z.string(), MemUsage: z.string() });

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/**
 * Reads what `docker stats --no-stream --format '{{json .}}'` prints of one container: percent of
 * one CPU, and memory without the file cache.
 * https://docs.docker.com/reference/cli/docker/container/stats/
 *
 * @returns undefined for a container that has ended, whose numbers are dashes
 */
export function parseStats(text: string): ContainerUsage | undefined {
  if (text.trim() === '') return undefined;
  const { CPUPerc, MemUsage } = schema.parse(JSON.parse(text));
  const percent = /^([\d.]+)%$/.exec(CPUPerc)?.[1];
  const [, amount, unit = ''] = /^([\d.]+)([A-Za-z]+) \//.exec(MemUsage) ?? [];
  const factor = UNITS[unit];
  if (percent === undefined || amount === undefined || factor === undefined) return undefined;
  return { cpus: Number(percent) / 100, memoryBytes: Number(amount) * factor };
}
