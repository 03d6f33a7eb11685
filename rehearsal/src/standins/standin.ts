import type { Caller } from '../iam/authorizer';

/** For whom the stand-in programs on one PATH speak. */
export interface StandinSession {
  readonly caller: Caller;
  readonly region: string;
  readonly account: string;
  /**
   * What keeps the programs from a service, as VPC endpoints call it; undefined when nothing does.
   *
   * @default they reach every service
   */
  readonly barrierTo?: (service: string) => string | undefined;
}

/** One call of a stand-in program (`aws …`, `docker …`) made by a script. */
export interface StandinCall {
  readonly session: StandinSession;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Environment of the program that was called */
  readonly env: Readonly<Record<string, string>>;
  /** Standard input, read only where the arguments say that it is wanted */
  readonly stdin: string;
  /** Aborts when the calling program was ended, e.g. by the build's timeout */
  readonly signal?: AbortSignal;
  stdout(text: string): void;
  stderr(text: string): void;
}

export type StandinOutcome =
  | { readonly exitCode: number }
  /** The calling program becomes this one, with its own standard streams */
  | {
      readonly exec: {
        readonly file: string;
        readonly args: readonly string[];
        /** Laid over the environment of the program that was called */
        readonly env: Readonly<Record<string, string>>;
      };
    };

/** Plays one program; refuses by name what it does not know. */
export type Standin = (call: StandinCall) => Promise<StandinOutcome>;
