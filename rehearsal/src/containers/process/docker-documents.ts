import { isoTime } from '../../clock';
import { hostPlatform } from '../platforms';
import type { DockerState } from './docker-state';
import type { LocalImage } from './local-images';

/** Played, so that a script which asks for a version can compare it; standard:8.0 has 28.5.2. */
const VERSION = '28.5.2';

/** What `docker version` shows. */
export function dockerVersion() {
  const [Os = '', Arch = ''] = hostPlatform().split('/');
  return { Client: { Version: VERSION, Os, Arch }, Server: { Version: VERSION, Os, Arch } };
}

/** What `docker info` shows. */
export function dockerInfo() {
  const [OSType = '', Architecture = ''] = hostPlatform().split('/');
  return { ServerVersion: VERSION, OSType, Architecture, Name: 'rehearsal' };
}

/** What `docker inspect` shows of an image, as far as scripts read it. */
export function imageDocument(image: LocalImage, { images, pushed, catalog }: DockerState) {
  const [Os = '', Architecture = ''] = hostPlatform().split('/');
  const { config } = image;
  return {
    Id: image.id,
    RepoTags: images.namesOf(image),
    RepoDigests: [...pushed]
      .filter(([, other]) => other === image)
      .map(([name]) => `${catalog.registryHost}/${name}`),
    Created: isoTime(image.createdAt),
    Size: image.size,
    Os,
    Architecture,
    Config: {
      User: config.user ?? '',
      Env: Object.entries(config.environment).map(([name, value]) => `${name}=${value}`),
      Entrypoint: config.entryPoint ?? null,
      Cmd: config.command ?? null,
      WorkingDir: config.workingDirectory,
      Labels: config.labels,
      ExposedPorts: Object.fromEntries(config.exposedPorts.map((port) => [port, {}])),
      StopSignal: config.stopSignal ?? '',
    },
  };
}
