/** Failures after which a deployment goes on without digests (deployment-type-ecs.html). */
const GIVE_UP_AFTER_FAILURES = 3;

/**
 * The digests that one deployment runs: its first task resolves the tags, all others use the same
 * images. After three failed resolutions every task resolves for itself.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
export class ImagePins {
  private readonly digests = new Map<string, string>();
  private failures = 0;

  digestOf(containerName: string): string | undefined {
    return this.digests.get(containerName);
  }

  resolved(containerName: string, digest: string): void {
    if (this.failures < GIVE_UP_AFTER_FAILURES) this.digests.set(containerName, digest);
  }

  failed(): void {
    this.failures += 1;
  }
}
