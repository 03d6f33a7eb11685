import { STATUS_CODES, ServerResponse } from 'node:http';
import { type ListenerResponse, writeHead } from './client-exchange';
import type { AnswerAction } from './listener-action';
import { type ListenerHeaders, modifiedHeaders } from './listener-headers';

/** Statuses that only a load balancer knows, and the texts that it gives them. */
const REASONS: Readonly<Record<number, string | undefined>> = {
  463: 'X-Forwarded-For Header Too Large',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

function reasonOf(status: number): string {
  return REASONS[status] ?? STATUS_CODES[status] ?? 'Unknown';
}

/** The page that an Application Load Balancer answers with itself. */
export function errorPage(status: number): { readonly reason: string; readonly body: string } {
  const reason = reasonOf(status);
  const title = `${status} ${reason}`;
  const body = [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    '</body>',
    '</html>',
    '',
  ].join('\r\n');
  return { reason, body };
}

/** Answers in the load balancer's own name. @returns bytes of the body */
export function sendErrorPage(
  response: ListenerResponse,
  status: number,
  modifications: ListenerHeaders,
): number {
  const { reason, body } = errorPage(status);
  const headers = { 'Content-Type': 'text/html' };
  return send(response, status, reason, headers, body, modifications);
}

/** Answers as an action says. @returns bytes of the body */
export function sendAnswer(
  response: ListenerResponse,
  action: AnswerAction,
  request: RedirectedRequest,
  modifications: ListenerHeaders,
): number {
  const { statusCode } = action;
  if (action.type === 'fixed-response') {
    const type = `${action.contentType}; charset=utf-8`;
    const headers = { 'Content-Type': type };
    const reason = reasonOf(statusCode);
    return send(response, statusCode, reason, headers, action.messageBody, modifications);
  }
  const { reason, body } = errorPage(statusCode);
  const headers = { 'Content-Type': 'text/html', Location: redirectLocation(action, request) };
  return send(response, statusCode, reason, headers, body, modifications);
}

/** What a redirect can keep of a request. */
export interface RedirectedRequest {
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/**
 * The Location of a redirect.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html
 */
export function redirectLocation(
  action: Extract<AnswerAction, { type: 'redirect' }>,
  request: RedirectedRequest,
): string {
  const [, path = '', query = ''] = /^\/?([^?]*)\??(.*)$/.exec(request.url) ?? [];
  const values: Record<string, string> = {
    protocol: request.protocol,
    host: request.host.replace(/:\d+$/, ''),
    port: String(request.port),
    path,
    query,
  };
  const fill = (text: string) =>
    text.replace(/#\{(protocol|host|port|path|query)\}/g, (_, name: string) => values[name] ?? '');
  const target = `${fill(action.protocol).toLowerCase()}://${fill(action.host)}:${fill(action.port)}`;
  const filledQuery = fill(action.query);
  return `${target}${fill(action.path)}${filledQuery === '' ? '' : `?${filledQuery}`}`;
}

function send(
  response: ListenerResponse,
  status: number,
  reason: string,
  headers: Record<string, string>,
  body: string,
  modifications: ListenerHeaders,
): number {
  const length = Buffer.byteLength(body);
  // The rest of a request that nobody reads must not be taken for the next one.
  const isLast = response instanceof ServerResponse && !response.req.complete;
  const all = [
    ...['Server', 'awselb/2.0', 'Content-Length', String(length)],
    ...Object.entries(headers).flat(),
    ...(isLast ? ['Connection', 'close'] : []),
  ];
  writeHead(response, status, reason, modifiedHeaders(all, modifications));
  response.end(body);
  return length;
}
