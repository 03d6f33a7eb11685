import fc from 'fast-check';
import {
  type BuildPhaseStatus,
  type BuildPhaseType,
  buildStatus,
  nextPhase,
  type OnFailure,
} from '../../src/codebuild/phase-order';

const STATUSES: readonly BuildPhaseStatus[] = [
  'SUCCEEDED',
  'FAILED',
  'STOPPED',
  'TIMED_OUT',
  'FAULT',
];

/** The phases that a build goes through when each phase ends as `outcome` says. */
function walk(
  outcome: (phase: BuildPhaseType) => BuildPhaseStatus,
  onFailure: (phase: BuildPhaseType) => OnFailure | undefined = () => undefined,
): BuildPhaseType[] {
  const phases: BuildPhaseType[] = [];
  let phase: BuildPhaseType = 'SUBMITTED';
  while (phase !== 'COMPLETED' && phases.length < 20) {
    phases.push(phase);
    phase = nextPhase(phase, outcome(phase), onFailure(phase));
  }
  return phases;
}

const failing = (failed: BuildPhaseType) => (phase: BuildPhaseType) =>
  phase === failed ? 'FAILED' : 'SUCCEEDED';

describe('the phases of a build', () => {
  test('follow each other in the order of CodeBuild when all goes well', () => {
    expect(walk(() => 'SUCCEEDED')).toEqual([
      'SUBMITTED',
      'QUEUED',
      'PROVISIONING',
      'DOWNLOAD_SOURCE',
      'INSTALL',
      'PRE_BUILD',
      'BUILD',
      'POST_BUILD',
      'UPLOAD_ARTIFACTS',
      'FINALIZING',
    ]);
  });

  test.each(['PROVISIONING', 'DOWNLOAD_SOURCE', 'INSTALL', 'PRE_BUILD'] as const)(
    'a failed %s leaves only FINALIZING: nothing is built, pushed or uploaded',
    (phase) => {
      expect(walk(failing(phase)).slice(-2)).toEqual([phase, 'FINALIZING']);
    },
  );

  test('post_build runs after a failed build, and artifacts are uploaded even then', () => {
    expect(walk(failing('BUILD')).slice(-4)).toEqual([
      'BUILD',
      'POST_BUILD',
      'UPLOAD_ARTIFACTS',
      'FINALIZING',
    ]);
  });

  test('on-failure ABORT of build skips post_build', () => {
    expect(walk(failing('BUILD'), () => 'ABORT')).not.toContain('POST_BUILD');
  });

  test('on-failure CONTINUE of install goes on with pre_build, and the build has failed', () => {
    const phases = walk(failing('INSTALL'), () => 'CONTINUE');
    expect(phases).toContain('PRE_BUILD');
    expect(buildStatus(phases.map((p) => ({ phaseStatus: failing('INSTALL')(p) })))).toBe('FAILED');
  });

  test('whatever happens, a build ends after FINALIZING and never does a phase twice', () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.constantFrom(...STATUSES)),
        fc.infiniteStream(
          fc.constantFrom<(OnFailure | undefined)[]>('ABORT', 'CONTINUE', undefined),
        ),
        (statuses, choices) => {
          const ends = new Map<BuildPhaseType, BuildPhaseStatus>();
          const phases = walk(
            (phase) => {
              const status = statuses.next().value as BuildPhaseStatus;
              ends.set(phase, status);
              return status;
            },
            () => choices.next().value as OnFailure | undefined,
          );
          expect(phases.at(-1)).toBe('FINALIZING');
          expect(new Set(phases).size).toBe(phases.length);
          const stopped = phases.findIndex((phase) =>
            ['STOPPED', 'TIMED_OUT', 'FAULT'].includes(ends.get(phase) ?? ''),
          );
          if (stopped >= 0 && stopped < phases.length - 1) {
            expect(phases.slice(stopped + 1)).toEqual(['FINALIZING']);
          }
          const all = [...ends.values()].map((phaseStatus) => ({ phaseStatus }));
          expect(buildStatus(all) === 'SUCCEEDED').toBe(
            all.every(({ phaseStatus }) => phaseStatus === 'SUCCEEDED'),
          );
        },
      ),
    );
  });
});
