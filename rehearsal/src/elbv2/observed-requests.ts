/** A request of the rehearsal's own traffic, seen in a connection. */
export interface ObservedRequest {
  readonly traceRoot: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly targetStatus: number;
  /** Milliseconds since the epoch */
  readonly startedAt: number;
  /** Not counted */
  readonly bytes: 0;
}

const REQUEST = /^([A-Z]+) (\S+) HTTP\/1\.1(?:\r\n[^]*?)?\r\nx-amzn-trace-id: Root=([-\w]+)/i;
/** The rehearsal's own requests have short headers. */
const HEADER_BYTES = 4096;

const ANSWER = /^HTTP\/1\.1 ([2-5]\d\d) /;

/**
 * Looks into a connection of HTTP/1.1 for requests that bear a trace id. A Network Load Balancer
 * knows connections only, and its log none of these; the rehearsal wants to know which task
 * answered its traffic, and changes nothing by looking.
 */
export class ObservedRequests {
  private open: Omit<ObservedRequest, 'status' | 'targetStatus'> | undefined;

  constructor(private readonly onRequest: (request: ObservedRequest) => void) {}

  /** What a client sent; a request begins with a chunk, since it waits for the answer before. */
  sent(chunk: Buffer, now: number): void {
    const [, method, path, traceRoot] =
      REQUEST.exec(chunk.toString('latin1', 0, HEADER_BYTES)) ?? [];
    if (method === undefined || path === undefined || traceRoot === undefined) return;
    this.open = { traceRoot, method, path, startedAt: now, bytes: 0 };
  }

  /** What the target sent. */
  answered(chunk: Buffer): void {
    if (this.open === undefined) return;
    const status = Number(ANSWER.exec(chunk.toString('latin1', 0, 16))?.[1]);
    if (Number.isNaN(status)) return;
    this.onRequest({ ...this.open, status, targetStatus: status });
    this.open = undefined;
  }
}
