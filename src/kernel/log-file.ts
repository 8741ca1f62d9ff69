import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import type { Clock } from './clock.ts';

const keptDays = 30;
const dayMs = 86_400_000;

/**
 * logs/app-2026-11-21.log: what the application says, a file per UTC day, kept for thirty days. A disk that takes no more must not stop
 * what the log only tells of, so a line that cannot be written is lost here and stands on stdout.
 */
export class LogFile {
  readonly #folder: string;
  readonly #clock: Clock;
  #day = '';
  #file: ReturnType<typeof pino.destination> | undefined;

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  write(line: string): void {
    const now = this.#clock.now();
    const day = dayOf(now);
    if (day !== this.#day) this.#rotate(day, now);
    this.#file?.write(line);
  }

  #rotate(day: string, now: number): void {
    this.#file?.end();
    this.#day = day;
    this.#file = pino.destination({
      dest: join(this.#folder, `app-${day}.log`),
      mkdir: true,
      append: true,
      sync: true,
    });
    this.#file.on('error', () => undefined);
    removeBefore(this.#folder, dayOf(now - (keptDays - 1) * dayMs));
  }
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function removeBefore(folder: string, oldest: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const day = /^app-(\d{4}-\d\d-\d\d)\.log$/.exec(name)?.[1];
    if (day && day < oldest) rmSync(join(folder, name), { force: true });
  }
}
