import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { loadConfig } from '../src/config';
import { createHttpServer } from '../src/http-server';
import { MAX_REQUESTS_PER_CONNECTION } from '../src/limits';
import { createLog } from '../src/log';

test('after its ten thousandth request a connection is asked to close', async () => {
  const server = createHttpServer({
    config: loadConfig({}),
    log: createLog('error', () => undefined),
    app: (_request, response) => response.end(),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const request = 'GET / HTTP/1.1\r\nHost: api\r\n\r\n';
  socket.write(request.repeat(MAX_REQUESTS_PER_CONNECTION));
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (/^Connection: close\r$/m.test(text.slice(-400))) break;
  }
  const answers = text.split('HTTP/1.1 200 OK').slice(1);
  expect(answers).toHaveLength(10_000);
  expect(answers.filter((answer) => answer.includes('Connection: close'))).toEqual([
    answers.at(-1),
  ]);
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
});
