import { isAbsolute, join, relative, resolve } from 'node:path';

/** Where CodeBuild's directories are on this machine. */
export interface BuildPaths {
  /** CODEBUILD_SRC_DIR */
  readonly source: string;
  /** Stands for `/root`, the HOME of builds */
  readonly home: string;
}

/** A path of the buildspec on this machine: relative to the source, `/root` in the build's HOME. */
export function localPath(path: string, { source, home }: BuildPaths): string {
  const fromHome = /^(?:\/root|~)(?=\/|$)(.*)$/.exec(path)?.[1];
  return fromHome === undefined ? resolve(source, path) : join(home, fromHome);
}

export function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith('../'));
}

/** Replaces `$NAME` and `${NAME}`; an unknown name becomes empty text, as in a shell. */
export function expandVariables(
  text: string,
  environment: Readonly<Record<string, string>>,
): string {
  return text.replace(
    /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g,
    (_, braced: string | undefined, plain: string | undefined) =>
      environment[braced ?? plain ?? ''] ?? '',
  );
}
