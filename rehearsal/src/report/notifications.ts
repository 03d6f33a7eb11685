import { isoTime } from '../clock';
import type { Notifications } from '../notifications';
import type { ScenarioReport } from './report';

/**
 * How people would have heard of what a scenario did.
 *
 * @param notifications undefined when no service was started
 * @param since of the scenario, in a world that others may have used before; milliseconds
 */
export function reportedNotifications(
  notifications: Notifications | undefined,
  since: number,
): Pick<ScenarioReport, 'alarms' | 'rules' | 'undelivered' | 'queues'> {
  if (notifications === undefined) {
    return { alarms: [], rules: [], undelivered: [], queues: [] };
  }
  const isRecent = ({ at }: { readonly at: string }) => Date.parse(at) >= since;
  return {
    alarms: notifications.alarms.all.map(({ definition, state, changes }) => ({
      name: definition.name,
      state,
      changes: changes
        .filter(({ time }) => time >= since)
        .map(({ time, from, to, reason }) => ({ at: isoTime(time), from, to, reason })),
    })),
    rules: notifications.rules,
    undelivered: notifications.undelivered.filter(isRecent),
    queues: notifications.queues.map(({ messages, ...queue }) => ({
      ...queue,
      messages: messages.length,
      deadLetters: messages
        .flatMap(({ sentAt: at, deadLetter }) => (deadLetter ? [{ at, ...deadLetter }] : []))
        .filter(isRecent),
    })),
  };
}
