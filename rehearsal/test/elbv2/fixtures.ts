import {
  type Agent,
  createServer,
  request as httpRequest,
  type RequestListener,
  type Server,
} from 'node:http';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import type {
  DeployedResource,
  DeployedResources,
} from '../../src/cloudformation/deployed-resource';
import type { LoadBalancerReachability } from '../../src/ec2/reachability-questions';
import type { RehearsalEvent } from '../../src/events';
import type { AccessLogRecord } from '../../src/elbv2/access-log';
import { LoadBalancers } from '../../src/elbv2/load-balancers';
import type { Target } from '../../src/elbv2/target-registrar';
import { ManualClock } from '../_helpers/manual-clock';
import { recordingEvents } from '../_helpers/recording-events';

const arn = (path: string) =>
  `arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:${path}/0123456789abcdef`;

export const LOAD_BALANCER_ARN = arn('loadbalancer/app/api-alb');
export const LISTENER_ARN = arn('listener/app/api-alb/0123');
export const TARGET_GROUP_ARN = arn('targetgroup/api');

export function resource(
  type: string,
  physicalId: string,
  properties: Record<string, unknown>,
): DeployedResource {
  return {
    stack: 'ServiceStack',
    logicalId: `${type.split('::').at(-1) ?? type}1`,
    type: `AWS::ElasticLoadBalancingV2::${type}`,
    physicalId,
    attributes: {},
    properties,
    region: 'ap-northeast-2',
    account: '000000000000',
  };
}

export function resources(all: readonly DeployedResource[]): DeployedResources {
  const ofType = (type: string) => all.filter((one) => one.type === type);
  return {
    all,
    ofType,
    find: (type, identifier) => ofType(type).find(({ physicalId }) => physicalId === identifier),
  };
}

export const targetGroupProperties = (extra: Record<string, unknown> = {}) => ({
  Port: 80,
  Protocol: 'HTTP',
  TargetType: 'ip',
  HealthCheckPath: '/health',
  HealthCheckIntervalSeconds: 10,
  HealthCheckTimeoutSeconds: 5,
  ...extra,
});

export const listenerProperties = (extra: Record<string, unknown> = {}) => ({
  LoadBalancerArn: LOAD_BALANCER_ARN,
  Port: 80,
  Protocol: 'HTTP',
  DefaultActions: [{ Type: 'forward', TargetGroupArn: TARGET_GROUP_ARN }],
  ...extra,
});

export const listenerRule = (extra: Record<string, unknown> = {}) => ({
  ListenerArn: LISTENER_ARN,
  Priority: 1,
  Conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
  Actions: [{ Type: 'forward', TargetGroupArn: TARGET_GROUP_ARN }],
  ...extra,
});

/** A rule that answers by itself, with a status that tells it from others. */
export function fixedRule(
  Conditions: readonly unknown[],
  { priority, statusCode }: { readonly priority: number; readonly statusCode: number },
): DeployedResource {
  const FixedResponseConfig = { StatusCode: String(statusCode) };
  const Actions = [{ Type: 'fixed-response', FixedResponseConfig }];
  return resource(
    'ListenerRule',
    `rule-${priority}`,
    listenerRule({ Priority: priority, Conditions, Actions }),
  );
}

interface Setting {
  readonly clock?: ManualClock;
  readonly loadBalancer?: Record<string, unknown>;
  readonly listener?: Record<string, unknown>;
  readonly targetGroup?: Record<string, unknown>;
  readonly more?: readonly DeployedResource[];
  readonly network?: LoadBalancerReachability;
}

export interface Running {
  readonly loadBalancers: LoadBalancers;
  readonly port: number;
  readonly clock: ManualClock;
  readonly events: RehearsalEvent[];
  readonly log: AccessLogRecord[];
  /** Registers a target whose handler answers, and waits until it is healthy */
  addTarget(handler: RequestListener, options?: { keepAliveTimeout?: number }): Promise<Target>;
  /** Registers what listens somewhere already */
  register(port: number): Target;
  state(target: Target): string;
  deregister(target: Target): void;
  /** What was said to be left unproven */
  unproven(): string[];
}

const closers: (() => Promise<void> | void)[] = [];

/** For afterEach: ends everything that this file started. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export function closeLater(close: () => Promise<void> | void): void {
  closers.push(close);
}

export async function startLoadBalancer(setting: Setting = {}): Promise<Running> {
  const clock = setting.clock ?? new ManualClock();
  const { stream, events } = recordingEvents();
  const log: AccessLogRecord[] = [];
  const loadBalancers = await LoadBalancers.start(
    resources([
      resource('LoadBalancer', LOAD_BALANCER_ARN, setting.loadBalancer ?? {}),
      resource('Listener', LISTENER_ARN, listenerProperties(setting.listener)),
      resource('TargetGroup', TARGET_GROUP_ARN, targetGroupProperties(setting.targetGroup)),
      ...(setting.more ?? []),
    ]),
    {
      clock,
      events: stream,
      onRequest: (record) => log.push(record),
      ...(setting.network !== undefined && { network: setting.network }),
    },
  );
  closeLater(() => loadBalancers.close());
  const address = loadBalancers.addressOf(LOAD_BALANCER_ARN)[0];
  if (address === undefined) throw new Error('the load balancer has no listener');
  let targets = 0;
  const state = (target: Target) => loadBalancers.targetHealth(TARGET_GROUP_ARN, target).state;
  const register = (port: number): Target => {
    targets += 1;
    const target = { id: `10.0.0.${targets}`, port: 3000, address: { host: '127.0.0.1', port } };
    loadBalancers.registerTarget(TARGET_GROUP_ARN, target);
    return target;
  };
  return {
    loadBalancers,
    port: address.port,
    clock,
    events,
    log,
    state,
    register,
    unproven: () => events.flatMap((event) => (event.kind === 'unproven' ? [event.message] : [])),
    deregister: (target) => loadBalancers.deregisterTarget(TARGET_GROUP_ARN, target),
    addTarget: async (handler, options = {}) => {
      const server = createServer(options, (request, response) => {
        if (request.url === '/health') response.end('ok');
        else handler(request, response);
      });
      const target = register(await listen(server));
      await until(() => state(target) === 'healthy');
      return target;
    },
  };
}

/** Listens on a free port of 127.0.0.1 until the test is over. @returns the port */
export async function listen(server: Server | TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closeLater(() => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

interface AskOptions {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly agent?: Agent;
}

/** One request; rejects when the connection fails. */
export function ask(port: number, options: AskOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { path = '/', method = 'GET', headers = {}, body, agent } = options;
    const asked = httpRequest({
      host: '127.0.0.1',
      port,
      path,
      method,
      headers,
      maxHeaderSize: 64 * 1024,
      ...(agent === undefined ? { agent: false as const } : { agent }),
    });
    asked.on('error', reject);
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    asked.end(body);
  });
}

/** Lets sockets work until something holds; the test's own time limit ends it otherwise. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
