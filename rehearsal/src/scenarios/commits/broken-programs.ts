import { RehearsalError } from '../../errors';

/** Ways for a new version to be broken that no test of its own finds. */
export type Breakage = 'crashes' | 'hangs' | 'unhealthy' | 'fails';

/**
 * What a broken container runs, in the language that its image has. A `SIGTERM` ends each of them,
 * also as process 1.
 *
 * @param dockerfile of the image
 * @param port of the container
 * @param healthyStatus what its health check hopes for
 * @throws RehearsalError `ScenarioUnplayable` when a server is needed and the language is neither
 *   JavaScript nor Python
 */
export function brokenProgram(
  breakage: Breakage,
  dockerfile: string,
  port: number,
  healthyStatus = 200,
): readonly string[] {
  const lastStage = dockerfile.slice(dockerfile.search(/^FROM\s(?![\s\S]*^FROM\s)/im));
  const program = programs(port, healthyStatus)[breakage];
  if (/node|npm|yarn|bun/i.test(lastStage)) return ['node', '-e', program.node];
  if (/python/i.test(lastStage)) return ['python3', '-c', program.python];
  if (program.shell !== undefined) return ['sh', '-c', program.shell];
  throw new RehearsalError(
    'ScenarioUnplayable',
    'the Dockerfile runs neither Node.js nor Python, and a server that answers is known in these languages only.',
  );
}

interface Program {
  readonly node: string;
  readonly python: string;
  readonly shell?: string;
}

function programs(port: number, healthyStatus: number): Readonly<Record<Breakage, Program>> {
  const endNode = "process.on('SIGTERM', () => process.exit(0));";
  const endPython = 'import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0));';
  const crash = 'rehearsed crash: a setting is missing';
  return {
    crashes: {
      node: `console.error('${crash}'); process.exitCode = 1;`,
      python: `import sys; sys.exit('${crash}')`,
      shell: `echo '${crash}' >&2; exit 1`,
    },
    hangs: {
      node: `${endNode} console.log('rehearsed hang: waiting for a database'); setInterval(() => undefined, 1000);`,
      python: `${endPython} signal.pause()`,
      shell: "trap 'exit 0' TERM; while :; do sleep 1; done",
    },
    unhealthy: {
      node: `${endNode} require('node:http').createServer((request, response) => response.writeHead(503).end('rehearsed failure')).listen(${port}, '0.0.0.0');`,
      python: [
        `${endPython} from http.server import BaseHTTPRequestHandler as H, HTTPServer as S`,
        "H.do_GET = lambda self: self.send_error(503, 'rehearsed failure')",
        `S(('0.0.0.0', ${port}), H).serve_forever()`,
      ].join('\n'),
    },
    // Well wherever it is asked for its health, and broken for everybody whose request comes through
    // the load balancer, which gives each of those a trace id:
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
    fails: {
      node: [
        `${endNode} const server = require('node:http').createServer((request, response) => {`,
        `request.resume().on('end', () => response.writeHead(request.headers['x-amzn-trace-id'] === undefined ? ${healthyStatus} : 500).end('rehearsed error'));`,
        `}).listen(${port}, '0.0.0.0'); server.keepAliveTimeout = 75_000;`,
      ].join(' '),
      python: [
        `${endPython} from http.server import BaseHTTPRequestHandler as H, ThreadingHTTPServer as S`,
        `H.do_GET = lambda self: self.send_error(500 if self.headers['x-amzn-trace-id'] else ${healthyStatus}, 'rehearsed error')`,
        `S(('0.0.0.0', ${port}), H).serve_forever()`,
      ].join('\n'),
    },
  };
}
