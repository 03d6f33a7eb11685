import request from 'supertest';
import { testApp } from './_helpers/test-app';

test('each request is one line with what one searches a log for', async () => {
  const { app, lines } = testApp();
  const traceId = 'Root=1-67891233-abcdef012345678912345678';
  const { text } = await request(app).get('/').set('X-Amzn-Trace-Id', traceId);
  expect(lines).toEqual([
    {
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      level: 'info',
      message: 'request',
      method: 'GET',
      path: '/',
      status: 200,
      durationMs: expect.any(Number),
      bytes: text.length,
      traceId,
    },
  ]);
});

test('the query string of a request is not logged', async () => {
  const { app, lines } = testApp();
  await request(app).get('/nope?token=secret');
  expect(lines).toHaveLength(1);
  expect(JSON.stringify(lines)).not.toContain('secret');
});

test('a HEAD request is logged with no bytes', async () => {
  const { app, lines } = testApp();
  await request(app).head('/').expect(200);
  expect(lines).toMatchObject([{ method: 'HEAD', bytes: 0 }]);
});

test('a path with a line break in it cannot forge a second line', async () => {
  const { app, lines } = testApp();
  await request(app).get('/%0A{"level":"error"}');
  expect(lines).toHaveLength(1);
});

test('successful health checks are not logged', async () => {
  const { app, lines } = testApp();
  await request(app).get('/health').expect(200);
  expect(lines).toEqual([]);
});

test('successful health checks are logged at level debug', async () => {
  const { app, lines } = testApp({ LOG_LEVEL: 'debug' });
  await request(app).get('/health').expect(200);
  expect(lines).toMatchObject([{ level: 'debug', path: '/health' }]);
});

test('failing health checks are logged', async () => {
  const { app, lines } = testApp({}, () => false);
  await request(app).get('/health').expect(503);
  expect(lines).toMatchObject([{ level: 'info', path: '/health', status: 503 }]);
});

test('at level error, requests are not logged', async () => {
  const { app, lines } = testApp({ LOG_LEVEL: 'error' });
  await request(app).get('/').expect(200);
  expect(lines).toEqual([]);
});
