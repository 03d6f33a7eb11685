import type { Check } from '../../report/report';
import type { Step } from '../../reporter/steps-view';
import type { Facts } from '../checks/facts';
import { nobodyNoticed } from '../checks/failure-checks';
import type { Scenario } from '../scenario';
import { Story } from './story';

/** Rollbacks wait for health checks and grace periods; five times faster is still no hurry. */
export const FAILURE_SPEED = 5;

/**
 * A release that must come to nothing: something wrong is pushed while users are served, and they
 * must not notice. All of these go on in one world.
 */
export function failingRelease(scenario: {
  readonly name: string;
  readonly expectation: string;
  readonly steps: (story: Story) => readonly Step[];
  /** Besides `nobodyNoticed` */
  readonly checks: (facts: Facts) => readonly Check[];
}): Scenario {
  const { name, expectation, steps, checks } = scenario;
  return {
    name,
    expectation,
    sharesWorld: true,
    speed: FAILURE_SPEED,
    begin(world, settings) {
      const story = new Story(world, settings);
      return {
        steps: [
          ...story.opening,
          ...steps(story),
          { title: 'Traffic against the healthy version', run: () => story.observeEnd() },
          { title: 'Next evaluation of the alarms', run: () => story.evaluateAlarms() },
        ],
        facts: () => story.facts(),
        checks: (facts) => [...checks(facts), ...nobodyNoticed(facts)],
      };
    },
  };
}
