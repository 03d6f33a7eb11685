import type { Clock } from '../../clock';
import { messageOf, RehearsalError } from '../../errors';
import type { ActionResult, ActionRunner } from '../actions/action';
import { isInWindow } from '../cron-window';

/**
 * `Rule/AWS/DeploymentWindow/1`: whether a deployment is allowed now.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-DeploymentWindow.html
 */
export function deploymentWindow(clock: Clock): ActionRunner {
  return ({ action }) => Promise.resolve(check(action.configuration, clock.now()));
}

function check(
  { Cron = '', TimeZone = 'UTC' }: Readonly<Record<string, string>>,
  now: number,
): ActionResult {
  try {
    if (isInWindow(Cron, now, TimeZone)) return { status: 'Succeeded' };
    const time = new Date(now).toISOString();
    return { status: 'Failed', summary: `${time} is outside of the window ${Cron} (${TimeZone})` };
  } catch (error) {
    if (!(error instanceof RehearsalError)) throw error;
    return { status: 'Failed', summary: messageOf(error) };
  }
}
