import { EventStream, type RehearsalEvent } from '../../src/events';

/** A stream that keeps what was emitted. */
export function recordingEvents(): { stream: EventStream; events: RehearsalEvent[] } {
  const stream = new EventStream();
  const events: RehearsalEvent[] = [];
  stream.subscribe((event) => events.push(event));
  return { stream, events };
}
