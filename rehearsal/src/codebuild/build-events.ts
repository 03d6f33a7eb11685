import { isoTime } from '../clock';
import type { AwsEvent } from '../events';
import type { BuildFacts } from './build-environment';
import type { BuildPhaseStatus, BuildPhaseType, BuildStatus } from './phase-order';
import type { BuildProject } from './project-definition';

/** A phase of a build, as BatchGetBuilds shows it. */
export interface BuildPhase {
  readonly phaseType: BuildPhaseType;
  readonly phaseStatus: BuildPhaseStatus;
  /** Milliseconds since the epoch */
  readonly startTime: number;
  readonly endTime: number;
  /** e.g. `COMMAND_EXECUTION_ERROR`; empty when the phase succeeded */
  readonly statusCode: string;
  readonly message: string;
}

/** What the events of a build say about it. */
export interface BuildSummary {
  readonly project: BuildProject;
  readonly facts: BuildFacts;
  readonly account: string;
}

/**
 * https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications.html
 */
export function phaseChangeEvent(
  build: BuildSummary,
  phase: BuildPhase,
  phases: readonly BuildPhase[],
): AwsEvent {
  return event(build, 'CodeBuild Build Phase Change', phase.endTime, {
    'completed-phase': phase.phaseType,
    'completed-phase-status': phase.phaseStatus,
    'completed-phase-context': context(phase),
    'completed-phase-start': eventTime(phase.startTime),
    'completed-phase-end': eventTime(phase.endTime),
    'completed-phase-duration-seconds': seconds(phase),
    'additional-information': additionalInformation(build, phases, false),
  });
}

/** @param status IN_PROGRESS when the build begins */
export function stateChangeEvent(
  build: BuildSummary,
  status: BuildStatus | 'IN_PROGRESS',
  phases: readonly BuildPhase[],
  now: number,
): AwsEvent {
  const last = phases.at(-1);
  return event(build, 'CodeBuild Build State Change', now, {
    'build-status': status,
    'current-phase': status === 'IN_PROGRESS' ? 'SUBMITTED' : 'COMPLETED',
    'current-phase-context': last === undefined ? '[]' : context(last),
    'additional-information': additionalInformation(build, phases, status !== 'IN_PROGRESS'),
  });
}

function event(
  { project, facts, account }: BuildSummary,
  detailType: string,
  now: number,
  detail: Readonly<Record<string, unknown>>,
): AwsEvent {
  return {
    kind: 'aws',
    source: 'aws.codebuild',
    'detail-type': detailType,
    account,
    region: facts.region,
    time: isoTime(now),
    resources: [facts.arn],
    detail: { 'build-id': facts.arn, 'project-name': project.name, ...detail, version: '1' },
  };
}

function additionalInformation(
  { project, facts }: BuildSummary,
  phases: readonly BuildPhase[],
  complete: boolean,
): Readonly<Record<string, unknown>> {
  const { environment } = project;
  return {
    environment: {
      image: environment.image,
      'privileged-mode': environment.privilegedMode,
      'compute-type': environment.computeType,
      type: environment.type,
      'environment-variables': environment.variables,
    },
    'timeout-in-minutes': project.timeoutMinutes,
    'build-complete': complete,
    initiator: facts.initiator,
    'build-start-time': eventTime(facts.startTime),
    source: { location: project.source.location ?? '', type: project.source.type },
    logs: { 'group-name': project.logs.groupName, 'stream-name': facts.logStream },
    phases: phases.map((phase) => ({
      'phase-type': phase.phaseType,
      'phase-status': phase.phaseStatus,
      'phase-context': [context(phase)],
      'start-time': eventTime(phase.startTime),
      'end-time': eventTime(phase.endTime),
      'duration-in-seconds': seconds(phase),
    })),
  };
}

function context({ statusCode, message }: BuildPhase): string {
  return `[${statusCode}: ${message}]`;
}

function seconds({ startTime, endTime }: BuildPhase): number {
  return Math.round((endTime - startTime) / 1000);
}

/** CodeBuild's own form inside the detail, e.g. `Sep 1, 2017 4:12:29 PM`. */
function eventTime(milliseconds: number): string {
  return new Intl.DateTimeFormat('en-US', {
    timeZone: 'UTC',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    second: '2-digit',
  })
    .format(milliseconds)
    .replace(/^(\w+ \d+, \d+), /, '$1 ')
    .replaceAll('\u202f', ' ');
}
