import { basename, join } from 'node:path';
import { type Clock, isoTime, SystemClock } from './clock';
import type { ContainerEngine } from './containers/container-engine';
import { BlobStore } from './ecr/blob-store';
import { messageOf, RehearsalError } from './errors';
import { EventStream } from './events';
import type { RehearsalOptions } from './options';
import { findUnplayedProperties, type UnplayedProperty } from './played-properties';
import { argumentsFor, Preparation, type Prepared, type RehearsalHost } from './preparation';
import type { SilentAlarm } from './cloudwatch/alarms';
import type { StatementUse } from './iam/policy-use';
import { reportedNotifications } from './report/notifications';
import type { CallReport, Report, ScenarioReport } from './report/report';
import { openReportDirectory } from './report/report-directory';
import { totalsOf } from './report/totals';
import { mergeCalls } from './report/merge-calls';
import { mergeStatements } from './report/merge-statements';
import { writeReport } from './report/write-report';
import { LogFiles } from './reporter/log-files';
import { showSteps, type Step } from './reporter/steps-view';
import { RunDirectory } from './run-directory';
import { selectScenarios } from './scenarios';
import type { Scenario } from './scenarios/scenario';
import { EmailOutbox } from './sns/email-outbox';
import { connectSmtpRelay } from './sns/smtp-relay';
import { World } from './world';

/** How long a step may take to notice that everything it works with was closed. */
const LAST_STEP_MS = 5000;

export interface RehearsalResult {
  readonly passed: boolean;
  readonly report: Report;
  /** Paths of the written report */
  readonly files: { readonly json: string; readonly page: string };
}

/** One call of `npm run rehearse`: prepares, plays every scenario in a world of its own, reports. */
export class Rehearsal {
  private readonly clock: Clock;
  private readonly events = new EventStream();
  private readonly run: RunDirectory;
  private readonly blobs: BlobStore;
  private readonly unproven = new Set<string>();
  private readonly outbox: EmailOutbox;
  private world: World | undefined;
  /** Of the world that the next scenario may share; undefined: it may not */
  private sharedSpeed: number | undefined;
  private engineDescription = '';
  private engineName: ContainerEngine['name'] | undefined;
  private unplayedProperties: readonly UnplayedProperty[] = [];
  /** A world that several scenarios share counts its calls over all of them. */
  private readonly calls = new Map<World, readonly CallReport[]>();
  private readonly statements = new Map<World, readonly StatementUse[]>();
  private silentAlarms: readonly SilentAlarm[] = [];
  private readonly stopping = new AbortController();
  private underWay: Promise<unknown> = Promise.resolve();
  private closed: Promise<void> | undefined;

  constructor(
    private readonly options: RehearsalOptions,
    private readonly host: RehearsalHost,
  ) {
    this.clock = new SystemClock(options.speed);
    this.outbox = new EmailOutbox(options.report);
    this.run = RunDirectory.create(host.home, this.clock.now());
    this.blobs = new BlobStore(this.run.directory('layers'));
    this.events.subscribe((event) => {
      if (event.kind === 'unproven') this.unproven.add(event.message);
    });
  }

  /** @throws RehearsalError when something cannot be played; a scenario that fails is a result */
  async play(): Promise<RehearsalResult> {
    const startedAt = this.clock.now();
    const scenarios = selectScenarios(this.options.scenarios);
    openReportDirectory(this.options.report);
    await this.openOutbox();
    const prepared = await this.prepare();
    const reports: ScenarioReport[] = [];
    for (const scenario of scenarios) {
      const { sent, failed } = totalsOf(reports.map(({ traffic }) => traffic));
      const played = await this.logged(scenario, () =>
        this.playScenario(scenario, prepared, sent - failed),
      );
      if (played !== undefined) reports.push(played);
    }
    await this.world?.close();
    await this.outbox.close();
    const report = this.report(prepared, reports, startedAt);
    const files = writeReport(report, this.options.report);
    return { passed: reports.length > 0 && reports.every(({ passed }) => passed), report, files };
  }

  /** Ends whatever runs and removes what only a run needs; may be called twice, and at any time. */
  close(): Promise<void> {
    this.closed ??= this.end();
    return this.closed;
  }

  private async end(): Promise<void> {
    this.stopping.abort();
    await this.world?.close();
    await this.outbox.close();
    const waited = new AbortController();
    await Promise.race([this.underWay, this.clock.delay(LAST_STEP_MS, waited.signal)]);
    waited.abort();
    // It may have opened meanwhile.
    await this.world?.close();
    this.run.remove();
  }

  private async show(steps: readonly Step[]): Promise<void> {
    const followed = steps.map((step) => ({
      title: step.title,
      run: () => this.follow(step.run()),
    }));
    const { terminal } = this.host;
    await showSteps(followed, this.events, { terminal, signal: this.stopping.signal });
  }

  /** Remembers work that `close` lets come to its end, because it writes into the run's directory. */
  private follow<T>(work: Promise<T>): Promise<T> {
    this.underWay = work.catch(() => undefined);
    return work;
  }

  private async openOutbox(): Promise<void> {
    const { smtp } = this.options;
    const refused = (message: string) => void this.unproven.add(message);
    this.outbox.open(smtp && (await connectSmtpRelay(smtp, refused)));
  }

