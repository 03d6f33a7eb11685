import type { IncomingHttpHeaders } from 'node:http';

/** `routing.http.desync_mitigation_mode` */
export type DesyncMitigationMode = 'monitor' | 'defensive' | 'strictest';

/**
 * How far a request strays from RFC 7230.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
 */
export interface DesyncClassification {
  readonly classification: 'Compliant' | 'Acceptable' | 'Ambiguous';
  /** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html#classification-reasons */
  readonly reason?: string;
}

const COMPLIANT: DesyncClassification = { classification: 'Compliant' };
const FRAMING = new Set(['contentlength', 'transferencoding']);
const NON_COMPLIANT = /[^\t\x20-\x7e]/;

/**
 * The class of a request of HTTP/1.1. What would be `Severe`, and two lengths in one request, do not
 * get here: Node's parser takes neither, and they end with a 400 in every mode.
 */
export function classifyRequest(request: {
  readonly method: string;
  /** Names and values in turn */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingHttpHeaders;
}): DesyncClassification {
  const { method, rawHeaders, headers } = request;
  let result = COMPLIANT;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (isDisguised(name)) return ambiguous('SuspiciousHeader');
    if (NON_COMPLIANT.test(rawHeaders[index + 1] ?? '')) result = acceptable('NonCompliantHeader');
  }
  if (method !== 'GET' && method !== 'HEAD') return result;
  if (headers['transfer-encoding'] !== undefined)
    return ambiguous('UndefinedTransferEncodingSemantics');
  const length = headers['content-length'];
  if (length === undefined) return result;
  return Number(length) === 0
    ? acceptable('GetHeadZeroContentLength')
    : ambiguous('UndefinedContentLengthSemantics');
}

/** Ambiguous requests are let through in defensive mode, but end both of their connections. */
export function desyncDecision(
  { classification }: DesyncClassification,
  mode: DesyncMitigationMode,
): 'forward' | 'forward-and-close' | 'block' {
  if (classification === 'Compliant' || mode === 'monitor') return 'forward';
  if (mode === 'strictest') return 'block';
  return classification === 'Ambiguous' ? 'forward-and-close' : 'forward';
}

/** A name that some server might take for one of those that frame a message. */
function isDisguised(name: string): boolean {
  if (name.length < 14 || !/[^-a-z]/i.test(name)) return false;
  return FRAMING.has(name.toLowerCase().replace(/[^a-z]/g, ''));
}

function acceptable(reason: string): DesyncClassification {
  return { classification: 'Acceptable', reason };
}

function ambiguous(reason: string): DesyncClassification {
  return { classification: 'Ambiguous', reason };
}
