import express, { type Express } from 'express';
import helmet from 'helmet';
import type { Config } from './config';
import type { Log } from './log';
import { body } from './middleware/body';
import { errorHandler } from './middleware/error-handler';
import { notFound } from './middleware/not-found';
import { requestLog } from './middleware/request-log';
import { health } from './routes/health';
import { root } from './routes/root';

export interface AppOptions {
  readonly config: Config;
  readonly log: Log;
  /** False once the service is stopping; `GET /health` then answers 503. */
  readonly isReady: () => boolean;
}

/** The routes and middleware, without a server: listening is main.ts's affair. */
export function createApp({ config, log, isReady }: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requestLog(log));
  app.use(helmet());
  app.use(body);
  app.get('/', root(config));
  app.get('/health', health(config, isReady));
  app.use(notFound);
  app.use(errorHandler(log));
  return app;
}
