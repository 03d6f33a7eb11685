import express, { type Request, type RequestHandler } from 'express';
import { MAX_BODY_BYTES } from '../limits';

// Compressed bodies are refused: nothing here needs them, and they hide how large they are.
const parseJson: RequestHandler = express.json({ limit: MAX_BODY_BYTES, inflate: false });

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0;
}

/**
 * Reads JSON into `request.body`; a request with any other body gets a 415. A body that says it is
 * too large is refused before it is read, since express.json() answers only after the last byte.
 */
export const body: RequestHandler = (request, response, next) => {
  if (!hasBody(request)) {
    next();
    return;
  }
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    response
      .status(413)
      .set('Connection', 'close')
      .json({
        error: 'body_too_large',
        message: `the request body is above the limit of ${MAX_BODY_BYTES} bytes`,
      });
    return;
  }
  if (request.is('application/json')) {
    parseJson(request, response, next);
    return;
  }
  response.status(415).set('Connection', 'close').json({
    error: 'unsupported_media_type',
    message: 'a request body must be application/json',
  });
};
