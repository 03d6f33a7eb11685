import type { RequestHandler } from 'express';

/** What no route has answered is a 404, in JSON like every other answer. */
export const notFound: RequestHandler = (request, response) => {
  response
    .status(404)
    .json({ error: 'not_found', message: `no route for ${request.method} ${request.path}` });
};
