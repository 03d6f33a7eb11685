import type { RequestHandler } from 'express';
import type { Config } from '../config';

/** `GET /`: which service this is, and which commit of it is running. */
export function root({ service, version, commit }: Config): RequestHandler {
  return (_request, response) => {
    response.json({ service, version, commit });
  };
}
