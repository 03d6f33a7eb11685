/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BuildPhase.html */
export type BuildPhaseType =
  | 'SUBMITTED'
  | 'QUEUED'
  | 'PROVISIONING'
  | 'DOWNLOAD_SOURCE'
  | 'INSTALL'
  | 'PRE_BUILD'
  | 'BUILD'
  | 'POST_BUILD'
  | 'UPLOAD_ARTIFACTS'
  | 'FINALIZING'
  | 'COMPLETED';

export type BuildPhaseStatus = 'SUCCEEDED' | 'FAILED' | 'STOPPED' | 'TIMED_OUT' | 'FAULT';
export type BuildStatus = BuildPhaseStatus;
export type OnFailure = 'ABORT' | 'CONTINUE';

const ORDER: readonly BuildPhaseType[] = [
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
  'COMPLETED',
];

/**
 * The phase that follows a finished one. post_build follows build whatever came of it, and
 * artifacts are uploaded even then; after a failure before build only FINALIZING is left.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
 *
 * @param onFailure what the buildspec says about the phase that ended
 */
export function nextPhase(
  ended: BuildPhaseType,
  status: BuildPhaseStatus,
  onFailure?: OnFailure,
): BuildPhaseType {
  const following = ORDER[ORDER.indexOf(ended) + 1] ?? 'COMPLETED';
  if (status === 'SUCCEEDED' || following === 'COMPLETED') return following;
  if (status !== 'FAILED') return 'FINALIZING';
  if (onFailure === 'CONTINUE') return following;
  if (ended === 'BUILD') return onFailure === 'ABORT' ? 'UPLOAD_ARTIFACTS' : 'POST_BUILD';
  return ended === 'POST_BUILD' ? 'UPLOAD_ARTIFACTS' : 'FINALIZING';
}

/** What the build as a whole came to: the first phase that did not succeed decides. */
export function buildStatus(phases: readonly { phaseStatus: BuildPhaseStatus }[]): BuildStatus {
  return phases.find(({ phaseStatus }) => phaseStatus !== 'SUCCEEDED')?.phaseStatus ?? 'SUCCEEDED';
}
