// The smallest service that a release does not hurt: it keeps idle connections longer than the
// load balancer does, and ends on SIGTERM when its last request is answered.
import { createServer } from 'node:http';

const body = JSON.stringify({ commit: process.env.COMMIT });
const server = createServer((request, response) => {
  request.resume().on('end', () => response.end(body));
});
server.keepAliveTimeout = 75_000;
server.listen(3000, '0.0.0.0');
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