  private async prepare(): Promise<Prepared> {
    const { options, host, run, events, clock } = this;
    const preparation = new Preparation({ options, host, run, events, clock });
    await this.show(preparation.steps);
    return preparation.result();
  }

  /** The world of the scenario before, where both share one and it was left healthy; else a new one. */
  private async worldFor(scenario: Scenario, prepared: Prepared): Promise<World> {
    const { events, options } = this;
    const speed = Math.max(options.speed, scenario.speed ?? 1);
    if (this.world !== undefined) {
      if (scenario.sharesWorld === true && this.sharedSpeed === speed) return this.world;
      await this.world.close();
    }
    let world: World | undefined;
    const open = () =>
      World.open({
        ...prepared,
        clock: new SystemClock(speed),
        events,
        run: this.run.part(scenario.name),
        blobs: this.blobs,
        outbox: this.outbox,
        parameters: options.parameters,
        allowUnplayed: options.allowUnplayed,
        hostEnvironment: this.host.environment,
      });
    await this.show([
      {
        title: `Account, repository and clone for '${scenario.name}'`,
        run: async () => {
          this.world = world = await open();
        },
      },
    ]);
    if (world === undefined) throw new Error('a step that did not fail has opened the world');
    this.engineName = world.containers.name;
    this.engineDescription = world.containers.description;
    for (const message of world.containers.unproven) this.unproven.add(message);
    this.sharedSpeed = scenario.sharesWorld === true ? speed : undefined;
    return world;
  }

  /** Keeps what is reported while a scenario is played. */
  private async logged<T>(scenario: Scenario, play: () => Promise<T>): Promise<T> {
    const logs = new LogFiles(join(this.options.report, 'logs', scenario.name));
    const stopLogs = this.events.subscribe((event) => logs.report(event));
    try {
      return await play();
    } finally {
      stopLogs();
      logs.close();
    }
  }

  /** @returns undefined when this project has nothing to play the scenario with */
  private async playScenario(
    scenario: Scenario,
    prepared: Prepared,
    requestsAnswered: number,
  ): Promise<ScenarioReport | undefined> {
    const { clock, options } = this;
    const startedAt = clock.now();
    const world = await this.worldFor(scenario, prepared);
    const play = scenario.begin(world, {
      requestsPerSecond: options.rps,
      requestsAnswered,
      program: {
        home: this.host.home,
        args: argumentsFor(prepared, {
          ...options,
          speed: Math.max(options.speed, scenario.speed ?? 1),
        }),
        environment: this.host.environment,
      },
      run: this.run.part(scenario.name),
    });
    let failure: string | undefined;
    try {
      await this.show(play.steps);
    } catch (error) {
      if (!(error instanceof RehearsalError)) throw error;
      if (error.code === 'ScenarioUnplayable' && !options.scenarios.includes(scenario.name)) {
        await this.leaveOut(scenario, world, error);
        return undefined;
      }
      if (error.exitCode === 2) throw error;
      failure = messageOf(error);
    }
    // What rules have built belongs to the scenario that made them match.
    await world.services?.projectBuilds.settled();
    const facts = play.facts();
    const found = play.checks(facts);
    if (world.deployed) this.unplayedProperties = findUnplayedProperties(world.deployed);
    this.calls.set(world, world.account.access.uses());
    this.statements.set(world, world.account.access.statements());
    this.silentAlarms = world.services?.notifications.silentAlarms ?? [];
    const checks =
      failure === undefined
        ? found
        : [
            { expectation: 'the scenario runs to its end', passed: false, actual: failure },
            ...found,
          ];
    const passed = checks.every((check) => check.passed);
    // Nothing goes on in a world that a scenario has left otherwise than it should.
    if (!passed) this.sharedSpeed = undefined;
    if (this.sharedSpeed === undefined) await world.close();
    return {
      name: scenario.name,
      passed,
      expectation: scenario.expectation,
      startedAt: isoTime(startedAt),
      finishedAt: isoTime(clock.now()),
      checks,
      executions: facts.executions,
      deployments: facts.deployments,
      traffic: facts.traffic,
      mail: facts.mail,
      ...reportedNotifications(world.services?.notifications, startedAt),
      builds: (world.services?.projectBuilds.all ?? []).filter(
        (build) => Date.parse(build.startedAt) >= startedAt,
      ),
    };
  }

  /** What was not executed is never reported as passed. */
  private async leaveOut(scenario: Scenario, world: World, { message }: Error): Promise<void> {
    this.unproven.add(`the scenario '${scenario.name}' was not played: ${message}`);
    this.sharedSpeed = undefined;
    await world.close();
  }

  private report(
    { project, engine, resources }: Prepared,
    scenarios: readonly ScenarioReport[],
    startedAt: number,
  ): Report {
    const { options, clock } = this;
    return {
      schemaVersion: 1,
      engine: this.engineName ?? engine.name,
      engineDescription: this.engineDescription,
      speed: options.speed,
      startedAt: isoTime(startedAt),
      finishedAt: isoTime(clock.now()),
      project: basename(project.directory),
      resources,
      unplayedProperties: this.unplayedProperties,
      calls: mergeCalls(this.calls.values()),
      statements: mergeStatements(this.statements.values()),
      unproven: [...this.unproven],
      silentAlarms: this.silentAlarms,
      totals: totalsOf(scenarios.map(({ traffic }) => traffic)),
      scenarios,
    };
  }
}
