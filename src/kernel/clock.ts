/** The only place that reads the time of day. Everything else is handed a Clock. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** A clock that stands still until it is moved, for tests and for building the demo's past. */
export class StoppedClock implements Clock {
  #nowMs: number;

  constructor(at: string | number) {
    this.#nowMs = typeof at === 'number' ? at : Date.parse(at);
  }

  now(): number {
    return this.#nowMs;
  }

  moveTo(at: string | number): void {
    this.#nowMs = typeof at === 'number' ? at : Date.parse(at);
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}
