import { setImmediate } from 'node:timers/promises';

// A reading waits for one slice at most; half of what its answer may take, with the garbage collector in between.
const sliceMs = 5;

/** Long work on the one thread, cut into slices so that everybody else is served in between. */
export class Slices {
  #endsAt = performance.now() + sliceMs;

  /** For steps that belong into one transaction: whether the slice still has room for the next one. */
  get hasRoom(): boolean {
    return performance.now() < this.#endsAt;
  }

  /** Call it between small steps; it lets others in when the slice is used up. */
  async pause(): Promise<void> {
    if (!this.hasRoom) await this.next();
  }

  /** Does work that is cut into small steps, letting others in between two when the slice is used up. */
  async run<T>(steps: Generator<void, T>): Promise<T> {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      await this.pause();
    }
  }

  /** Lets others in, and begins the next slice. */
  async next(): Promise<void> {
    await setImmediate();
    this.#endsAt = performance.now() + sliceMs;
  }
}

/** Such work for whoever waits for it. */
export function allAtOnce<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
