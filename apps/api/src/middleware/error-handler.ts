import { inspect } from 'node:util';
import type { ErrorRequestHandler } from 'express';
import type { Log } from '../log';

interface ClientError {
  readonly status: number;
  readonly error: string;
  readonly message: string;
}

/**
 * What the caller may be told about a thrown value. Express and body-parser put `status` and `type`
 * on the errors that a request caused (https://github.com/expressjs/body-parser#errors); anything
 * else is a fault of ours, whose details stay in the log.
 */
export function toClientError(thrown: unknown): ClientError {
  const { status, type, message, limit } = Object(thrown) as {
    status?: unknown;
    type?: unknown;
    message?: unknown;
    limit?: unknown;
  };
  if (typeof status !== 'number' || status < 400 || status > 499) {
    return { status: 500, error: 'internal_error', message: 'the service failed to answer' };
  }
  switch (type) {
    case 'entity.parse.failed':
      return { status, error: 'invalid_json', message: 'the request body is not valid JSON' };
    case 'entity.too.large':
      return {
        status,
        error: 'body_too_large',
        message: `the request body is above the limit of ${String(limit)} bytes`,
      };
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return { status, error: 'unsupported_media_type', message: String(message) };
    default:
      return { status, error: 'bad_request', message: String(message) };
  }
}

/** Turns whatever a route threw into a status and a JSON body; never a stack to the client. */
export function errorHandler(log: Log): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    const { status, ...body } = toClientError(thrown);
    if (status >= 500) {
      const { method, path } = request;
      log.error('request failed', { method, path, stack: inspect(thrown) });
    }
    if (response.headersSent) {
      // A half-sent answer cannot become an error page: Express then cuts the connection.
      next(thrown);
      return;
    }
    response.status(status).json(body);
  };
}
