import express from 'express';
import request from 'supertest';
import { createLog } from '../src/log';
import { errorHandler } from '../src/middleware/error-handler';

const failingApp = (fail: express.RequestHandler) => {
  const lines: string[] = [];
  const app = express();
  app.get('/fail', fail);
  app.use(errorHandler(createLog('info', (line) => lines.push(line))));
  return { app, lines };
};

test.each([
  ['an Error', new Error('password=hunter2')],
  ['a string', 'password=hunter2'],
  ['an object without a prototype', Object.create(null)],
  [
    'an error with a status of its own',
    Object.assign(new Error('password=hunter2'), { status: 503 }),
  ],
])('a route that throws %s gives a 500 that tells the client nothing', async (_name, thrown) => {
  const { app } = failingApp(() => {
    throw thrown;
  });
  const response = await request(app).get('/fail').expect(500);
  expect(response.body).toEqual({
    error: 'internal_error',
    message: 'the service failed to answer',
  });
});

test('the stack of a failure is in the log', async () => {
  const { app, lines } = failingApp(() => {
    throw new Error('no such table');
  });
  await request(app).get('/fail');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: 'error',
    path: '/fail',
    stack: expect.stringContaining('Error: no such table\n    at '),
  });
});

test('an answer that fails half way is cut, not finished with an error page', async () => {
  const { app } = failingApp((_request, response) => {
    response.status(200).write('first half');
    throw new Error('no second half');
  });
  await expect(request(app).get('/fail')).rejects.toThrow(/aborted|socket hang up/);
});
