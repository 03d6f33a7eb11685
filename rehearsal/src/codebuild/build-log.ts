import type { Clock } from '../clock';
import { isoTime } from '../clock';
import type { EventStream } from '../events';

/** A build's log: lines of the agent, marked `[Container]`, and lines of the commands. */
export class BuildLog {
  private secrets: string[] = [];

  constructor(
    private readonly events: EventStream,
    private readonly clock: Clock,
    readonly group: string,
    readonly stream: string,
  ) {}

  /** From now on the text is written as `***`; of a text with many lines, each line. */
  mask(secret: string): void {
    const lines = secret.split('\n').filter((line) => line.trim() !== '');
    // Longest first: one secret may be part of another.
    this.secrets = [...this.secrets, ...lines].sort((a, b) => b.length - a.length);
  }

  /** A line of the commands. */
  line(text: string): void {
    const message = this.secrets.reduce((line, secret) => line.replaceAll(secret, '***'), text);
    this.events.emit({
      kind: 'log',
      time: isoTime(this.clock.now()),
      group: this.group,
      stream: this.stream,
      message,
    });
  }

  /** A line of CodeBuild's agent, e.g. `[Container] 2026/01/31 09:15:02.123000 Running command npm ci` */
  agent(text: string): void {
    const time = isoTime(this.clock.now()).replace(
      /^(\d+)-(\d+)-(\d+)T([\d:.]+)Z$/,
      '$1/$2/$3 $4000',
    );
    this.line(`[Container] ${time} ${text}`);
  }
}
