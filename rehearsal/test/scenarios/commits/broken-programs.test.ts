import { brokenProgram } from '../../../src/scenarios/commits/broken-programs';

it.each([
  ['FROM node:22\nCMD ["node", "main.js"]', 'node'],
  ['FROM node:22 AS build\nRUN npm run build\nFROM python:3\nCMD ["python", "app.py"]', 'python3'],
  ['FROM node:22 AS build\nRUN npm run build\nFROM nginx\n', 'sh'],
])('breaks an image in the language of its last stage', (dockerfile, program) => {
  expect(brokenProgram('crashes', dockerfile, 80)[0]).toBe(program);
});

it('listens on the port that the load balancer asks', () => {
  expect(brokenProgram('unhealthy', 'FROM node:22', 8080)[2]).toContain('8080');
});

it.each(['node', 'python'])(
  'is healthy as the health check of a %s image hopes, where it must be',
  (image) => {
    expect(brokenProgram('fails', `FROM ${image}`, 80, 204)[2]).toContain('204');
    expect(brokenProgram('fails', `FROM ${image}`, 80)[2]).toContain('200');
  },
);

it('says when it does not know the language of an image that must answer', () => {
  expect(() => brokenProgram('unhealthy', 'FROM nginx', 80)).toThrow('neither Node.js nor Python');
});
