import { createApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { createLog } from '../../src/log';

/** The app as a service with this environment would build it, its log lines kept as objects. */
export function testApp(env: Record<string, string> = {}, isReady = () => true) {
  const lines: Record<string, unknown>[] = [];
  const config = loadConfig({ COMMIT: 'abc1234', ...env });
  const log = createLog(config.logLevel, (line) => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
  });
  return { app: createApp({ config, log, isReady }), lines };
}
