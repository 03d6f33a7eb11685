import type { RequestHandler } from 'express';
import type { Config } from '../config';

/**
 * `GET /health`, the target group's question. 200 while the service is ready; 503 once it is
 * stopping, so that whoever still asks sends no new requests here. `uptime` is in seconds.
 */
export function health({ commit }: Config, isReady: () => boolean): RequestHandler {
  return (_request, response) => {
    const ready = isReady();
    response
      .status(ready ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ status: ready ? 'ok' : 'stopping', commit, uptime: Math.floor(process.uptime()) });
  };
}
