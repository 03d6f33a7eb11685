import type { TaskImage } from '../containers/task-image';

/** Failures after which a deployment goes on without digests (deployment-type-ecs.html). */
const GIVE_UP_AFTER_FAILURES = 3;

/**
 * The digests that one deployment runs: its first task resolves the tags, all others use the same
 * images. After three failed resolutions every task resolves for itself.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
export class ImagePins {
  private readonly images = new Map<string, TaskImage>();
  private failures = 0;

  imageOf(containerName: string): TaskImage | undefined {
    return this.images.get(containerName);
  }

  resolved(containerName: string, image: TaskImage): void {
    if (this.failures < GIVE_UP_AFTER_FAILURES) this.images.set(containerName, image);
  }

  failed(): void {
    this.failures += 1;
  }
}
