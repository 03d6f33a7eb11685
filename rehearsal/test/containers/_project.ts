import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files of a small project: path → content. */
export type Project = Readonly<Record<string, string>>;

export function writeProject(directory: string, files: Project): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  return directory;
}

/** Answers with its environment's COMMIT, waits for SIGTERM, and says what it does. */
export const SERVER = `
const http = require('node:http');
const server = http.createServer((request, response) => {
  if (request.url === '/crash') process.exit(3);
  response.end(JSON.stringify({ commit: process.env.COMMIT, path: __dirname, args: process.argv.slice(2) }));
});
server.listen(Number(process.env.PORT ?? 3000), process.env.HOST, () => console.log('listening'));
process.on('SIGTERM', () => { console.error('stopping'); server.close(() => process.exit(0)); server.closeIdleConnections(); });
`;

/** Sends datagrams back to where they came from. */
export const ECHO = `
const socket = require('node:dgram').createSocket('udp4');
socket.on('message', (message, { port, address }) => socket.send('echo ' + message, port, address));
socket.bind(3000, () => console.log('listening'));
`;

export const DOCKERFILE = `
ARG NODE_IMAGE=public.ecr.aws/docker/library/node:22-bookworm-slim
FROM \${NODE_IMAGE} AS build
WORKDIR /src
COPY server.js .
RUN mkdir dist && cp server.js dist/main.js

FROM \${NODE_IMAGE}
WORKDIR /app
COPY --from=build /src/dist/ ./
ARG COMMIT=none
ENV COMMIT=\${COMMIT}
USER 1000:1000
EXPOSE 3000
CMD ["node", "main.js"]
`;
