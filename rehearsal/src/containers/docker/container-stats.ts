import { readFileSync } from 'node:fs';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
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
export function readContainerStats(
  connection: Readonly<Record<string, string>>,
  id: string,
): Promise<ContainerStats | undefined> {
  return new Promise<ContainerStats | undefined>((resolve) => {
    const unknown = () => resolve(undefined);
    const asking = requestTo(connection, {
      path: `/containers/${id}/stats?stream=false&one-shot=true`,
      timeout: PATIENCE_MS,
    });
    asking.on('error', unknown);
    asking.on('timeout', () => asking.destroy());
    asking.on('close', unknown);
    asking.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('error', unknown);
      answer.on('end', () => resolve(parseStats(text)));
    });
    asking.end();
  }).catch(() => undefined);
}

function parseStats(text: string): ContainerStats | undefined {
  const stats = schema.safeParse(parseJson(text)).data;
  if (stats === undefined) return undefined;
  const { usage, stats: memory } = stats.memory_stats;
  return {
    cpuSeconds: stats.cpu_stats.cpu_usage.total_usage / NANOSECONDS,
    memoryBytes: Math.max(0, usage - (memory.total_inactive_file ?? memory.inactive_file ?? 0)),
  };
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
