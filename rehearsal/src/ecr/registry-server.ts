import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../errors';
import type { Authorizer } from '../iam/authorizer';
import type { AuthorizationTokens } from './authorization-tokens';
import type { BlobStore } from './blob-store';
import type { ImageStore } from './image-store';
import { RegistryAnswers, send } from './registry-answers';
import { authenticate, authorize } from './registry-authentication';
import { RegistryError, registryErrorOf } from './registry-error';
import { routeOf } from './registry-route';

export interface RegistryServerOptions {
  readonly images: ImageStore;
  readonly tokens: AuthorizationTokens;
  readonly authorizer: Authorizer;
  /** Where layers are kept; registries that share one have each other's */
  readonly blobs: BlobStore;
}

/**
 * The registry that `docker push` and `docker pull` talk to, in ECR's place.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export class RegistryServer {
  private readonly answers: RegistryAnswers;
  private readonly server: Server;

  private constructor(private readonly options: RegistryServerOptions) {
    this.answers = new RegistryAnswers(options.images, options.blobs);
    this.server = createServer((request, response) => void this.answer(request, response));
    // A layer may take long; nothing but this machine can connect.
    this.server.requestTimeout = 0;
  }

  /** Listens on 127.0.0.1 at a free port */
  static async start(options: RegistryServerOptions): Promise<RegistryServer> {
    const registry = new RegistryServer(options);
    await new Promise<void>((resolve, reject) => {
      registry.server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return registry;
  }

  /** `127.0.0.1:<port>`, which a Docker daemon takes for an insecure registry without settings */
  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    try {
      await this.route(request, response);
    } catch (error) {
      if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
      }
      const { status, code, message, headers } =
        registryErrorOf(error) ?? new RegistryError(500, 'UNKNOWN', messageOf(error));
      // What is left of the body is not read: the connection cannot be used again.
      if (!request.complete) response.setHeader('connection', 'close');
      const body = JSON.stringify({ errors: [{ code, message }] });
      response.writeHead(status, { ...headers, 'content-type': 'application/json' });
      response.end(request.method === 'HEAD' ? undefined : body);
    }
  }

  private async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://registry');
    const caller = authenticate(request, this.options.tokens);
    const route = routeOf(request.method ?? 'GET', decodeURIComponent(url.pathname));
    if (route === undefined) {
      throw new RegistryError(405, 'UNSUPPORTED', 'The operation is unsupported.');
    }
    if (route.kind === 'check-version') return send(response, 200, {}, '{}');
    const { images, authorizer } = this.options;
    for (const action of route.actions) {
      authorize(authorizer, caller, action, images.repositoryArn(route.repositoryName));
    }
    images.repository(route.repositoryName);
    await this.answers.answer(route, request, response);
  }
}
