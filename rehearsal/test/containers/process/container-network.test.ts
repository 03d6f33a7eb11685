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
