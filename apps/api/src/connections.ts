import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A server's connections, as far as stopping needs to know them. */
export interface Connections {
  /** Answers from now on, those in the making included, carry `Connection: close`. */
  announceClose(): void;
  /** Stops listening, closes what is idle, and calls back once the last connection has gone. */
  stopAccepting(drained: () => void): void;
}

/** Call before the server listens: earlier connections would be unknown. */
export function trackConnections(server: Server): Connections {
  const sockets = new Set<Socket>();
  const unanswered = new Set<ServerResponse>();
  let closing = false;

  const askToClose = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader('Connection', 'close');
  };

  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  // Ahead of the app's own listener, which may answer before a later one sees the request.
  server.prependListener('request', (_request, response) => {
    unanswered.add(response);
    if (closing) askToClose(response);
    response.once('close', () => {
      unanswered.delete(response);
      // An answer whose headers had left before the signal keeps its connection open, now idle.
      if (!server.listening) server.closeIdleConnections();
    });
  });

  return {
    announceClose() {
      closing = true;
      unanswered.forEach(askToClose);
    },
    stopAccepting(drained) {
      server.close(() => drained());
      server.closeIdleConnections();
      // Node counts a connection that never sent a byte as busy, not idle.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    },
  };
}
