import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { SystemClock } from '../../src/clock';
import { streamingProgram } from '../../src/scenarios/commits/streaming-program';
import { StreamClients } from '../../src/traffic/stream-clients';

const ending: (() => unknown)[] = [];

afterEach(() => {
  for (const end of ending.splice(0)) end();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The program as a container would run it, on loopback alone. */
async function startProgram() {
  const port = await freePort();
  const source = streamingProgram(port).replace("'0.0.0.0'", "'127.0.0.1'");
  const child = spawn(process.execPath, ['-e', source], { stdio: 'ignore' });
  ending.push(() => child.kill('SIGKILL'));
  const isUp = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () =>
        resolve(false),
      );
      socket.on('connect', () => socket.destroy());
    });
  while (!(await isUp())) await new Promise((resolve) => setTimeout(resolve, 20));
  return { child, address: { host: '127.0.0.1', port } };
}

const clientsFor = (address: { host: string; port: number }) =>
  new StreamClients({ address, clock: new SystemClock(), streamSeconds: 0.4, webSockets: 3 });

it('reads streamed answers to their end and gets its WebSocket frames back', async () => {
  const { address } = await startProgram();
  const clients = clientsFor(address);
  await clients.start();
  while (clients.summary().webSockets.answered < 3) await new Promise(setImmediate);
  await clients.stop();
  const { streams, webSockets } = clients.summary();
  expect(streams.begun).toBeGreaterThan(0);
  expect(streams.whole).toBe(streams.begun);
  expect(webSockets).toEqual({ opened: 3, answered: 3 });
});

it('notices a streamed answer that was cut', async () => {
  const { address, child } = await startProgram();
  const clients = clientsFor(address);
  await clients.start();
  while (clients.summary().streams.begun < 1) await new Promise(setImmediate);
  child.kill('SIGKILL');
  await clients.stop();
  const { streams } = clients.summary();
  expect(streams.whole).toBeLessThan(streams.begun);
});

it('does not count what a version without streams answers', async () => {
  const server: Server = createServer((_, response) => response.writeHead(404).end('end\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ending.push(() => server.close());
  const clients = clientsFor({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  await clients.start();
  await clients.stop();
  expect(clients.summary()).toEqual({
    streams: { begun: 0, whole: 0 },
    webSockets: { opened: 0, answered: 0 },
  });
});
