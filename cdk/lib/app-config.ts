import { InvalidPropertyError } from './check-props';
import type { CdkStackProps, ServiceArchitecture } from './cdk-stack-props';
import type { CicdPipelineStackProps } from './cicd-pipeline-stack';
import type { Egress } from './network';
import { PLACEHOLDERS } from './placeholders';

/** Where everything is created when nobody names a region; deploy.sh agrees. */
export const DEFAULT_REGION = 'ap-northeast-2';

/** What the CLI passes as CDK_DEFAULT_REGION when it found none. */
const CDK_FALLBACK_REGION = 'us-east-1';

/** What is on or off. */
const CONTROLS = [
  'hardened',
  'waf',
  'accessLogs',
  'flowLogs',
  'kmsEncryption',
  'deletionProtection',
  'containerInsights',
] as const;

/** Everything that can be said as `-c name=value`. */
const CONTEXT_NAMES = [
  'githubOwner',
  'githubRepo',
  'githubBranch',
  'notificationEmail',
  'notificationEmails',
  'slackWorkspaceId',
  'slackChannelId',
  'connectionArn',
  'githubTokenSecretName',
  'region',
  'appName',
  'serviceName',
  'egress',
  'cpuArchitecture',
  'buildArchitecture',
  'cpu',
  'memoryLimitMiB',
  'desiredCount',
  'certificateArn',
  'wafRateLimit',
  ...CONTROLS,
] as const;

type ContextName = (typeof CONTEXT_NAMES)[number];

/** What bin/cdk.ts says when neither the command line nor git says otherwise. */
export interface GitHubSettings {
  readonly githubOwner: string;
  readonly githubRepo: string;
  readonly githubBranch: string;
  readonly notificationEmail?: string;
}

export interface AppConfigSources {
  /** All of `-c name=value` and of cdk.json's context, with the CDK's own flags among them. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly gitOriginUrl: () => string | undefined;
  readonly awsCliRegion: () => string | undefined;
}

export interface AppConfig {
  /** `account` is absent without credentials; the templates then fit any account. */
  readonly env: { readonly account?: string; readonly region: string };
  readonly service: CdkStackProps;
  readonly pipeline: Omit<CicdPipelineStackProps, 'stack'>;
}

/**
 * One value for everything, from the strongest source that has it: `-c name=value`, then
 * bin/cdk.ts, then the git remote (owner and repository) or AWS's settings (region).
 *
 * @throws InvalidPropertyError when a name or a value of `-c` cannot be understood
 */
export function readAppConfig(defaults: GitHubSettings, sources: AppConfigSources): AppConfig {
  checkContextNames(sources.context);
  const text = (name: ContextName) => contextText(name, sources.context[name]);
  const github = githubRepository(defaults, text, sources.gitOriginUrl);
  const account = sources.env['CDK_DEFAULT_ACCOUNT'];
  const email = text('notificationEmail') ?? defaults.notificationEmail;
  return {
    env: { ...(account && { account }), region: region(text('region'), sources) },
    // A word that is not one of the choices is refused by the stack, which knows them.
    service: withoutUndefined({
      appName: text('appName'),
      serviceName: text('serviceName'),
      egress: text('egress') as Egress | undefined,
      cpuArchitecture: architecture(text('cpuArchitecture')),
      cpu: contextNumber('cpu', text('cpu')),
      memoryLimitMiB: contextNumber('memoryLimitMiB', text('memoryLimitMiB')),
      desiredCount: contextNumber('desiredCount', text('desiredCount')),
      certificateArn: text('certificateArn'),
      wafRateLimit: contextNumber('wafRateLimit', text('wafRateLimit')),
      ...controls(text),
    }),
    pipeline: {
      ...github,
      githubBranch: text('githubBranch') ?? defaults.githubBranch,
      ...withoutUndefined({
        notificationEmail: email,
        notificationEmails: contextList(text('notificationEmails')),
        slackWorkspaceId: text('slackWorkspaceId'),
        slackChannelId: text('slackChannelId'),
        connectionArn: text('connectionArn'),
        githubTokenSecretName: text('githubTokenSecretName'),
        buildArchitecture: architecture(text('buildArchitecture')),
      }),
    },
  };
}

