import type { Agent } from 'node:http';
import type { Clock } from '../clock';
import { type ListenerEnd, requestTo } from './listener-client';
import type { RequestOutcome } from './traffic-tally';

export interface RequestToSend {
  readonly address: ListenerEnd;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Keeps connections; undefined opens one for this request alone */
  readonly agent: Agent | undefined;
  /** Sent as a chunked body, spread evenly over `overMs` of real time */
  readonly slowBody: { readonly text: string; readonly overMs: number } | undefined;
  /** Whether it is sent once more, on a new connection, when a kept one turns out to be closed */
  readonly resends: boolean;
  /** For each time that it is sent, of real time */
  readonly timeoutMs: number;
}

/** Parts of a slow body: enough that some are sent after any moment in a release. */
const SLOW_BODY_PARTS = 10;

/** One GET. Never rejects: a lost request is a result. */
export function sendRequest(request: RequestToSend, clock: Clock): Promise<RequestOutcome> {
  return new Promise((resolve) => {
    let isFinished = false;
    let isAnswered = false;
    const finish = (outcome: RequestOutcome) => {
      isFinished = true;
      endLimit();
      resolve(outcome);
    };
    const lost = (error: NodeJS.ErrnoException) => {
      if (isFinished) return;
      if (!request.resends || !sending.reusedSocket || isAnswered) {
        return finish({ error: error.code ?? error.message });
      }
      endLimit();
      const again = sendRequest({ ...request, agent: undefined, resends: false }, clock);
      void again.then((outcome) => resolve({ ...outcome, resent: true }));
    };
    const sending = requestTo(request.address, {
      path: request.path,
      headers: {
        ...request.headers,
        ...(request.slowBody && {
          'Content-Type': 'application/json',
          'Transfer-Encoding': 'chunked',
        }),
      },
      agent: request.agent ?? false,
    });
    sending.on('error', lost);
    sending.on('response', (answer) => {
      isAnswered = true;
      const status = answer.statusCode ?? 0;
      answer.on('error', lost);
      answer.on('end', () => finish({ status }));
      answer.resume();
    });
    const endLimit = clock.after(request.timeoutMs, () => {
      finish({ error: 'timeout' });
      sending.destroy();
    });
    if (request.slowBody === undefined) sending.end();
    else void trickle(request.slowBody);

    async function trickle({ text, overMs }: { text: string; overMs: number }): Promise<void> {
      const size = Math.ceil(text.length / SLOW_BODY_PARTS);
      for (let part = 0; part < SLOW_BODY_PARTS && !isFinished; part += 1) {
        sending.write(text.slice(part * size, (part + 1) * size));
        await clock.delay(overMs / SLOW_BODY_PARTS);
      }
      sending.end();
    }
  });
}
