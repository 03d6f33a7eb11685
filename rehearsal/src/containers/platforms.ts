const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** This machine as Docker names it: `linux/amd64`. Linux also on macOS, whose containers are Linux. */
export function hostPlatform(architecture: string = process.arch): string {
  return `linux/${ARCHITECTURES[architecture] ?? architecture}`;
}

/** What the report says when an image was asked for a processor that this machine does not have. */
export function foreignPlatformSentence(asked: string, used: string): string {
  return `An image was asked for ${asked} and built for ${used}, the platform of this machine; the ${asked} image was not built.`;
}
