import { createServer } from 'node:http';
import { TargetConnections } from '../../src/elbv2/target-connections';
import { ManualClock } from '../_helpers/manual-clock';
import { ask, closeAll, closeLater, listen } from './fixtures';

afterEach(closeAll);

test('a connection that serves many requests gathers no listeners', async () => {
  const port = await listen(createServer((_, response) => response.end()));
  const connections = new TargetConnections(new ManualClock(), 60_000, false);
  closeLater(() => connections.destroy());
  const listenersAfter = async (requests: number) => {
    for (let number = 0; number < requests; number += 1) await ask(port, { agent: connections });
    const sockets = Object.values(connections.freeSockets).flat();
    expect(sockets).toHaveLength(1);
    return sockets[0]?.listenerCount('close');
  };
  const first = await listenersAfter(2);
  expect(await listenersAfter(20)).toBe(first);
});
