import { Agent, type AgentOptions, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';

/** Where clients of a listener connect on this machine. */
export interface ListenerEnd {
  readonly host: string;
  readonly port: number;
  /** PEM, of an HTTPS listener: what a client must trust */
  readonly certificate?: string | undefined;
}

/** A request to a listener, by TLS where it has a certificate. */
export function requestTo({ certificate, ...place }: ListenerEnd, options: RequestOptions) {
  return certificate === undefined
    ? httpRequest({ ...place, ...options })
    : httpsRequest({ ...place, ...options, ca: certificate });
}

/** Keeps connections to a listener. */
export function agentFor({ certificate }: ListenerEnd, options: AgentOptions): Agent {
  return certificate === undefined
    ? new Agent(options)
    : new TlsAgent({ ...options, ca: certificate });
}

/** The body of `GET /`, whatever its status. */
export function readPage(listener: ListenerEnd): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = requestTo(listener, { path: '/', agent: false });
    asking.on('error', reject);
    asking.on('response', (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (part: string) => (body += part));
      answer.on('error', reject);
      answer.on('end', () => resolve(body));
    });
    asking.end();
  });
}
