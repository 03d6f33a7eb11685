import { reasonNotToRun } from '../../../src/containers/process/run-step-rules';

it.each([
  'npm ci -w api --ignore-scripts',
  'npm run build && cp -r dist ../out',
  'echo done > /dev/null 2>&1',
  'node -e "fetch(\'https://example.com/a/b\')"',
  "sed -i 's/a/b/' file",
  'npm config set registry http://127.0.0.1:4873/',
  'cat docs/apt-get.md',
])('lets a step run that keeps to relative paths: %s', (command) => {
  expect(reasonNotToRun(command)).toBeUndefined();
});

it.each([
  ['rm -rf /var/lib/apt/lists/*', "'/var/lib/apt/lists/*'"],
  ['cp dist/main.js /app', "'/app'"],
  ['echo x>/etc/hosts', "'/etc/hosts'"],
  ['rm -rf /', "'/'"],
  ['DIR=/opt npm ci', "'/opt'"],
])('refuses a step with an absolute path: %s', (command, path) => {
  expect(reasonNotToRun(command)).toContain(`the absolute path ${path}`);
});

it.each([
  ['apt-get update', 'apt-get'],
  ['npm ci && apk add curl', 'apk'],
  ['cd x; DEBIAN_FRONTEND=noninteractive apt-get install -y curl', 'apt-get'],
  ['true || (useradd app)', 'useradd'],
  ['chown -R node:node .', 'chown'],
])('refuses a step that would change this machine: %s', (command, program) => {
  expect(reasonNotToRun(command)).toContain(`'${program}'`);
});
