import { jest } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FreePorts } from '../../../src/containers/process/free-port';
import { runCommand } from '../../../src/process/run-command';
import { scratchDirectory } from '../../_helpers/scratch-directory';

const NETWORK = fileURLToPath(
  new URL('../../../src/containers/process/container-network.cjs', import.meta.url),
);
// Real processes on a machine that may be busy.
jest.setTimeout(60_000);

const scratch = scratchDirectory();
const ports = new FreePorts();

/** Runs a program as a container with port 3000; its output, with the host port written as HOST. */
async function run(program: string): Promise<string> {
  const port = await ports.take();
  const { stdout, stderr } = await runCommand(process.execPath, ['-e', program], {
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_OPTIONS: `--require ${JSON.stringify(NETWORK)}`,
      REHEARSAL_PORTS: JSON.stringify([[3000, port]]),
    },
    timeoutMs: 60_000,
  });
  ports.release(port);
  return (stdout + stderr).replaceAll(String(port), 'HOST');
}

const listen = (args: string) => `
const net = require('node:net');
const server = net.createServer();
server.listen(${args}, () => {
  const { address, port } = server.address();
  console.log(address, port === 0 ? 'none' : port);
  server.close();
});`;

it.each([
  '3000',
  "'3000'",
  "3000, '0.0.0.0'",
  "3000, '::'",
  '3000, 511',
  "3000, '0.0.0.0', 511",
  '{ port: 3000 }',
  "{ port: '3000', host: '::', ipv6Only: true }",
])('listens at the port of 127.0.0.1 that stands for 3000: listen(%s)', async (args) => {
  expect(await run(listen(args))).toBe('127.0.0.1 HOST');
});

it.each(["3000, '127.0.0.1'", "{ port: 3000, host: 'localhost' }", '9464', '0', '{ port: 0 }'])(
  'listens at a port that nobody knows, on 127.0.0.1 too: listen(%s)',
  async (args) => {
    expect(await run(listen(args))).toMatch(/^127\.0\.0\.1 \d+$/);
  },
);

const bind = (type: string, args: string) => `
const socket = require('node:dgram').createSocket(${type});
socket.bind(${args});
socket.on('listening', () => {
  const { address, port } = socket.address();
  console.log(address.replace('::ffff:', ''), port === 0 ? 'none' : port);
  socket.close();
});`;

it.each([
  ["'udp4'", '3000'],
  ["'udp4'", "'3000'"],
  ["'udp4'", "3000, '0.0.0.0'"],
  ["'udp4'", "3000, () => console.log('bound')"],
  ["'udp4'", '{ port: 3000, exclusive: true }'],
  ["'udp6'", "3000, '::'"],
  ["'udp6'", '{ port: 3000 }'],
])(
  'takes datagrams at the port that stands for 3000: createSocket(%s).bind(%s)',
  async (type, args) => {
    expect(await run(bind(type, args))).toMatch(/^(bound\n)?127\.0\.0\.1 HOST$/);
  },
);

it.each([
  "3000, '127.0.0.1'",
  "{ port: 3000, address: 'localhost' }",
  '9125',
  '',
  '() => undefined',
])('takes others where nobody knows, on 127.0.0.1 too: bind(%s)', async (args) => {
  expect(await run(bind("'udp4'", args))).toMatch(/^127\.0\.0\.1 \d+$/);
});

it('sends datagrams to itself at localhost:3000, whatever the way', async () => {
  const program = `
    const { createSocket } = require('node:dgram');
    const server = createSocket('udp6').bind(3000);
    const heard = [];
    server.on('message', (message, { port, address }) => {
      heard.push(message.toString());
      server.send('re ' + message, port, address);
    });
    const client = createSocket('udp4'), other = createSocket('udp6'), connected = createSocket('udp4');
    const answers = [];
    for (const socket of [client, other, connected]) socket.on('message', (answer) => {
      answers.push(answer.toString());
      if (answers.length < 7) return;
      console.log(answers.sort().join());
      for (const one of [server, client, other, connected]) one.close();
    });
    server.on('listening', () => {
      client.send('a', 3000);
      client.send('b', 3000, () => undefined);
      client.send('c', 3000, 'localhost');
      client.send(Buffer.from('xd'), 1, 1, 3000, '127.0.0.1');
      other.send([Buffer.from('e')], 3000, '::1');
      connected.connect(3000, 'localhost', () => {
        connected.send('f');
        connected.send(Buffer.alloc(4000, 'g'), 3000, 1);
      });
    });`;
  expect(await run(program)).toBe('re a,re b,re c,re d,re e,re f,re g');
});

it('asks others from a socket that Node.js binds by itself', async () => {
  const program = `
    const socket = require('node:dgram').createSocket('udp4');
    socket.connect(53, '192.0.2.1', () => {
      console.log(socket.address().address === '127.0.0.1');
      socket.close();
    });
    socket.on('error', ({ code }) => console.log(code));`;
  expect(await run(program)).toMatch(/^(false|ENETUNREACH)$/);
});

it('takes datagrams in the workers of a cluster', async () => {
  const program = `
    const cluster = require('node:cluster'), { createSocket } = require('node:dgram');
    if (cluster.isPrimary) {
      const worker = cluster.fork();
      worker.on('message', () => {
        const client = createSocket('udp4');
        client.send('x', 3000, 'localhost');
        client.on('message', (answer) => {
          console.log(answer.toString());
          client.close();
          worker.kill();
        });
      });
    } else {
      const server = createSocket('udp4');
      server.on('message', (message, { port, address }) => server.send('worker', port, address));
      server.bind(3000, () => process.send('up'));
    }`;
  const file = join(scratch, 'datagram-cluster.js');
  writeFileSync(file, program);
  expect(await run(`process.argv[1] = ${JSON.stringify(file)}; require(process.argv[1])`)).toBe(
    'worker',
  );
});

it('leaves pipes alone', async () => {
  const path = JSON.stringify(join(scratch, 'pipe'));
  const program = `
    const server = require('node:net').createServer();
    server.listen(${path}, () => { console.log(server.address()); server.close(); });`;
  expect(await run(program)).toBe(join(scratch, 'pipe'));
});

it('connects to itself at localhost:3000, whatever the way', async () => {
  const program = `
    const http = require('node:http'), net = require('node:net');
    const server = http.createServer((request, response) => response.end('ok'));
    server.listen(3000, async () => {
      console.log(await (await fetch('http://localhost:3000/')).text());
      http.get({ port: 3000, host: '127.0.0.1' }, (response) => {
        console.log(response.statusCode);
        net.connect(3000, 'localhost', function () { console.log('connected'); this.end(); process.exit(); });
      });
    });`;
  expect(await run(program)).toBe('ok\n200\nconnected');
});

it('serves from the workers of a cluster', async () => {
  const program = `
    const cluster = require('node:cluster'), http = require('node:http');
    if (cluster.isPrimary) {
      const worker = cluster.fork();
      worker.on('message', async () => {
        console.log(await (await fetch('http://localhost:3000/')).text());
        worker.kill();
      });
    } else http.createServer((request, response) => response.end('worker')).listen(3000, () => process.send('up'));`;
  // A forked worker runs the file of its primary, so the program must be one.
  const file = join(scratch, 'cluster.js');
  writeFileSync(file, program);
  expect(await run(`process.argv[1] = ${JSON.stringify(file)}; require(process.argv[1])`)).toBe(
    'worker',
  );
});
