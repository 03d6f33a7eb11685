import { EcsApiError } from './ecs-api-error';
import { checkTaskDefinition, familyOf, type TaskDefinition } from './task-definition';

/** A revision of a family. */
export interface RegisteredTaskDefinition {
  readonly taskDefinitionArn: string;
  readonly revision: number;
  readonly status: 'ACTIVE' | 'INACTIVE';
  /** Milliseconds since the epoch */
  readonly registeredAt: number;
  readonly definition: TaskDefinition;
}

/** Families and their revisions. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html */
export class TaskDefinitionRegistry {
  private readonly families = new Map<string, RegisteredTaskDefinition[]>();

  constructor(
    private readonly account: string,
    private readonly region: string,
    private readonly now: () => number,
  ) {}

  /**
   * Makes the next revision of the family.
   *
   * @throws EcsApiError `ClientException` for what RegisterTaskDefinition refuses
   */
  register(definition: TaskDefinition): RegisteredTaskDefinition {
    checkTaskDefinition(definition);
    const revisions = this.families.get(definition.family) ?? [];
    const revision = (revisions.at(-1)?.revision ?? 0) + 1;
    const registered: RegisteredTaskDefinition = {
      taskDefinitionArn: `arn:aws:ecs:${this.region}:${this.account}:task-definition/${definition.family}:${revision}`,
      revision,
      status: 'ACTIVE',
      registeredAt: this.now(),
      definition,
    };
    this.families.set(definition.family, [...revisions, registered]);
    return registered;
  }

  /**
   * @param arnOrName an ARN, `family:revision`, or a family for its latest ACTIVE revision
   * @throws EcsApiError `ClientException`, as DescribeTaskDefinition answers
   */
  describe(arnOrName: string): RegisteredTaskDefinition {
    const revisions = this.families.get(familyOf(arnOrName)) ?? [];
    const revision = /:(\d+)$/.exec(arnOrName)?.[1];
    const found =
      revision === undefined
        ? revisions.findLast(({ status }) => status === 'ACTIVE')
        : revisions.find((candidate) => candidate.revision === Number(revision));
    if (found === undefined)
      throw new EcsApiError('ClientException', 'Unable to describe task definition.');
    return found;
  }
}
