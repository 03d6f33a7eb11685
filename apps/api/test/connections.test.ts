import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { trackConnections } from '../src/connections';

const server = createServer({ keepAliveTimeout: 600_000 });
afterEach(() => server.closeAllConnections());

test('a connection whose answer had begun before the signal is closed when the answer ends', async () => {
  const connections = trackConnections(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const agent = new Agent({ keepAlive: true });
  const sent = get({ host: '127.0.0.1', port, agent });
  const [, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  response.write('first half, ');
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];

  const drained = new Promise<void>((resolve) => {
    connections.announceClose();
    connections.stopAccepting(resolve);
  });
  response.end('second half');
  expect(answer.headers.connection).toBe('keep-alive');
  expect(await text(answer)).toBe('first half, second half');
  await drained;
  agent.destroy();
});
