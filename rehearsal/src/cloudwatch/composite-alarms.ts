import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { EventStream } from '../events';
import { type Publish, takeActions } from './alarm-actions';
import type { AwsTime } from './aws-time';
import { type ChildAlarm, CompositeAlarm } from './composite-alarm';
import { readCompositeAlarm } from './composite-definition';
import { compositeEmailText, compositeEvent, compositeMessage } from './composite-message';

export interface CompositeAlarmsDependencies {
  readonly time: AwsTime;
  readonly events: EventStream;
  readonly publish: Publish;
}

/**
 * Alarms over other alarms.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm.html
 */
export class CompositeAlarms {
  readonly alarms: readonly CompositeAlarm[];
  /** Sentences about alarms that are missing, and about cycles, which are not evaluated */
  readonly problems: readonly string[];
  private readonly evaluated: readonly CompositeAlarm[];

  /**
   * @param metricAlarms that they may watch
   * @throws RehearsalError `PropertyInvalid` or `AlarmRuleInvalid`
   */
  constructor(
    resources: DeployedResources,
    private readonly metricAlarms: readonly ChildAlarm[],
    private readonly deps: CompositeAlarmsDependencies,
  ) {
    this.alarms = resources
      .ofType('AWS::CloudWatch::CompositeAlarm')
      .map((resource) => new CompositeAlarm(readCompositeAlarm(resource), deps.time));
    const cyclic = this.alarms.filter((alarm) => this.reaches(alarm, alarm));
    this.evaluated = this.alarms.filter((alarm) => !cyclic.includes(alarm));
    this.problems = [
      ...this.alarms.flatMap(({ definition: { logicalId, stack, rule, suppressor } }) =>
        [...rule.children, ...(suppressor ? [suppressor.alarm] : [])]
          .filter((child) => this.find(child) === undefined)
          .map(
            (child) =>
              `composite alarm '${logicalId}' in stack '${stack}' asks for the alarm '${child}', which no deployed stack has`,
          ),
      ),
      ...cyclic.map(
        ({ definition: { logicalId, stack } }) =>
          `composite alarm '${logicalId}' in stack '${stack}' depends on itself, so CloudWatch does not evaluate it`,
      ),
    ];
  }

  /**
   * Follows the alarms that they watch, and acts where nothing suppresses it.
   *
   * @returns whether the state of any has changed
   */
  evaluate(): boolean {
    const find = (nameOrArn: string) => this.find(nameOrArn);
    let changed = false;
    for (let again = true; again;) {
      again = false;
      for (const alarm of this.evaluated) {
        const change = alarm.evaluate(find);
        if (change === undefined) continue;
        const suppressedBy = alarm.suppressedBy(find);
        this.deps.events.emit(compositeEvent(alarm.definition, change, suppressedBy));
        again = true;
        changed = true;
      }
    }
    for (const alarm of this.evaluated) {
      const { definition } = alarm;
      const change = alarm.due(find);
      if (change === undefined) continue;
      const text = {
        message: compositeMessage(definition, change),
        emailText: compositeEmailText(definition, change),
      };
      takeActions(definition, change, text, this.deps.publish);
    }
    return changed;
  }

  private find(nameOrArn: string): ChildAlarm | undefined {
    return [...this.metricAlarms, ...this.alarms].find(
      ({ definition }) => definition.name === nameOrArn || definition.arn === nameOrArn,
    );
  }

  private reaches(
    from: CompositeAlarm,
    wanted: CompositeAlarm,
    seen = new Set<CompositeAlarm>(),
  ): boolean {
    return from.definition.rule.children.some((name) => {
      const child = this.alarms.find((alarm) => alarm === this.find(name));
      if (child === undefined || seen.has(child)) return false;
      seen.add(child);
      return child === wanted || this.reaches(child, wanted, seen);
    });
  }
}
