/** How a script ended; `exited` when it took the shell with it. */
export interface ScriptEnd {
  readonly status: number;
  readonly exited: boolean;
}

/** A line that grows beyond this is passed on in parts. */
const LONGEST_LINE = 64 * 1024;
/** Marker, status and word take less. */
const LONGEST_MARKER = 128;

/** Cuts a shell's output into lines and finds the marker that says that a script has ended. */
export class ShellOutput {
  private buffer = '';
  private waiting: { pattern: RegExp; resolve: (end: ScriptEnd) => void } | undefined;

  constructor(private readonly onLine: (line: string) => void) {}

  /** @param marker text that no command can guess */
  waitFor(marker: string): Promise<ScriptEnd> {
    return new Promise((resolve) => {
      this.waiting = { pattern: new RegExp(`${marker}:(\\d+):(ended|exited)\\n`), resolve };
    });
  }

  push(text: string): void {
    this.buffer += text;
    const found = this.waiting?.pattern.exec(this.buffer);
    if (found && this.waiting) {
      const rest = this.buffer.slice(found.index + found[0].length);
      this.buffer = this.buffer.slice(0, found.index);
      this.flush();
      this.buffer = rest;
      this.waiting.resolve({ status: Number(found[1]), exited: found[2] === 'exited' });
      this.waiting = undefined;
    }
    const lines = this.buffer.split('\n');
    this.buffer = lines.pop() ?? '';
    for (const line of lines) this.emit(line);
    if (this.buffer.length > LONGEST_LINE) {
      this.emit(this.buffer.slice(0, -LONGEST_MARKER));
      this.buffer = this.buffer.slice(-LONGEST_MARKER);
    }
  }

  /** Passes on what is left, as a last line without an end. */
  flush(): void {
    const lines = this.buffer.split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const line of lines) this.emit(line);
    this.buffer = '';
  }

  private emit(line: string): void {
    this.onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  }
}
