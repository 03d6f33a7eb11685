import type { LogLevel } from './config';

type Fields = Readonly<Record<string, unknown>>;

/** Structured log: each call writes one JSON line. Undefined fields are left out. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

const SEVERITY: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, error: 2 };

/**
 * @param level the least severe level that is written
 * @param write receives a whole line with its newline, such as `process.stdout.write`
 */
export function createLog(level: LogLevel, write: (line: string) => unknown): Log {
  const at = (lineLevel: LogLevel) => (message: string, fields?: Fields) => {
    if (SEVERITY[lineLevel] < SEVERITY[level]) return;
    const time = new Date().toISOString();
    write(`${JSON.stringify({ time, level: lineLevel, message, ...fields })}\n`);
  };
  return { debug: at('debug'), info: at('info'), error: at('error') };
}
