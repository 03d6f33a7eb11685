import type { EngineProgram } from '../process/engine-program';
import type { Check } from '../report/report';
import type { Step } from '../reporter/steps-view';
import type { RunDirectory } from '../run-directory';
import type { World } from '../world';
import type { Facts } from './checks/facts';

/** A story with an end that is stated beforehand. */
export interface Scenario {
  readonly name: string;
  /** What must be true at the end, in a sentence or two */
  readonly expectation: string;
  /**
   * Begins and ends with a service that runs one healthy version, so that the next scenario of this
   * kind can go on in the same world. @default false: a world of its own
   */
  readonly sharesWorld?: boolean;
  /** Least divisor of the waits that AWS settings impose; a higher --speed wins. @default 1 */
  readonly speed?: number;
  /** Starts the story, in a new world or in one where the service runs already */
  begin(world: World, settings: ScenarioSettings): ScenarioPlay;
}

export interface ScenarioSettings {
  readonly requestsPerSecond: number;
  /** Requests that healthy versions have answered in the scenarios before */
  readonly requestsAnswered: number;
  /** For scenarios that play another rehearsal of the same project */
  readonly program: EngineProgram;
  /** The scenario's own part of the run */
  readonly run: RunDirectory;
}

export interface ScenarioPlay {
  readonly steps: readonly Step[];
  /** What is known so far; asked for after the last step, or after the one that failed */
  facts(): Facts;
  /** The expectation, point by point */
  checks(facts: Facts): Check[];
}
