import { RehearsalError } from '../errors';
import type { ContainerSpec } from './container-engine';
import { isOutsideImage } from './task-image';

/**
 * The user that a container runs as; none may be root, with Docker or without.
 *
 * @throws RehearsalError `ContainerUserIsRoot`
 */
export function requireUser(
  spec: Pick<ContainerSpec, 'name' | 'user'> & Partial<Pick<ContainerSpec, 'image'>>,
  imageUser: string | undefined,
): string {
  const user = (spec.user ?? imageUser ?? '').trim();
  const name = user.split(':')[0] ?? '';
  if (name !== '' && name !== 'root' && !/^0+$/.test(name)) return user;
  const remedy =
    spec.image !== undefined && isOutsideImage(spec.image)
      ? `Set User in the task definition, e.g. 1000:1000, or go on without the container: --allow-unplayed ${spec.image.reference}`
      : 'Set USER in the Dockerfile, e.g. USER 1000:1000, or User in the task definition.';
  throw new RehearsalError(
    'ContainerUserIsRoot',
    `container '${spec.name}' would run as root (user '${user}'). ${remedy}`,
  );
}
