import type { AddressInfo } from 'node:net';
import { createApp } from './app';
import { ConfigError, loadConfig, type Config } from './config';
import { trackConnections } from './connections';
import { createHttpServer } from './http-server';
import { createLog } from './log';
import { Shutdown } from './shutdown';

function start(config: Config): void {
  const log = createLog(config.logLevel, (line) => process.stdout.write(line));
  const app = createApp({ config, log, isReady: () => shutdown.phase === 'ready' });
  const server = createHttpServer({ config, log, app });

  const shutdown = new Shutdown(config.shutdown, {
    ...trackConnections(server),
    schedule: (action, delayMs) => void setTimeout(action, delayMs),
    exit: (code) => process.exit(code),
    report: (phase, reason) => log.info(phase, { reason }),
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => shutdown.signal(signal));
  }

  server.once('error', (error) =>
    fail(`Cannot listen on ${config.host}:${config.port}: ${error.message}`),
  );
  server.listen(config.port, config.host, () => {
    const { address, port } = server.address() as AddressInfo;
    const { service, version, commit } = config;
    log.info('listening', { service, version, commit, address, port });
  });
}

/** A mistake in how the service was started is told without a stack. */
function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

try {
  start(loadConfig(process.env));
} catch (error) {
  if (error instanceof ConfigError) fail(error.message);
  throw error;
}
