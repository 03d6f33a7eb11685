import { createServer, type IncomingMessage, type Server } from 'node:http';
import { contains } from '../ec2/ip-ranges';
import { messageOf } from '../errors';
import type { RegisteredWebhook } from '../github/github';
import { isSignedWith, SIGNATURE_HEADER } from '../github/webhook-signature';
import { listenOnLoopback, readBody } from '../process/loopback-server';
import type { Pipeline } from './pipeline';
import type { WebhookDefinition } from './webhook-definition';
import { matchesFilters } from './webhook-filter';

/** GitHub's own limit. https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap */
const LARGEST_PAYLOAD = 25 * 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Addresses of callers by their ports here; on one machine all of them call from 127.0.0.1. */
type Callers = ReadonlyMap<number, string>;

/** The address that GitHub delivers to: decides by caller and filters whether a pipeline starts. */
export class WebhookEndpoint {
  private constructor(
    private readonly server: Server,
    private readonly port: number,
    private readonly callers: Map<number, string>,
  ) {}

  static async start(
    webhooks: readonly WebhookDefinition[],
    pipelines: readonly Pipeline[],
    onStarted: (finished: Promise<void>) => void,
  ): Promise<WebhookEndpoint> {
    const callers = new Map<number, string>();
    const server = createServer((request, response) => {
      answer(request, callers, webhooks, pipelines, onStarted).then(
        ({ status, text }) => response.writeHead(status).end(text),
        (error: unknown) => response.writeHead(500).end(messageOf(error)),
      );
    });
    const { port } = await listenOnLoopback(server);
    return new WebhookEndpoint(server, port, callers);
  }

  /** As GitHub gets to know the webhook. */
  registrationOf(webhook: WebhookDefinition): RegisteredWebhook {
    return {
      url: this.urlOf(webhook),
      secret: webhook.secret,
      comesFrom: (port, address) => this.callers.set(port, address),
    };
  }

  urlOf(webhook: WebhookDefinition): string {
    return `http://127.0.0.1:${this.port}/webhooks/${encodeURIComponent(webhook.name)}`;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

async function answer(
  request: IncomingMessage,
  callers: Callers,
  webhooks: readonly WebhookDefinition[],
  pipelines: readonly Pipeline[],
  onStarted: (finished: Promise<void>) => void,
): Promise<Answer> {
  if (request.method !== 'POST') return { status: 405, text: 'only POST' };
  const name = webhookName(request.url ?? '');
  const webhook = webhooks.find((candidate) => candidate.name === name);
  const pipeline = pipelines.find(({ definition }) => definition.name === webhook?.targetPipeline);
  if (webhook === undefined || pipeline === undefined)
    return { status: 404, text: 'no such webhook' };

  if (!isAdmitted(webhook, request, callers))
    return { status: 403, text: 'the address is not in the allowed range' };
  if (Number(request.headers['content-length'] ?? 0) > LARGEST_PAYLOAD)
    return { status: 413, text: 'the payload is too large' };
  const body = await readBody(request, LARGEST_PAYLOAD);
  const signature = request.headers[SIGNATURE_HEADER];
  const isSigned =
    webhook.secret === undefined ||
    (!Array.isArray(signature) && isSignedWith(signature, body, webhook.secret));
  if (!isSigned) return { status: 403, text: 'the signature does not match' };
  // GitHub's `ping` among them: it tests a webhook when it is made.
  if (request.headers['x-github-event'] !== 'push')
    return { status: 200, text: 'ignored: no push' };

  const payload = parseJson(body);
  if (payload === undefined) return { status: 400, text: 'the payload is not JSON' };
  const source = pipeline.definition.stages[0]?.actions.find(
    (action) => action.name === webhook.targetAction,
  );
  if (!matchesFilters(webhook, payload, source?.configuration ?? {})) {
    return { status: 200, text: 'ignored: a filter does not match' };
  }
  const { finished } = pipeline.start({
    triggerType: 'Webhook',
    triggerDetail: webhook.name,
  });
  onStarted(finished);
  return { status: 200, text: 'started' };
}

function isAdmitted(
  { allowedIpRange }: WebhookDefinition,
  { socket }: IncomingMessage,
  callers: Callers,
): boolean {
  const address = callers.get(socket.remotePort ?? 0) ?? socket.remoteAddress ?? '';
  return allowedIpRange === undefined || contains(allowedIpRange, address);
}

/** Undefined for paths that belong to no webhook, also for those that cannot be decoded. */
function webhookName(url: string): string | undefined {
  const [, encoded] = /^\/webhooks\/([^/?#]+)(?:\?.*)?$/.exec(url) ?? [];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
