import { RehearsalError } from '../errors';
import { engineKilled } from './engine-killed';
import { badBuildspec, buildTimeout, failingTests } from './failing-builds';
import {
  badImageDefinitions,
  crashOnStart,
  failingHealthCheck,
  hangsOnStart,
  imageMissing,
} from './failing-deployments';
import { failingRequests } from './failing-requests';
import { forgedWebhook, missingToken, otherBranch } from './failing-triggers';
import { firstDeploymentFails } from './first-deployment-fails';
import { ignoresSigterm } from './ignores-sigterm';
import { keepAliveClients } from './keep-alive-clients';
import { load } from './load';
import { pipelineCreated } from './pipeline-created';
import { recovery } from './recovery';
import { release } from './release';
import type { Scenario } from './scenario';
import { slowRequests } from './slow-requests';
import { streaming } from './streaming';
import { superseded } from './superseded';
import { taskKilled } from './task-killed';
import { vulnerableImage } from './vulnerable-image';

/** Every scenario, in the order in which they are played. */
export const scenarios: readonly Scenario[] = [
  // These have a world of their own.
  pipelineCreated,
  firstDeploymentFails,
  streaming,
  ignoresSigterm,
  engineKilled,
  // These go on in one world, and `load` sends what all before it have not.
  release,
  otherBranch,
  forgedWebhook,
  missingToken,
  failingTests,
  badBuildspec,
  buildTimeout,
  vulnerableImage,
  badImageDefinitions,
  imageMissing,
  crashOnStart,
  failingHealthCheck,
  hangsOnStart,
  failingRequests,
  recovery,
  superseded,
  slowRequests,
  keepAliveClients,
  taskKilled,
  load,
];

/**
 * Played unless somebody asks for others: a release that succeeds, and what the users of one that
 * fails notice, in the build, in the container and in its health check. It takes a few minutes.
 */
export const firstScenarios: readonly Scenario[] = [
  release,
  failingTests,
  crashOnStart,
  failingHealthCheck,
];

/** Stands for every scenario on the command line. */
const ALL = 'all';

/**
 * @param names of scenarios, or `all`; `firstScenarios` when empty
 * @throws RehearsalError `ScenarioUnknown`
 */
export function selectScenarios(names: readonly string[]): readonly Scenario[] {
  if (names.length === 0) return firstScenarios;
  if (names.includes(ALL)) return scenarios;
  const unknown = names.find((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown !== undefined) {
    throw new RehearsalError(
      'ScenarioUnknown',
      `there is no scenario '${unknown}'; there are: ${scenarios.map(({ name }) => name).join(', ')}, and '${ALL}' for all of them.`,
    );
  }
  return scenarios.filter(({ name }) => names.includes(name));
}
