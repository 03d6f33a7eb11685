import type { RequestHandler } from 'express';
import type { Log } from '../log';

/**
 * One line for each request, when its answer has been sent or its client has gone (`aborted`).
 * - `path` has no query string: queries carry what should not be kept in a log.
 * - `bytes` is the size of the answer's body.
 * - `traceId` is the load balancer's, so that a line can be found from its access log.
 *   https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
 *
 * Successful health checks appear only at level debug: every node of the load balancer asks every
 * task every few seconds, which would bury the requests of people and be most of the log's bill.
 */
export function requestLog(log: Log): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const { method, path } = request;
    response.once('close', () => {
      const healthy = path === '/health' && response.statusCode === 200;
      log[healthy ? 'debug' : 'info']('request', {
        method,
        path,
        status: response.statusCode,
        durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
        bytes: method === 'HEAD' ? 0 : Number(response.getHeader('content-length') ?? 0),
        traceId: request.get('x-amzn-trace-id'),
        aborted: response.writableFinished ? undefined : true,
      });
    });
    next();
  };
}
