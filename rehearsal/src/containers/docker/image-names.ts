import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Remembers on disk which names a run gave to images, so that the next run can take away those of a
 * run that was killed. A name that ends with `/` stands for every name that starts with it.
 */
export class ImageNames {
  constructor(private readonly path: string) {}

  add(name: string): void {
    mkdirSync(dirname(this.path), { recursive: true });
    appendFileSync(this.path, `${name}\n`);
  }

  /** Empty when there was never one. */
  read(): string[] {
    try {
      return [...new Set(readFileSync(this.path, 'utf8').split('\n').filter(Boolean))];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }
}
