import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { cpuMeter } from '../../src/containers/cpu-meter';
import { readContainerStats } from '../../src/containers/docker/container-stats';
import { selfSignedCertificate } from '../../src/elbv2/self-signed-certificate';
import { ManualClock } from '../_helpers/manual-clock';
import { scratchDirectory } from '../_helpers/scratch-directory';

test('a meter tells how many CPUs were busy since the last look', async () => {
  const clock = new ManualClock();
  let cpuSeconds = 0;
  const look = cpuMeter(() => Promise.resolve({ cpuSeconds, memoryBytes: 7 }), clock);
  cpuSeconds = 5;
  await clock.advance(10_000);
  expect(await look()).toEqual({ cpus: 0.5, memoryBytes: 7 });
  cpuSeconds = 25;
  await clock.advance(10_000);
  expect(await look()).toEqual({ cpus: 2, memoryBytes: 7 });
  cpuSeconds = 3;
  await clock.advance(10_000);
  expect(await look()).toEqual({ cpus: 0, memoryBytes: 7 });
});

test('a meter of what has ended tells nothing', async () => {
  const clock = new ManualClock();
  const look = cpuMeter(() => Promise.resolve(undefined), clock);
  await clock.advance(10_000);
  expect(await look()).toBeUndefined();
});

describe('what Docker tells of a container', () => {
  const scratch = scratchDirectory();
  const stats = (memory: object) => ({
    cpu_stats: { cpu_usage: { total_usage: 1_500_000_000 } },
    memory_stats: memory,
  });
  const answers: Record<string, unknown> = {
    v1: stats({ usage: 300, stats: { total_inactive_file: 100, inactive_file: 1 } }),
    v2: stats({ usage: 300, stats: { inactive_file: 200 } }),
    ended: stats({}),
  };

  async function startApi(at: string | number) {
    const asked: string[] = [];
    const server = createServer(({ url = '' }, response) => {
      asked.push(url);
      const [, id = ''] = /^\/containers\/(\w+)\/stats\?/.exec(url) ?? [];
      response.statusCode = id in answers ? 200 : 404;
      response.end(JSON.stringify(answers[id] ?? { message: 'No such container' }));
    });
    const place = typeof at === 'string' ? { path: at } : { host: '127.0.0.1', port: at };
    await new Promise<void>((resolve) => server.listen(place, resolve));
    return { server, asked };
  }

  test.each([
    ['a socket', () => join(scratch, 'docker.sock')],
    ['a port', () => 0],
  ])('is read from %s', async (_, place) => {
    const { server, asked } = await startApi(place());
    const address = server.address();
    const host =
      typeof address === 'string'
        ? `unix://${address}`
        : `tcp://127.0.0.1:${(address as AddressInfo).port}`;
    const read = (id: string) => readContainerStats({ DOCKER_HOST: host }, id);
    try {
      expect(await read('v1')).toEqual({ cpuSeconds: 1.5, memoryBytes: 200 });
      expect(await read('v2')).toEqual({ cpuSeconds: 1.5, memoryBytes: 100 });
      expect(await read('ended')).toBeUndefined();
      expect(await read('gone')).toBeUndefined();
      expect(asked[0]).toBe('/containers/v1/stats?stream=false&one-shot=true');
    } finally {
      server.close();
    }
  });

  test('is read by TLS, with the certificate of the client', async () => {
    const { certificate, key } = selfSignedCertificate(['localhost'], Date.now());
    for (const name of ['ca.pem', 'cert.pem']) writeFileSync(join(scratch, name), certificate);
    writeFileSync(join(scratch, 'key.pem'), key);
    const shown: (string | undefined)[] = [];
    const server = createTlsServer(
      { cert: certificate, key, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const { socket } = request;
        if (socket instanceof TLSSocket)
          shown.push(socket.getPeerX509Certificate()?.fingerprint256);
        response.end(JSON.stringify(answers['v1']));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const connection = { DOCKER_HOST: `tcp://localhost:${port}`, DOCKER_TLS_VERIFY: '1' };
    try {
      expect(await readContainerStats({ ...connection, DOCKER_CERT_PATH: scratch }, 'v1')).toEqual({
        cpuSeconds: 1.5,
        memoryBytes: 200,
      });
      expect(shown).toEqual([new X509Certificate(certificate).fingerprint256]);
      const other = selfSignedCertificate(['localhost'], Date.now());
      writeFileSync(join(scratch, 'ca.pem'), other.certificate);
      expect(
        await readContainerStats({ ...connection, DOCKER_CERT_PATH: scratch }, 'v1'),
      ).toBeUndefined();
    } finally {
      server.close();
    }
  });

  test('is nothing when nobody answers', async () => {
    const DOCKER_HOST = `unix://${join(scratch, 'nobody.sock')}`;
    expect(await readContainerStats({ DOCKER_HOST }, 'v1')).toBeUndefined();
    const tls = {
      DOCKER_HOST: 'tcp://127.0.0.1:1',
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: scratch,
    };
    expect(await readContainerStats(tls, 'v1')).toBeUndefined();
  });
});
