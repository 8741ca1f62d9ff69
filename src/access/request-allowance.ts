interface Bucket {
  /** Requests that may still be made. */
  left: number;
  atMs: number;
}

// Bounded, because addresses can be many. The one that was filled longest ago goes first.
const bucketsMax = 20_000;

/**
 * How many requests each caller may make: `perHour` at once, and as many again within every hour, evenly. Kept in memory: a restart
 * gives everybody a full allowance.
 */
export class RequestAllowance {
  readonly #perMs: number;
  readonly #most: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perHour: number) {
    this.#most = perHour;
    this.#perMs = perHour / 3_600_000;
  }

  /** Seconds until the caller's next request, or 0 when this one is granted, and counted. */
  take(caller: string, nowMs: number): number {
    const known = this.#buckets.get(caller);
    const left = known ? Math.min(this.#most, known.left + Math.max(0, nowMs - known.atMs) * this.#perMs) : this.#most;
    if (left < 1) return Math.ceil((1 - left) / this.#perMs / 1000);
    this.#buckets.delete(caller);
    this.#buckets.set(caller, { left: left - 1, atMs: nowMs });
    if (this.#buckets.size > bucketsMax) this.#buckets.delete(this.#buckets.keys().next().value ?? '');
    return 0;
  }
}
