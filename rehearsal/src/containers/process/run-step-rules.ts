/** Paths that mean the same on this machine as in an image and are harmless there. */
const HARMLESS_PATHS = new Set([
  '/dev/null',
  '/dev/stdin',
  '/dev/stdout',
  '/dev/stderr',
  '/bin/sh',
  '/bin/bash',
  '/usr/bin/env',
]);

/** Programs that change the system they run on, which here would be the person's own. */
const SYSTEM_PROGRAMS = new Set(
  `apt apt-get apt-key aptitude apk dpkg yum dnf microdnf rpm zypper pacman brew snap
   adduser addgroup useradd groupadd usermod groupmod deluser delgroup passwd chpasswd
   chown chgrp chroot setcap su sudo gosu mount umount systemctl service ldconfig
   update-ca-certificates corepack docker`.split(/\s+/),
);

const ABSOLUTE_PATH = /(?:^|[\s"'`=:;|&<>(){}[\],])(\/(?!\/)[^\s"'`=:;|&<>(){}[\],]*)/g;
const PROGRAM =
  /(?:^|[;&|(){}`]|\b(?:then|do|else|exec|command|env|xargs)\b)\s*(?:\w+=\S*\s+)*([\w./-]+)/gm;

/**
 * Why a RUN step must not run on this machine; undefined when it may.
 *
 * A step runs in the scratch copy of the image's file system, with this machine's programs. It can
 * therefore use relative paths and programs that keep to them. What names an absolute path would
 * read or change this machine instead of the image, so it is refused before it runs.
 */
export function reasonNotToRun(command: string): string | undefined {
  for (const [, path = ''] of command.matchAll(ABSOLUTE_PATH)) {
    if (!HARMLESS_PATHS.has(path)) {
      return `a RUN step with the absolute path '${path}', which would be this machine's and not the image's,`;
    }
  }
  for (const [, program = ''] of command.matchAll(PROGRAM)) {
    if (SYSTEM_PROGRAMS.has(program.split('/').at(-1) ?? '')) {
      return `a RUN step with '${program}', which would change this machine,`;
    }
  }
  return undefined;
}
