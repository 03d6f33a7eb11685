import type { ProcessEngineOptions } from './process-engine';
import type { LocalImage, LocalImages } from './local-images';

/** What the played `docker` program works with: one Docker daemon's worth of state. */
export interface DockerState extends ProcessEngineOptions {
  readonly images: LocalImages;
  /** `repository@digest` → what was pushed under it */
  readonly pushed: Map<string, LocalImage>;
  /** Passwords by who logged in where */
  readonly logins: Map<string, string>;
  /** How many builds were started; their directories are numbered */
  readonly builds: { count: number };
  readonly unproven: (sentence: string) => void;
}

/** What `docker` prints on standard error before it ends with `status`. */
export class DockerRefusal extends Error {
  constructor(
    message: string,
    readonly status = 1,
  ) {
    super(message);
  }
}

/** @throws DockerRefusal in Docker's words */
export function wantedImage(state: DockerState, name: string): LocalImage {
  const image = state.images.find(name);
  if (image === undefined) {
    throw new DockerRefusal(`Error response from daemon: No such image: ${name}`);
  }
  return image;
}

/** First 12 digits, as Docker shows ids. */
export function shortId(image: LocalImage): string {
  return image.id.slice('sha256:'.length, 'sha256:'.length + 12);
}

/** An option's value (`--name value`, `--name=value`) and the other arguments. */
export function option(
  args: readonly string[],
  ...names: readonly string[]
): { readonly format: string | undefined; readonly rest: readonly string[] } {
  const rest: string[] = [];
  let format: string | undefined;
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    const name = names.find((wanted) => arg === wanted || arg.startsWith(`${wanted}=`));
    if (name === undefined) rest.push(arg);
    else if (arg === name) format = args[(at += 1)];
    else format = arg.slice(name.length + 1);
  }
  return { format, rest };
}
