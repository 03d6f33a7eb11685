/**
 * What a container runs so that streams can be watched, whatever the project's own API does: a
 * server that streams answers and speaks WebSocket, and says 200 to everything else. It is given to
 * `node -e`, so it is one text without imports from here.
 *
 * - `GET /stream?seconds=N`: a line each 200 ms for N seconds, then the end.
 * - An upgrade: a text frame `hello`, and every frame is sent back. RFC 6455, short frames only.
 *
 * @param port to listen on; PORT of the container's environment when undefined
 */
export const streamingProgram = (port: number | undefined) => `
const { createServer } = require('node:http');
const { createHash } = require('node:crypto');
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  if (pathname !== '/stream') return request.resume().on('end', () => response.end(process.env.COMMIT ?? 'streams'));
  response.writeHead(200, { 'X-Rehearsal-Stream': 'yes' });
  let left = Number(searchParams.get('seconds')) * 5;
  const timer = setInterval(() => {
    response.write('.\\n');
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    response.end('end\\n');
  }, 200);
  response.on('close', () => clearInterval(timer));
});
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1')
    .update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
    .digest('base64');
  socket.write(['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Accept: ' + accept, '', ''].join('\\r\\n'));
  const send = (text) => socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
  send(Buffer.from('hello'));
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    for (let at = 0; at + 6 <= data.length; ) {
      const length = data[at + 1] & 0x7f;
      const mask = data.subarray(at + 2, at + 6);
      send(Buffer.from(data.subarray(at + 6, at + 6 + length).map((byte, index) => byte ^ mask[index % 4])));
      at += 6 + length;
    }
  });
});
server.keepAliveTimeout = 120000;
server.listen(${port ?? 'process.env.PORT'}, '0.0.0.0');
process.on('SIGTERM', () => process.exit(0));
`;
