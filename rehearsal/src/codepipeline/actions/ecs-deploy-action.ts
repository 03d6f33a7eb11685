import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Clock } from '../../clock';
import { deployImageDefinitions } from '../../ecs/ecs-deploy';
import type { EcsControlPlane } from '../../ecs/ecs-control-plane';
import { readImageDefinitions } from '../../ecs/image-definitions';
import type { Authorizer } from '../../iam/authorizer';
import type { ActionRunner } from './action';

export interface EcsDeployActionServices {
  readonly controlPlane: EcsControlPlane;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html */
const DEFAULTS = { fileName: 'imagedefinitions.json', timeoutMinutes: '60' };

/** `Deploy/AWS/ECS/1`: the images of the image definitions file become the service's next revision. */
export function ecsDeployAction(services: EcsDeployActionServices): ActionRunner {
  return async (run) => {
    const {
      ClusterName = '',
      ServiceName = '',
      FileName = DEFAULTS.fileName,
      DeploymentTimeout = DEFAULTS.timeoutMinutes,
    } = run.action.configuration;
    const directory = await run.artifacts.unpack(run.action.inputArtifacts[0] ?? '', run.caller);
    const path = join(directory, FileName);
    // Nothing outside belongs to the artifact, so there it does not exist.
    const content = path.startsWith(directory + sep)
      ? await readFile(path).catch(() => undefined)
      : undefined;
    const read = readImageDefinitions(content, FileName);
    if (!read.valid) {
      return { status: 'Failed', errorCode: 'ConfigurationError', summary: read.message };
    }
    return deployImageDefinitions({
      ...services,
      clusterName: ClusterName,
      serviceName: ServiceName,
      imageDefinitions: read.imageDefinitions,
      timeoutMinutes: Number(DeploymentTimeout),
      caller: run.caller,
      account: run.pipeline.account,
      region: run.pipeline.region,
      signal: run.signal,
    });
  };
}
