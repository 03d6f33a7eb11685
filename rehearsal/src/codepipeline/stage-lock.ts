/** How executions that reach the same stage treat each other. */
export type ExecutionMode = 'SUPERSEDED' | 'QUEUED' | 'PARALLEL';

/** What became of an execution that asked to enter a stage; `withdrawn` when it was stopped. */
export type Entry = 'entered' | 'superseded' | 'withdrawn';

interface Waiting {
  readonly number: number;
  readonly settle: (entry: Entry) => void;
}

/**
 * One execution at a time in a stage. Who waits for it depends on the mode:
 * SUPERSEDED keeps only the newest waiting, QUEUED keeps all in order, PARALLEL never waits.
 * Through a disabled transition nobody enters, in no mode.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
 */
export class StageLock {
  private inside = 0;
  private enabled = true;
  private waiting: Waiting[] = [];

  constructor(private readonly mode: ExecutionMode) {}

  /**
   * @param number rises with every execution of the pipeline
   * @returns `superseded` when a newer execution took the waiting place
   */
  async enter(number: number): Promise<Entry> {
    return new Promise((resolve) => {
      this.waiting.push({ number, settle: resolve });
      this.waiting.sort((one, other) => one.number - other.number);
      this.admit();
    });
  }

  leave(): void {
    this.inside -= 1;
    this.admit();
  }

  /** Takes a waiting execution out of the line. */
  withdraw(number: number): void {
    const leaving = this.waiting.filter((one) => one.number === number);
    this.waiting = this.waiting.filter((one) => one.number !== number);
    for (const { settle } of leaving) settle('withdrawn');
  }

  /** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_DisableStageTransition.html */
  disable(): void {
    this.enabled = false;
  }

  enable(): void {
    this.enabled = true;
    this.admit();
  }

  private admit(): void {
    while (this.enabled && (this.mode === 'PARALLEL' || this.inside === 0)) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      this.inside += 1;
      next.settle('entered');
    }
    if (this.mode === 'SUPERSEDED') this.keepNewest();
  }

  private keepNewest(): void {
    for (const older of this.waiting.splice(0, this.waiting.length - 1)) older.settle('superseded');
  }
}
