/**
 * The program that a script meets on PATH in the place of `aws` or `docker`: hands its arguments to
 * the engine and prints the answer. Plain JavaScript without dependencies, because it must start
 * fast and run under any Node that runs the engine.
 *
 * argv: <program> <its arguments…>
 */
import { spawn } from 'node:child_process';
import { request } from 'node:http';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';

const ENGINE_GONE = 255;
/** Settings of the programs that are played; anything else, above all a secret, stays here. */
const SENT =
  /^(AWS_(DEFAULT_)?REGION|AWS_DEFAULT_OUTPUT|AWS_PROFILE|HOME|PATH|TMPDIR|SOURCE_DATE_EPOCH|DOCKER_(BUILDKIT|CONFIG|CONTEXT|HOST|DEFAULT_PLATFORM)|(BUILDKIT|BUILDX)_\w+)$/;

const { REHEARSAL_STANDINS_URL: url, REHEARSAL_STANDINS_TOKEN: token, ...env } = process.env;
const [program = '', ...argv] = process.argv.slice(2);

// The reader of a pipe may stop early: `aws … | head -1`.
process.stdout.on('error', () => process.exit(ENGINE_GONE));

function giveUp(reason) {
  process.stderr.write(`${program}: ${reason}\n`);
  process.exit(ENGINE_GONE);
}

if (!url || !token) {
  giveUp('this is a program of a rehearsal, and its environment variables are missing here.');
}
// `docker build --build-arg NAME` takes the value from the environment: names among the arguments.
const named = new Set(argv.flatMap((argument) => argument.split(/[=,]/)));
const wanted = Object.entries(env).filter(([name]) => SENT.test(name) || named.has(name));
const readsStdin = argv.some((argument) =>
  /^(-|(--[\w-]+=)?fileb?:\/\/\/dev\/stdin|--password-stdin)$/.test(argument),
);
const chunks = [];
if (readsStdin) for await (const chunk of process.stdin) chunks.push(chunk);
const stdin = Buffer.concat(chunks);

function become({ file, args, env: extra }) {
  // Before the program begins: a signal that comes meanwhile would end this one alone.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  const child = spawn(file, args, {
    env: { ...env, ...extra },
    stdio: [readsStdin ? 'pipe' : 'inherit', 'inherit', 'inherit'],
  });
  child.stdin?.on('error', () => undefined).end(stdin);
  child.on('error', (error) => giveUp(`cannot start '${file}': ${error.message}`));
  child.on('close', (code, signal) => {
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
  });
}

const call = request(
  new URL('/call', url),
  { method: 'POST', headers: { authorization: `Bearer ${token}` } },
  (response) => {
    let ended = false;
    const lines = createInterface({ input: response });
    lines.on('line', (line) => {
      const answer = JSON.parse(line);
      if (answer.stdout !== undefined) process.stdout.write(answer.stdout);
      if (answer.stderr !== undefined) process.stderr.write(answer.stderr);
      if (answer.exec !== undefined) become(answer.exec);
      if (answer.exitCode !== undefined) process.exitCode = answer.exitCode;
      ended ||= answer.exec !== undefined || answer.exitCode !== undefined;
    });
    lines.on('close', () => {
      if (!ended) giveUp('the rehearsal ended before it answered.');
    });
    response.on('error', () => undefined);
  },
);
call.on('error', (error) => {
  giveUp(`the rehearsal that this shell belongs to does not answer (${error.message}).`);
});
call.end(
  JSON.stringify({
    program,
    argv,
    cwd: process.cwd(),
    env: Object.fromEntries(wanted),
    stdin: stdin.toString(),
  }),
);