/**
 * Owner and repository name of a GitHub URL as git writes it (https, ssh, git@), else undefined.
 */
export function parseGitHubUrl(
  url: string,
): { readonly owner: string; readonly repo: string } | undefined {
  const match =
    /^(?:https?:\/\/(?:[^@/]+@)?|ssh:\/\/(?:[^@/]+@)?|git:\/\/|[^@/]+@)github\.com(?::\d+)?[/:]([^/]+)\/([^/]+?)(?:\.git)?\/?$/i.exec(
      url.trim(),
    );
  const [, owner, repo] = match ?? [];
  return owner && repo ? { owner, repo } : undefined;
}

function githubRepository(
  defaults: GitHubSettings,
  text: (name: ContextName) => string | undefined,
  gitOriginUrl: () => string | undefined,
): { githubOwner: string; githubRepo: string } {
  const githubOwner = text('githubOwner') ?? defaults.githubOwner;
  const githubRepo = text('githubRepo') ?? defaults.githubRepo;
  if (githubOwner !== PLACEHOLDERS.githubOwner && githubRepo !== PLACEHOLDERS.githubRepo) {
    return { githubOwner, githubRepo };
  }
  const origin = parseGitHubUrl(gitOriginUrl() ?? '');
  return {
    githubOwner:
      githubOwner === PLACEHOLDERS.githubOwner ? (origin?.owner ?? githubOwner) : githubOwner,
    githubRepo: githubRepo === PLACEHOLDERS.githubRepo ? (origin?.repo ?? githubRepo) : githubRepo,
  };
}

/** In the order of deploy.sh, which has pushed the first image to the region it found. */
function region(fromContext: string | undefined, { env, awsCliRegion }: AppConfigSources): string {
  const named = fromContext ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  if (named) return named;
  const fromCdk = env['CDK_DEFAULT_REGION'];
  if (fromCdk && fromCdk !== CDK_FALLBACK_REGION) return fromCdk;
  return awsCliRegion() ?? DEFAULT_REGION;
}

/** A misspelt name would be ignored in silence. The CDK's own names are no plain words. */
function checkContextNames(context: Readonly<Record<string, unknown>>): void {
  const known: readonly string[] = CONTEXT_NAMES;
  const unknown = Object.keys(context).filter(
    (name) => /^\w+$/.test(name) && !known.includes(name),
  );
  if (unknown.length === 0) return;
  throw new InvalidPropertyError(
    `context should be named ${known.join(', ')}, got: ${unknown.map((name) => `'${name}'`).join(', ')}`,
  );
}

function contextText(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new InvalidPropertyError(
    `context '${name}' should be a text, a number, true or false, got: ${JSON.stringify(value)}`,
  );
}

function contextNumber(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  throw new InvalidPropertyError(`'${name}' should be a whole number, got: '${value}'`);
}

/** Separated by commas, as `-c` takes only text. */
function contextList(value: string | undefined): string[] | undefined {
  return value?.split(',').map((item) => item.trim());
}

function controls(text: (name: ContextName) => string | undefined) {
  const values = CONTROLS.map((name) => {
    const value = text(name);
    if (value === undefined || value === 'true' || value === 'false') {
      return [name, value === undefined ? undefined : value === 'true'] as const;
    }
    throw new InvalidPropertyError(`'${name}' should be true or false, got: '${value}'`);
  });
  return Object.fromEntries(values) as Record<(typeof CONTROLS)[number], boolean | undefined>;
}

/** People write arm64, ARM64 and x86_64; amd64 is Docker's word for the last. */
function architecture(value: string | undefined): ServiceArchitecture | undefined {
  const upper = value?.toUpperCase();
  return (upper === 'AMD64' ? 'X86_64' : upper) as ServiceArchitecture | undefined;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** exactOptionalPropertyTypes: an optional property is absent, not undefined. */
function withoutUndefined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
}
