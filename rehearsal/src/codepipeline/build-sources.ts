import type { BuildRequest } from '../codebuild/build';
import type { AccessControl } from '../iam/access-control';
import type { Caller } from '../iam/authorizer';
import type { ActionRun } from './actions/action';
import { type CloneReference, readCloneReference } from './clone-reference';

/** The project's role may not read the repository that an input refers to; the message is IAM's. */
export class CloneDenied extends Error {
  override readonly name = 'CloneDenied';
}

export interface SourceServices {
  readonly access: Pick<AccessControl, 'authorize'>;
  /** For inputs of the format CODEBUILD_CLONE_REF; fills the directory with a full clone */
  readonly clone: (reference: CloneReference, directory: string) => Promise<void>;
}

/**
 * A copy of the action's inputs for one build, made as the project's role.
 *
 * @throws CloneDenied; ArtifactAccessDenied when the role may not read the bucket
 */
export async function unpackBuildSources(
  services: SourceServices,
  run: ActionRun,
  role: Caller,
): Promise<Required<Pick<BuildRequest, 'sourceDirectory' | 'secondarySources'>>> {
  const { configuration, inputArtifacts } = run.action;
  const primary = configuration['PrimarySource'] ?? inputArtifacts[0] ?? '';
  const sources: Record<string, string> = {};
  for (const name of inputArtifacts) {
    sources[name] = await sourceDirectory(services, run, name, role);
  }
  const { [primary]: directory = '', ...secondarySources } = sources;
  return { sourceDirectory: directory, secondarySources };
}

/** The files of an input, or a clone of the repository that it refers to. */
async function sourceDirectory(
  { access, clone }: SourceServices,
  { artifacts }: ActionRun,
  artifact: string,
  role: Caller,
): Promise<string> {
  const directory = await artifacts.unpack(artifact, role);
  const reference = await readCloneReference(directory);
  if (reference === undefined) return directory;
  const decision = access.authorize({ caller: role, ...reference.permission });
  if (!decision.allowed) throw new CloneDenied(decision.message);
  const cloned = await artifacts.scratchDirectory();
  await clone(reference, cloned);
  return cloned;
}
