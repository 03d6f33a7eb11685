import type { Check } from '../report/report';
import { releaseChecks } from './checks/release-checks';
import { pushRelease } from './commits/release-commit';
import type { Scenario } from './scenario';
import { Deregistrations, wasInFlight } from './story/deregistrations';
import { FAILURE_SPEED } from './story/failing-release';
import { Story } from './story/story';

/** What an upload or a report may take; below the time that targets get to finish. */
const SLOW_MS = 10_000;

/** Every fourth request is slow. */
const MIX = { 'new-connection': 7, 'keep-alive': 8, slow: 5 };

/** Requests of ten seconds are under way all the time, also on the tasks that a release stops. */
export const slowRequests: Scenario = {
  name: 'slow-requests',
  expectation:
    'Requests that take ten seconds are in flight on every task that the release stops; the load balancer lets all of them finish before the task gets its stop signal, and none is lost.',
  sharesWorld: true,
  speed: FAILURE_SPEED,
  begin(world, settings) {
    const story = new Story(world, settings);
    const deregistrations = new Deregistrations();
    const slow = new Map<string, number>();
    const stopListening = world.events.subscribe((event) => deregistrations.record(event));
    story.accessListeners.add((record) => {
      if (record.durationMs < SLOW_MS * 0.9 || !wasInFlight(record, deregistrations)) return;
      const target = record.target ?? '';
      slow.set(target, (slow.get(target) ?? 0) + 1);
    });
    return {
      steps: [
        ...story.openingWith({ mix: MIX, slowBodyMs: SLOW_MS }),
        { title: 'git push', run: () => pushRelease(story) },
        { title: 'Pipeline execution', run: () => story.awaitExecutions() },
        {
          title: 'Traffic against the new version',
          run: () => story.observeEnd().finally(stopListening),
        },
      ],
      facts: () => story.facts(),
      checks: (facts) => [...releaseChecks(facts), inFlightCheck(deregistrations, slow)],
    };
  },
};

function inFlightCheck({ targets }: Deregistrations, slow: ReadonlyMap<string, number>): Check {
  return {
    expectation: `every task that the release stopped was working on requests of ${SLOW_MS / 1000} s when it was taken out of the load balancer`,
    passed: targets.length > 0 && targets.every((target) => (slow.get(target) ?? 0) > 0),
    actual:
      targets.map((target) => `${target}: ${slow.get(target) ?? 0} requests`).join(', ') ||
      'no task was taken out',
  };
}
