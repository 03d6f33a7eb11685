import { type Clock, isoTime } from '../clock';
import type { EventStream } from '../events';
import type { Reviewer } from './approvals';

/**
 * Stands in for the people who approve: a rehearsal has none, and would wait for seven days.
 * Says so each time, because it proves nothing about them.
 */
export function approveAtOnce(events: EventStream, clock: Clock): Reviewer {
  return ({ pipeline, stage, action }) => {
    events.emit({
      kind: 'unproven',
      time: isoTime(clock.now()),
      message: `the manual approval '${action}' of stage '${stage}' in pipeline '${pipeline}' was given by the rehearsal at once`,
    });
    return { status: 'Approved', summary: 'Approved by the rehearsal' };
  };
}
