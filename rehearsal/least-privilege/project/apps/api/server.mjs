// In place of the real service, so that a rehearsal takes seconds: answers, and ends on SIGTERM.
import { createServer } from 'node:http';

const body = JSON.stringify({ commit: process.env.COMMIT });
const server = createServer((request, response) => {
  request.resume().on('end', () => response.end(body));
});
server.keepAliveTimeout = 75_000;
server.listen(Number(process.env.PORT ?? 3000), '0.0.0.0');
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
