import type { Story } from '../story/story';
import { withoutTests } from './broken-buildspec';
import { type Breakage, brokenProgram } from './broken-programs';
import { withProgram } from './container-program';
import { releasePath, requireDockerfile } from './release-path';
import type { Commit } from './repository';

/**
 * A version whose image runs something broken; its tests would not find that, and are left out.
 *
 * @throws RehearsalError `ScenarioUnplayable` when no commit can break what the image runs
 */
export async function brokenCommit(story: Story, breakage: Breakage): Promise<Commit> {
  const path = await releasePath(story);
  const { dockerfile, containerPort, healthyStatus } = path;
  const program = brokenProgram(breakage, dockerfile, containerPort, healthyStatus);
  return {
    message: `A version that ${breakage === 'unhealthy' ? 'is unhealthy' : breakage}`,
    files: [
      { path: requireDockerfile(path), content: withProgram(dockerfile, program) },
      { path: path.buildspecPath, content: withoutTests(path.buildspec) },
    ],
  };
}
