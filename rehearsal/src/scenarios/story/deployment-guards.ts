import { readServiceDefinition } from '../../ecs/service-definition';
import { RehearsalError } from '../../errors';
import type { GuardFacts } from '../checks/guard-checks';
import { serviceOf } from './observations';
import type { Story } from './story';
import { isTold } from './told-alarms';
import { LOOK_MS } from './waits';

/** Longest that an alarm may take to see that all is well again, in milliseconds of AWS's time. */
const OVER_MS = 15 * 60_000;

/** The alarms that guard deployments of the service that a story watches, from now on. */
export class DeploymentGuards {
  private readonly names: readonly string[];
  private readonly since: number;

  /** @throws RehearsalError `ScenarioUnplayable` when there are none */
  constructor(private readonly story: Story) {
    const { deployed, clock } = story.world;
    const { serviceName } = serviceOf(story.running);
    const service = (deployed?.ofType('AWS::ECS::Service') ?? [])
      .map(readServiceDefinition)
      .find((definition) => definition.serviceName === serviceName);
    this.names = service?.alarms?.alarmNames ?? [];
    this.since = clock.now();
    if (this.names.length > 0) return;
    throw new RehearsalError(
      'ScenarioUnplayable',
      `no alarm guards deployments of service '${serviceName}', so on AWS too a version that is healthy and answers users with errors is let in and stays. Name an alarm on HTTPCode_Target_5XX_Count in DeploymentConfiguration.Alarms, or play the other scenarios, by --scenario.`,
    );
  }

  /** Waits until none of them is in ALARM; not while the broken version serves, or for ever. */
  async awaitOver(): Promise<void> {
    const { clock } = this.story.world;
    if (this.because() === '') return;
    const over = new AbortController();
    const late = new AbortController();
    void clock.wait(OVER_MS, over.signal).then(() => late.abort());
    while (this.red().length > 0 && !late.signal.aborted) await clock.delay(LOOK_MS);
    over.abort();
  }

  seen(errorsUntilRollback: number): GuardFacts {
    const { names, since, story } = this;
    const { alarms } = story.running.notifications.alarms;
    return {
      names,
      wentOff: this.all
        .filter(({ changes }) => changes.some(({ to, time }) => to === 'ALARM' && time >= since))
        .map(({ definition: { name } }) => {
          const onMetric = alarms.find(({ definition }) => definition.name === name);
          return {
            name,
            isTold: onMetric !== undefined && isTold(story.world, onMetric.definition),
          };
        }),
      red: this.red(),
      because: this.because(),
      errorsUntilRollback,
    };
  }

  private get all() {
    const { all } = this.story.running.notifications.alarms;
    return all.filter(({ definition }) => this.names.includes(definition.name));
  }

  private red(): string[] {
    return this.all
      .filter(({ state }) => state === 'ALARM')
      .map(({ definition: { name } }) => name);
  }

  /** What ECS says of the deployment that the push began. */
  private because(): string {
    const { story } = this;
    const text = `(deployment ${story.deployments().at(-1)?.id ?? ''}) deployment failed: `;
    const said = serviceOf(story.running).events.find(({ message }) => message.includes(text));
    return said?.message.split(text)[1] ?? '';
  }
}
