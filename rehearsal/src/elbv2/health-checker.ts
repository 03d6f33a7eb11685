import { request } from 'node:http';
import type { Clock } from '../clock';
import type { HealthCheckDefinition } from './health-check-definition';
import { healthCheckMatcher } from './health-check-matcher';
import { LOST } from './lost-packets';
import { healthCheckHeader } from './proxy-protocol';
import type { HealthCheckResult } from './target-health';
import type { Target } from './target-registrar';
import { openTo, type TargetPlace } from './target-socket';

/**
 * Checks a target until `signal` aborts. The first check goes out at once: AWS does not say how
 * long after registration it comes, and at once is the hardest for an application that starts
 * slowly. The interval does not depend on how long an answer takes; only where `--speed` makes the
 * interval shorter than the timeout, which stays real, a check waits for the one before.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
export async function watchHealth(
  target: Target,
  definition: HealthCheckDefinition,
  clock: Clock,
  signal: AbortSignal,
  onResult: (result: HealthCheckResult) => void,
): Promise<void> {
  const check = async () => {
    const result = await checkHealth(target, definition, clock, signal);
    if (!signal.aborted) onResult(result);
  };
  while (!signal.aborted) {
    await Promise.all([check(), clock.wait(definition.intervalSeconds * 1000, signal)]);
  }
}

/**
 * One check, on a connection of its own. The timeout covers everything up to the answer's last byte.
 * Certificates of targets are not looked at, as AWS does not.
 */
export async function checkHealth(
  target: Target,
  definition: HealthCheckDefinition,
  clock: Clock,
  signal: AbortSignal,
): Promise<HealthCheckResult> {
  const finished = new AbortController();
  const aborted = AbortSignal.any([signal, finished.signal]);
  const checked = definition.port === 'traffic-port' ? target.port : Number(definition.port);
  const port = checked === target.port ? target.address.port : target.otherPorts?.get(checked);
  const barrier = target.unreachablePorts?.get(checked);
  // Nothing listens on a port that no container has published.
  if (port === undefined && barrier === undefined) return { outcome: 'error' };
  const place = barrier === undefined ? { host: target.address.host, port } : LOST;
  const answer =
    definition.protocol === 'TCP'
      ? canConnect(place, definition.proxyProtocol, aborted)
      : answerOf(definition, place, `${target.id}:${checked}`, aborted);
  const timeout = clock
    .delay(definition.timeoutSeconds * 1000, aborted)
    .then((): HealthCheckResult => ({ outcome: 'timeout', barrier }));
  const result = await Promise.race([answer, timeout]);
  finished.abort();
  return result;
}

function answerOf(
  { protocol, path, matcher, proxyProtocol }: HealthCheckDefinition,
  place: TargetPlace,
  host: string,
  signal: AbortSignal,
): Promise<HealthCheckResult> {
  const matches = healthCheckMatcher(matcher);
  const headers = { Host: host, 'User-Agent': 'ELB-HealthChecker/2.0', Connection: 'close' };
  const tls = protocol === 'HTTPS';
  const header = proxyProtocol ? healthCheckHeader : undefined;
  const createConnection = () => openTo(place, { header, tls });
  return new Promise((resolve) => {
    const check = request({ path, headers, signal, createConnection });
    check.on('error', () => resolve({ outcome: 'error' }));
    check.on('response', (response) => {
      const status = response.statusCode ?? 0;
      response.on('error', () => resolve({ outcome: 'error' }));
      response.on('end', () =>
        resolve(matches(status) ? { outcome: 'success' } : { outcome: 'mismatch', status }),
      );
      response.resume();
    });
    check.end();
  });
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html */
function canConnect(
  place: TargetPlace,
  proxyProtocol: boolean,
  signal: AbortSignal,
): Promise<HealthCheckResult> {
  return new Promise((resolve) => {
    const header = proxyProtocol ? healthCheckHeader : undefined;
    const socket = openTo(place, { header, tls: false });
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.on('error', () => resolve({ outcome: 'error' }));
    socket.on('connect', () => resolve({ outcome: 'success' }));
  });
}
