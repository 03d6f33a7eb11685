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
): Pick<ScenarioReport, 'alarms' | 'rules' | 'undelivered'> {
  if (notifications === undefined) return { alarms: [], rules: [], undelivered: [] };
  return {
    alarms: notifications.alarms.all.map(({ definition, state, changes }) => ({
      name: definition.name,
      state,
      changes: changes
        .filter(({ time }) => time >= since)
        .map(({ time, from, to, reason }) => ({ at: isoTime(time), from, to, reason })),
    })),
    rules: notifications.rules,
    undelivered: notifications.undelivered.filter(({ at }) => Date.parse(at) >= since),
  };
}
