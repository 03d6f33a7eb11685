import { isoTime } from '../../clock';
import type { PipelineExecution } from '../../codepipeline/execution';
import type { DeploymentSummary } from '../../ecs/service-description';
import type { DeploymentReport, ExecutionReport, TrafficReport } from '../../report/report';
import type { TrafficGenerator } from '../../traffic/traffic-generator';

/** An execution as the report shows it. */
export function reportedExecution(execution: PipelineExecution): ExecutionReport {
  return {
    id: execution.id,
    pipeline: execution.pipeline,
    commit: execution.commit ?? null,
    ...span(execution),
    stages: execution.stages.map((stage) => ({
      name: stage.name,
      ...span(stage),
      actions: stage.actions.map((action) => ({
        name: action.name,
        ...span(action),
        summary: action.summary ?? '',
      })),
    })),
  };
}

function span({
  status,
  startedAt,
  finishedAt,
}: {
  readonly status: string;
  readonly startedAt: number;
  readonly finishedAt?: number;
}) {
  return {
    status,
    startedAt: isoTime(startedAt),
    finishedAt: finishedAt === undefined ? null : isoTime(finishedAt),
  };
}

export function reportedDeployment(deployment: DeploymentSummary): DeploymentReport {
  const { id, taskDefinition, image, rolloutState, startedAt, finishedAt } = deployment;
  return { id, taskDefinition, image, rolloutState, startedAt, finishedAt: finishedAt ?? null };
}

/** Failures that a scenario brings about itself; it counts them. */
const NOT_THE_RELEASE = { failedWithKilledTasks: 0, failedWithBrokenVersion: 0 };

export const NO_TRAFFIC: TrafficReport = {
  sent: 0,
  succeeded: 0,
  failed: 0,
  resent: 0,
  byStatus: {},
  byTaskDefinition: {},
  errorsByTaskDefinition: {},
  latencyMs: { p50: null, p99: null, max: null },
  failures: [],
  longestStallMs: 0,
  ...NOT_THE_RELEASE,
};

/** Enough to see what went wrong; all failures are counted. */
const FAILURES_SHOWN = 20;

export function reportedTraffic(
  traffic: Pick<TrafficGenerator, 'summary' | 'failures' | 'longestStallMs'>,
): TrafficReport {
  const failures = traffic
    .failures()
    .slice(0, FAILURES_SHOWN)
    .map(({ time, kind, path, result, target }) => ({
      time,
      kind,
      path,
      result,
      target: target ?? null,
    }));
  return {
    ...traffic.summary(),
    failures,
    longestStallMs: Math.round(traffic.longestStallMs()),
    ...NOT_THE_RELEASE,
  };
}
