import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const lines = readFileSync(join(__dirname, '../Dockerfile'), 'utf8').split('\n');
const finalStage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')) + 1);
const instruction = (name: string) =>
  finalStage
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => line.slice(name.length + 1));

test('the final stage runs nothing, so an image for another architecture needs no emulation', () => {
  expect(finalStage.filter((line) => /^[A-Z]+ /.test(line)).length).toBeGreaterThan(4);
  expect(instruction('RUN')).toEqual([]);
});

test('the build stage runs on the architecture of the machine that builds', () => {
  expect(lines).toContain('FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build');
});

test('node is process 1, so that SIGTERM reaches it: CMD is in exec form', () => {
  const [command] = instruction('CMD');
  expect(JSON.parse(command!)).toEqual(['node', '--enable-source-maps', 'main.js']);
  expect(instruction('ENTRYPOINT')).toEqual([]);
});

test('the user is not root, and is a number, which every base image has', () => {
  const [user] = instruction('USER');
  expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
});

test('the image comes from the public ECR mirror, and another can be named', () => {
  expect(lines.find((line) => line.startsWith('ARG NODE_IMAGE='))).toMatch(
    /=public\.ecr\.aws\/docker\/library\/node:\d+-/,
  );
});
