import request from 'supertest';
import manifest from '../package.json';
import { testApp } from './_helpers/test-app';

test('GET / says which service, version and commit answers', async () => {
  const response = await request(testApp().app).get('/').expect(200);
  expect(response.body).toEqual({
    service: 'ecs-codepipeline-practice-api',
    version: manifest.version,
    commit: 'abc1234',
  });
});

test('GET /health is 200 with status, commit and uptime while the service is ready', async () => {
  const response = await request(testApp().app).get('/health').expect(200);
  expect(response.body).toEqual({ status: 'ok', commit: 'abc1234', uptime: expect.any(Number) });
  expect(response.headers['cache-control']).toBe('no-store');
});

test('GET /health is 503 once the service is stopping', async () => {
  const response = await request(testApp({}, () => false).app)
    .get('/health')
    .expect(503);
  expect(response.body).toMatchObject({ status: 'stopping', commit: 'abc1234' });
});

test('an unknown path is a 404 in JSON', async () => {
  const response = await request(testApp().app).get('/nope?token=secret').expect(404);
  expect(response.body).toEqual({ error: 'not_found', message: 'no route for GET /nope' });
});

test('a known path with another method is a 404 in JSON', async () => {
  const response = await request(testApp().app).delete('/').expect(404);
  expect(response.body.message).toBe('no route for DELETE /');
});

test.each(['get', 'post'] as const)('bad JSON in a %s is a 400 that says so', async (method) => {
  const response = await request(testApp().app)
    [method]('/')
    .set('Content-Type', 'application/json')
    .send('{"a":')
    .expect(400);
  expect(response.body).toEqual({
    error: 'invalid_json',
    message: 'the request body is not valid JSON',
  });
});

test('a body above the limit is a 413 that names the limit', async () => {
  const response = await request(testApp().app)
    .post('/')
    .send({ text: 'x'.repeat(200_000) })
    .expect(413);
  expect(response.body).toEqual({
    error: 'body_too_large',
    message: 'the request body is above the limit of 102400 bytes',
  });
});

test.each(['/', '/health', '/nope'])(
  'the answer to %s carries security headers and does not name the framework',
  async (path) => {
    const { headers } = await request(testApp().app).get(path);
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'self'"),
      'strict-transport-security': expect.stringMatching(/^max-age=\d{8,}; includeSubDomains$/),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
    });
    for (const fingerprint of ['x-powered-by', 'server', 'etag']) {
      expect(headers).not.toHaveProperty(fingerprint);
    }
  },
);

test('a body that is not JSON is a 415', async () => {
  const response = await request(testApp().app).post('/').type('form').send('a=b').expect(415);
  expect(response.body).toEqual({
    error: 'unsupported_media_type',
    message: 'a request body must be application/json',
  });
});

test('a compressed body is a 415, whatever is in it', async () => {
  const response = await request(testApp().app)
    .post('/')
    .set('Content-Encoding', 'gzip')
    .send({ text: 'small' })
    .expect(415);
  expect(response.body).toMatchObject({ error: 'unsupported_media_type' });
});
