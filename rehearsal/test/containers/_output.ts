/** What a container prints, and a way to wait for it. */
export class Output {
  readonly lines: string[] = [];
  private readonly waiting = new Set<() => void>();

  readonly onOutput = (line: string, stream: string): void => {
    this.lines.push(`${stream}: ${line}`);
    for (const wake of this.waiting) wake();
  };

  /** Resolves when a line holds `text`. */
  heard(text: string): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.lines.some((line) => line.includes(text))) return;
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
      look();
    });
  }
}
