import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Without privileged mode there is no Docker daemon, and each use of it fails the build. */
const NO_DOCKER = `#!/bin/sh
echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?' >&2
exit 1
`;

/**
 * CodeBuild's own program for cache keys: one SHA-256 over the files that the patterns name.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/caching-s3.html
 */
const HASH_FILES = `#!/bin/sh
cd "$CODEBUILD_SRC_DIR" || exit 1
for pattern; do
  case $pattern in
    '**/'*) find . -type f -name "\${pattern#**/}" ;;
    *) ls -d $pattern 2>/dev/null ;;
  esac
done | LC_ALL=C sort -u | while IFS= read -r file; do cat "$file"; done |
  { sha256sum 2>/dev/null || shasum -a 256; } | cut -c 1-64
`;

/** Programs of CodeBuild's images that this machine does not have. @returns their directory */
export async function writeBuildPrograms(
  scratch: string,
  { privilegedMode }: { readonly privilegedMode: boolean },
): Promise<string> {
  const directory = join(scratch, 'bin');
  await mkdir(directory, { recursive: true });
  await writeProgram(join(directory, 'codebuild-hash-files'), HASH_FILES);
  if (!privilegedMode) await writeProgram(join(directory, 'docker'), NO_DOCKER);
  return directory;
}

async function writeProgram(file: string, script: string): Promise<void> {
  await writeFile(file, script);
  await chmod(file, 0o755);
}
