import { readFileSync } from 'node:fs';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/** What a container has used since it began, and uses now. */
export interface ContainerStats {
  readonly cpuSeconds: number;
  /** Without the file cache, as `docker stats` has it */
  readonly memoryBytes: number;
}

/** An engine that does not answer by then is too busy to be asked. */
const PATIENCE_MS = 10_000;

const NANOSECONDS = 1e9;

const schema = z.object({
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: z.number() }) }),
  // Of a container that has ended, nothing is in it.
  memory_stats: z.object({
    usage: z.number(),
    stats: z.object({
      // Of cgroup v1, and of v2
      total_inactive_file: z.number().optional(),
      inactive_file: z.number().optional(),
    }),
  }),
});

/**
 * Asks Docker's API, which answers at once; the command `docker stats` looks twice and takes two
 * seconds, for which every evaluation of the alarms would wait.
 * https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerStats
 *
 * @param connection see `UsableDocker`
 * @returns undefined for a container that has ended, and when there is no answer
 */
export async function readContainerStats(
  connection: Readonly<Record<string, string>>,
  id: string,
): Promise<ContainerStats | undefined> {
  try {
    const path = `/containers/${id}/stats?stream=false&one-shot=true`;
    return statsOf(JSON.parse(await ask(connection, path)));
  } catch {
    return undefined;
  }
}

function statsOf(answer: unknown): ContainerStats {
  const { cpu_stats: cpu, memory_stats: memory } = schema.parse(answer);
  const { total_inactive_file: ofV1, inactive_file: ofV2 = 0 } = memory.stats;
  return {
    cpuSeconds: cpu.cpu_usage.total_usage / NANOSECONDS,
    memoryBytes: Math.max(0, memory.usage - (ofV1 ?? ofV2)),
  };
}

/** @returns the body, whatever the status; rejects when there is no answer */
function ask(connection: Readonly<Record<string, string>>, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = requestTo(connection, { path, timeout: PATIENCE_MS });
    asking.on('error', reject);
    asking.on('timeout', () => asking.destroy(new Error('no answer in time')));
    asking.on('response', (answer) => resolve(text(answer)));
    asking.end();
  });
}

/** Where the program `docker` would ask: a socket, a pipe, or a port of this machine, also by TLS. */
function requestTo(
  { DOCKER_HOST = 'unix:///var/run/docker.sock', ...tls }: Readonly<Record<string, string>>,
  options: RequestOptions,
) {
  const [, scheme = '', place = ''] = /^(\w+):\/\/(.*)$/.exec(DOCKER_HOST) ?? [];
  if (scheme !== 'tcp') return httpRequest({ ...options, socketPath: place });
  const { hostname, port } = new URL(`http://${place}`);
  const address = { ...options, host: hostname.replace(/^\[|\]$/g, ''), port: port || undefined };
  const { DOCKER_TLS_VERIFY: verify, DOCKER_CERT_PATH: certificates } = tls;
  if (!verify || certificates === undefined) return httpRequest(address);
  const read = (name: string) => readFileSync(join(certificates, name));
  return httpsRequest({
    ...address,
    ca: read('ca.pem'),
    cert: read('cert.pem'),
    key: read('key.pem'),
  });
}
