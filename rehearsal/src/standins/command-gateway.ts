import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import { RehearsalError } from '../errors';
import { writePrograms } from './program-directory';
import type { Standin, StandinOutcome, StandinSession } from './standin';

/** Larger than any argument list, and than what scripts pipe into the played calls */
const MAX_CALL_BYTES = 16 * 1024 * 1024;
/** EX_SOFTWARE of sysexits.h: a defect of ours */
const DEFECT_EXIT_CODE = 70;

const callSchema = z.object({
  program: z.string(),
  argv: z.array(z.string()),
  cwd: z.string(),
  env: z.record(z.string(), z.string()),
  stdin: z.string(),
});

export interface CommandGatewayOptions {
  /** By the name that scripts call, e.g. `aws` */
  readonly programs: Readonly<Record<string, Standin>>;
  /** Where the small programs are written */
  readonly scratchDirectory: string;
}

export interface GatewaySession {
  /** To lay over a script's environment: PATH, and what the small programs need */
  readonly env: Readonly<Record<string, string>>;
  /** From now on calls of this session are refused, and those under way are aborted */
  close(): void;
}

/** Plays programs for scripts: each call comes from a session, which says who is calling. */
export class CommandGateway {
  private readonly sessions = new Map<
    string,
    { session: StandinSession; closed: AbortController }
  >();
  private readonly server: Server;
  private readonly programDirectory: string;

  private constructor(
    private readonly programs: Readonly<Record<string, Standin>>,
    scratch: string,
  ) {
    this.programDirectory = join(scratch, 'programs');
    writePrograms(this.programDirectory, Object.keys(programs));
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  /** Listens on 127.0.0.1 at a free port */
  static async start(options: CommandGatewayOptions): Promise<CommandGateway> {
    const gateway = new CommandGateway(options.programs, options.scratchDirectory);
    await new Promise<void>((resolve, reject) => {
      gateway.server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return gateway;
  }

  /** @param path what PATH is after the directory of the played programs */
  openSession(session: StandinSession, path = process.env['PATH'] ?? ''): GatewaySession {
    const token = randomBytes(32).toString('base64url');
    const closed = new AbortController();
    this.sessions.set(token, { session, closed });
    const { port } = this.server.address() as AddressInfo;
    return {
      env: {
        PATH: [this.programDirectory, path].filter((part) => part !== '').join(delimiter),
        REHEARSAL_STANDINS_URL: `http://127.0.0.1:${port}`,
        REHEARSAL_STANDINS_TOKEN: token,
      },
      close: () => {
        this.sessions.delete(token);
        closed.abort();
      },
    };
  }

  /** Ends every session; may be called twice */
  async close(): Promise<void> {
    for (const { closed } of this.sessions.values()) closed.abort();
    this.sessions.clear();
    if (!this.server.listening) return;
    const ended = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await ended;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (line: object) => {
      // Whoever called may be gone by now; then nobody listens.
      if (!response.destroyed) response.write(`${JSON.stringify(line)}\n`);
    };
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const opened = this.sessions.get(token);
    if (opened === undefined) {
      response.writeHead(401, { connection: 'close' });
      send({ stderr: 'this shell does not belong to a rehearsal that is running.\n' });
      send({ exitCode: 255 });
      response.end();
      return;
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, opened.closed.signal]);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    send(await this.call(request, opened.session, signal, send));
    response.end();
  }

  /** Never rejects: what goes wrong is told to the script. */
  private async call(
    request: IncomingMessage,
    session: StandinSession,
    signal: AbortSignal,
    send: (line: object) => void,
  ): Promise<StandinOutcome> {
    try {
      const { program, ...call } = callSchema.parse(JSON.parse(await readBody(request)));
      const standin = Object.hasOwn(this.programs, program) ? this.programs[program] : undefined;
      if (standin === undefined) {
        throw new RehearsalError('UnknownProgram', `the rehearsal does not play '${program}'`);
      }
      return await standin({
        ...call,
        session,
        signal,
        stdout: (text) => send({ stdout: text }),
        stderr: (text) => send({ stderr: text }),
      });
    } catch (error) {
      if (error instanceof RehearsalError) {
        send({ stderr: `${error.message}\n` });
        return { exitCode: error.exitCode };
      }
      const stack = error instanceof Error ? error.stack : String(error);
      send({ stderr: `the rehearsal failed to answer: ${stack ?? ''}\n` });
      return { exitCode: DEFECT_EXIT_CODE };
    }
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // The rest is read and dropped: the program listens for the answer when it has sent all.
    if (size <= MAX_CALL_BYTES) chunks.push(chunk);
  }
  if (size <= MAX_CALL_BYTES) return Buffer.concat(chunks).toString();
  throw new RehearsalError(
    'CallTooLarge',
    `arguments and input are ${size} bytes, more than the ${MAX_CALL_BYTES} that a rehearsal passes on; put large input into a file`,
  );
}
