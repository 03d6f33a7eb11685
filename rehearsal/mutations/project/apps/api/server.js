// The smallest service that a release does not hurt: it reads bodies, keeps idle connections longer
// than the load balancer, and ends on SIGTERM.
const { createServer } = require('node:http');

const commit = process.env.COMMIT;
const server = createServer((request, response) => {
  request.resume().on('end', () => response.end(JSON.stringify({ commit })));
});
server.keepAliveTimeout = 75_000;
server.listen(3000);
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
