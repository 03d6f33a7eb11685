import type { DeployedStacks } from '../cloudformation/deployed-stacks';
import type { SecretStore } from '../secretsmanager/secret-store';

/**
 * Secrets that the templates read and do not make: on AWS somebody has put them there by hand. The
 * rehearsal makes each up when it is asked for, all with the same value, so that a token which the
 * source and the build share is one.
 */
export class OutsideSecrets {
  /** Keys that were asked for, by name of the secret; the empty key stands for its whole text */
  private readonly madeUp = new Map<string, Set<string>>();

  constructor(
    private readonly secrets: SecretStore,
    private readonly value: string,
    /** A sentence for the report */
    private readonly unproven: (sentence: string) => void,
  ) {}

  /**
   * @param secretId name or ARN
   * @param jsonKey the key that is read of it; empty when its whole text is
   */
  ensure(secretId: string, jsonKey = ''): void {
    const name = this.secrets.find(secretId)?.name ?? secretId.replace(/^arn:([^:]*:){5}/, '');
    if (this.secrets.find(secretId) === undefined) {
      // A whole ARN ends in a hyphen and six characters.
      const isWhole = /^arn:.*-[A-Za-z0-9]{6}$/.test(secretId);
      this.secrets.create(name, undefined, undefined, ...(isWhole ? [secretId] : []));
      this.madeUp.set(name, new Set());
      this.unproven(`The secret '${name}' is in no template: its value was made up.`);
    }
    const keys = this.madeUp.get(name);
    if (keys === undefined || keys.has(jsonKey)) return;
    keys.add(jsonKey);
    const json = [...keys].filter(Boolean).map((key) => [key, this.value]);
    const text = json.length === 0 ? this.value : JSON.stringify(Object.fromEntries(json));
    this.secrets.putValue(name, text);
  }

  /** Those that builds and tasks read when they start. */
  ensureForRunning(resources: DeployedStacks): void {
    for (const { properties } of resources.ofType('AWS::CodeBuild::Project')) {
      const environment = properties['Environment'] as {
        EnvironmentVariables?: { Type?: string; Value: string }[];
      };
      for (const { Type, Value } of environment.EnvironmentVariables ?? []) {
        if (Type === 'SECRETS_MANAGER') this.ensureReference(Value);
      }
    }
    for (const { properties } of resources.ofType('AWS::ECS::TaskDefinition')) {
      const containers = properties['ContainerDefinitions'] as {
        Secrets?: { ValueFrom: string }[];
      }[];
      for (const { ValueFrom } of containers.flatMap(({ Secrets }) => Secrets ?? [])) {
        if (/^arn:[^:]*:secretsmanager:/.test(ValueFrom)) this.ensureReference(ValueFrom);
      }
    }
  }

  /** `secret-id:json-key:version-stage:version-id`, all but the first optional. */
  private ensureReference(text: string): void {
    const [, secretId = text, jsonKey] =
      /^(arn:(?:[^:]*:){5}[^:]*|[^:]*)(?::([^:]*))?/.exec(text) ?? [];
    this.ensure(secretId, jsonKey);
  }
}
