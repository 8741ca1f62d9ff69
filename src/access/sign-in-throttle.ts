/**
 * How fast passwords may be tried. Each count has a number of free failures; after them every further one doubles the wait, from one
 * second to fifteen minutes, and an hour without a try forgets it.
 *
 * | counted by                 | free failures | stops                                   |
 * |----------------------------|---------------|-----------------------------------------|
 * | name and address together  | 5             | one machine guessing one password       |
 * | address (IPv6: its /64)    | 30            | one machine trying many names           |
 * | name, from anywhere        | 50            | many machines guessing one password     |
 *
 * The last one does not count against an address its user has signed in from before, so an attack cannot lock the owner out.
 * A try during a wait is refused without looking at the password and does not make the wait longer.
 */
const throttleRules = { pair: 5, address: 30, name: 50 } as const;
const throttleWaitSecondsMax = 900;
const forgottenAfterMs = 3_600_000;
// Bounded: a flood of invented names costs memory otherwise. The oldest go first.
const countsMax = 20_000;

interface Count {
  failures: number;
  lastAtMs: number;
}

interface Attempt {
  name: string;
  address: string;
  /** The user has signed in from this address before. */
  addressKnown: boolean;
}

export class SignInThrottle {
  readonly #counts = new Map<string, Count>();

  /**
   * Seconds to wait, or 0 and the attempt is counted as a failure already: many at once cannot all pass before the first is known to be
   * wrong. `succeeded` takes it back.
   */
  begin(attempt: Attempt, nowMs: number): number {
    const rules = rulesFor(attempt);
    const waitMs = Math.max(...rules.map(([key, free]) => this.#waitMs(key, free, nowMs)));
    if (waitMs > 0) return Math.ceil(waitMs / 1000);
    for (const [key] of rules) this.#fail(key, nowMs);
    return 0;
  }

  /** The right password proves this address; other addresses' failures on the name stay counted. */
  succeeded(attempt: Attempt): void {
    for (const [key] of rulesFor(attempt)) {
      const count = this.#counts.get(key);
      if (key.startsWith('pair')) this.#counts.delete(key);
      else if (count) count.failures -= 1;
    }
  }

  #waitMs(key: string, free: number, nowMs: number): number {
    const count = this.#counts.get(key);
    if (!count || nowMs - count.lastAtMs >= forgottenAfterMs || count.failures < free) return 0;
    const waitSeconds = Math.min(2 ** (count.failures - free), throttleWaitSecondsMax);
    return Math.max(0, count.lastAtMs + waitSeconds * 1000 - nowMs);
  }

  #fail(key: string, nowMs: number): void {
    const count = this.#counts.get(key);
    const failures = count && nowMs - count.lastAtMs < forgottenAfterMs ? count.failures + 1 : 1;
    this.#counts.delete(key);
    this.#counts.set(key, { failures, lastAtMs: nowMs });
    if (this.#counts.size > countsMax) this.#counts.delete(this.#counts.keys().next().value ?? '');
  }
}

function rulesFor({ name, address, addressKnown }: Attempt): [key: string, free: number][] {
  const who = name.toLowerCase();
  const from = networkOf(address);
  const rules: [string, number][] = [
    [`pair ${from} ${who}`, throttleRules.pair],
    [`address ${from}`, throttleRules.address],
  ];
  return addressKnown ? rules : [...rules, [`name ${who}`, throttleRules.name]];
}

/** An IPv6 customer owns a whole /64; IPv4 written as IPv6 is IPv4. */
export function networkOf(address: string): string {
  if (address.startsWith('::ffff:')) return address.slice(7);
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  const gap = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...gap, ...right].slice(0, 4).join(':');
}
