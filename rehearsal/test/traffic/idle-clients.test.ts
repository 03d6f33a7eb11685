import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SystemClock } from '../../src/clock';
import { IdleClients } from '../../src/traffic/idle-clients';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: (count: number) => number): Promise<Server> {
  let count = 0;
  const server = createServer((_, response) => {
    response.writeHead(answer((count += 1))).end('ok');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const clientsOf = (server: Server, clients = 20) =>
  new IdleClients({
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    clock: new SystemClock(),
    clients,
    idleMs: 60_000,
  });

it('keeps every connection, and uses it again at the end', async () => {
  const clients = clientsOf(await serve(() => 200));
  await clients.start();
  await clients.stop();
  expect(clients.summary()).toEqual({ clients: 20, sent: 40, failed: 0, reconnected: 0 });
});

it('notices that a connection was closed while it was idle', async () => {
  const server = await serve(() => 200);
  const clients = clientsOf(server);
  await clients.start();
  server.closeIdleConnections();
  await clients.stop();
  const { reconnected, failed } = clients.summary();
  expect(reconnected + failed).toBe(20);
});

it('counts errors of the server as lost', async () => {
  const clients = clientsOf(await serve((count) => (count === 3 ? 502 : 200)));
  await clients.start();
  await clients.stop();
  expect(clients.summary().failed).toBe(1);
});
