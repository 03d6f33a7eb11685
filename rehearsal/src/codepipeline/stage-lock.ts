/** How executions that reach the same stage treat each other. */
export type ExecutionMode = 'SUPERSEDED' | 'QUEUED' | 'PARALLEL';

interface Waiting {
  readonly number: number;
  enter(outcome: 'entered' | 'superseded'): void;
}

/**
 * One execution at a time in a stage. Who waits for it depends on the mode:
 * SUPERSEDED keeps only the newest waiting, QUEUED keeps all in order, PARALLEL never waits.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
 */
export class StageLock {
  private held = false;
  private waiting: Waiting[] = [];

  constructor(private readonly mode: ExecutionMode) {}

  /**
   * @param number rises with every execution of the pipeline
   * @returns `superseded` when a newer execution took the waiting place
   */
  async enter(number: number): Promise<'entered' | 'superseded'> {
    if (this.mode === 'PARALLEL') return 'entered';
    if (!this.held) {
      this.held = true;
      return 'entered';
    }
    return new Promise((resolve) => {
      this.waiting.push({ number, enter: resolve });
      if (this.mode === 'SUPERSEDED') this.keepNewest();
    });
  }

  leave(): void {
    if (this.mode === 'PARALLEL') return;
    const next = this.waiting.shift();
    if (next === undefined) this.held = false;
    else next.enter('entered');
  }

  private keepNewest(): void {
    const newest = Math.max(...this.waiting.map(({ number }) => number));
    for (const older of this.waiting.filter(({ number }) => number < newest)) {
      older.enter('superseded');
    }
    this.waiting = this.waiting.filter(({ number }) => number === newest);
  }
}
