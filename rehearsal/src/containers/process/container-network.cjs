/* global process */
'use strict';
/**
 * Loaded into every Node.js process of a container that runs without Docker. Gives it the two
 * things a container has and a process on this machine has not: ports of its own, and being pid 1.
 *
 * - Listening on container port 3000 happens on the port of 127.0.0.1 that stands for it. What is
 *   bound to loopback, or is no port of the container, is on AWS not reached from outside: it gets
 *   a port that nobody knows. Nothing listens beyond 127.0.0.1.
 * - Connecting to port 3000 of localhost, as health checks do, reaches the container itself.
 * - Pid 1 ignores SIGTERM and SIGINT unless it handles them.
 *   https://github.com/nodejs/docker-node/blob/main/docs/BestPractices.md
 */
const net = require('node:net');

const LOOPBACK = '127.0.0.1';
const isLoopback = (host) => /^(127\.|::1$|localhost$)/.test(host);
const isEverywhere = (host) =>
  host === undefined || host === '' || host === '::' || host === '0.0.0.0';

/** Container port → port on 127.0.0.1; [[3000, 20123], …] */
const hostPorts = new Map(JSON.parse(process.env.REHEARSAL_PORTS || '[]'));
const ours = new Set(hostPorts.values());

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  const wanted = listenOptions(args);
  if (wanted === undefined) return listen.apply(this, args);
  // A cluster worker asks its primary, which listens in its place on a port that is mapped already.
  const mapped = ours.has(wanted.port) ? wanted.port : hostPorts.get(wanted.port);
  const port = isEverywhere(wanted.host) || ours.has(wanted.port) ? (mapped ?? 0) : 0;
  const callback = args.at(-1);
  return listen.call(
    this,
    { ...wanted, port, host: LOOPBACK, ipv6Only: false },
    ...(typeof callback === 'function' ? [callback] : []),
  );
};

/** The forms of server.listen() that name a TCP port; undefined for pipes and open handles. */
function listenOptions([first, second, third]) {
  if (first !== null && typeof first === 'object') {
    return first.port === undefined || first.path !== undefined
      ? undefined
      : { ...first, port: Number(first.port) };
  }
  if (typeof first === 'string' && !/^\d+$/.test(first)) return undefined;
  return {
    port: typeof first === 'function' ? 0 : Number(first ?? 0),
    host: typeof second === 'string' ? second : undefined,
    backlog: [second, third].find((value) => typeof value === 'number'),
  };
}

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  // net.connect() hands over its arguments as one array: [options, callback].
  const [first, ...rest] = Array.isArray(args[0]) ? args[0] : args;
  const options =
    first !== null && typeof first === 'object'
      ? first
      : { port: first, host: typeof rest[0] === 'string' ? rest[0] : undefined };
  const port = hostPorts.get(Number(options.port));
  if (port === undefined || options.path || !isLoopback(options.host ?? 'localhost')) {
    return connect.apply(this, args);
  }
  const callback = rest.find((value) => typeof value === 'function');
  return connect.call(
    this,
    { ...options, port, host: LOOPBACK },
    ...(callback === undefined ? [] : [callback]),
  );
};

if (process.env.REHEARSAL_PID_1 === 'true') {
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => undefined);
}
// Its children are not pid 1.
delete process.env.REHEARSAL_PID_1;
