/* global process */
'use strict';
/**
 * Loaded into every Node.js process of a container that runs without Docker. Gives it the two
 * things a container has and a process on this machine has not: ports of its own, and being pid 1.
 *
 * - Listening on container port 3000 happens on the port of 127.0.0.1 that stands for it, by TCP and
 *   by UDP. What is bound to loopback, or is no port of the container, is on AWS not reached from
 *   outside: it gets a port that nobody knows. Nothing listens beyond 127.0.0.1.
 * - Connecting to port 3000 of localhost, as health checks do, and sending datagrams there reaches
 *   the container itself.
 * - Pid 1 ignores SIGTERM and SIGINT unless it handles them.
 *   https://github.com/nodejs/docker-node/blob/main/docs/BestPractices.md
 */
const dgram = require('node:dgram');
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

const datagrams = dgram.Socket.prototype;
const { bind, send, connect: connectDatagrams } = datagrams;

/** The loopback that an IPv4 sender reaches, in the family of the socket. */
const loopbackOf = (socket) => (socket.type === 'udp6' ? `::ffff:${LOOPBACK}` : LOOPBACK);

datagrams.bind = function (...args) {
  const wanted = bindOptions(args);
  if (wanted === undefined) return bind.apply(this, args);
  const port = isEverywhere(wanted.address) ? (hostPorts.get(wanted.port) ?? 0) : 0;
  const callback = args.at(-1);
  return bind.call(
    this,
    { ...wanted, port, address: loopbackOf(this) },
    ...(typeof callback === 'function' ? [callback] : []),
  );
};

/**
 * The forms of socket.bind() that name a port; undefined for open handles, and for what Node.js binds
 * by itself before the first datagram: a socket that asks others has to reach them.
 */
function bindOptions([first, second]) {
  if (second === null) return undefined;
  if (first !== null && typeof first === 'object') {
    return first.fd > 0 || typeof first.recvStart === 'function'
      ? undefined
      : { ...first, port: Number(first.port ?? 0) };
  }
  return {
    port: typeof first === 'function' ? 0 : Number(first ?? 0),
    address: typeof second === 'string' ? second : undefined,
  };
}

datagrams.send = function (...args) {
  // Offset and length of the message may stand before the port.
  const index = args[4] || (args[3] && typeof args[3] !== 'function') ? 3 : 1;
  const destination = toItself(this, args.slice(index));
  return destination === undefined || isConnected(this)
    ? send.apply(this, args)
    : send.call(this, ...args.slice(0, index), ...destination);
};

datagrams.connect = function (...args) {
  return connectDatagrams.apply(this, toItself(this, args) ?? args);
};

/** Where datagrams to `[port, address?, callback?]` go that the container sends to itself. */
function toItself(socket, [port, ...rest]) {
  const hostPort = hostPorts.get(Number(port));
  const [address] = rest;
  if (hostPort === undefined || !isLoopback(typeof address === 'string' ? address : 'localhost')) {
    return undefined;
  }
  const callback = rest.find((value) => typeof value === 'function');
  return [hostPort, loopbackOf(socket), ...(callback === undefined ? [] : [callback])];
}

/** A connected socket is given no port: what stands in its place is an offset. */
function isConnected(socket) {
  try {
    return socket.remoteAddress() !== undefined;
  } catch {
    return false;
  }
}

if (process.env.REHEARSAL_PID_1 === 'true') {
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => undefined);
}
// Its children are not pid 1.
delete process.env.REHEARSAL_PID_1;
