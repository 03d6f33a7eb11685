import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { loadConfig } from '../src/config';
import { createHttpServer } from '../src/http-server';
import { createLog } from '../src/log';

test('after its last request, the ten thousandth, a connection is asked to close', async () => {
  const server = createHttpServer({
    config: loadConfig({}),
    log: createLog('error', () => undefined),
    app: (_request, response) => response.end(),
  });
  expect(server.maxRequestsPerSocket).toBe(10_000);
  // What happens at the limit is the same for a small one, and a slow machine is through with it.
  server.maxRequestsPerSocket = 10;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const request = 'GET / HTTP/1.1\r\nHost: api\r\n\r\n';
  socket.write(request.repeat(10));
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (/^Connection: close\r$/m.test(text.slice(-400))) break;
  }
  const answers = text.split('HTTP/1.1 200 OK').slice(1);
  expect(answers).toHaveLength(10);
  expect(answers.filter((answer) => answer.includes('Connection: close'))).toEqual([
    answers.at(-1),
  ]);
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
});
