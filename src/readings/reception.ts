import type { AuditStore } from '../access/audit-store.ts';
import type { Clock } from '../kernel/clock.ts';
import { Refusal } from '../kernel/errors.ts';
import { instantOfMs } from '../units/time.ts';
import type { ReceptionStore } from './reception-store.ts';

/** Paths at which meters hand in readings. */
const ingestPaths = ['/v1/readings', '/readings', '/receive_meter_reading'];

/** Whether a path (without its query) is one of them. */
export function isIngestPath(path: string): boolean {
  return ingestPaths.includes(path);
}

/**
 * Whether meters may hand in readings. A person turns it off and on again; a restart changes nothing. Queries go on; imports wait until
 * it is on again.
 */
export class Reception {
  readonly #store: ReceptionStore;
  readonly #audit: AuditStore;
  readonly #clock: Clock;
  #receiving: boolean;
  #listener: (receiving: boolean) => void = () => undefined;

  constructor(store: ReceptionStore, audit: AuditStore, clock: Clock) {
    this.#store = store;
    this.#audit = audit;
    this.#clock = clock;
    this.#receiving = store.findLast()?.receiving ?? true;
  }

  get receiving(): boolean {
    return this.#receiving;
  }

  /** Tells whoever takes readings in by other doors, now and at every change. */
  watch(listener: (receiving: boolean) => void): void {
    this.#listener = listener;
    listener(this.#receiving);
  }

  /** Throws 'reception-off': nothing of the request may be kept. */
  assertOpen(): void {
    if (!this.#receiving) throw new Refusal('reception-off', 'Reception of readings is turned off for the moment');
  }

  /** Throws 'reception-unchanged' when it is off already. */
  stop(by: string): void {
    if (!this.#receiving) throw new Refusal('reception-unchanged', 'System is already shut down');
    this.#change(false, by);
  }

  /** Throws 'reception-unchanged' when it is on already. */
  resume(by: string): void {
    if (this.#receiving) throw new Refusal('reception-unchanged', 'System is already receiving data');
    this.#change(true, by);
  }

  #change(receiving: boolean, by: string): void {
    const at = instantOfMs(this.#clock.now());
    this.#store.add({ at, receiving, by });
    this.#receiving = receiving;
    this.#listener(receiving);
    this.#audit.record({ at, who: by, action: receiving ? 'reception.resume' : 'reception.stop', subject: 'readings' });
  }
}
