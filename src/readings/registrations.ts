import { setImmediate } from 'node:timers/promises';
import type { Log } from '../kernel/log.ts';
import { applyRegistered, type QuarantineDeps } from './apply-quarantined.ts';

/**
 * Lets readings in that waited for their meter point, once it is registered: by whatever door, in the background, one meter point after
 * the other. A registration that a crash cut off from it is found at the next start.
 */
export class Registrations {
  readonly #deps: QuarantineDeps;
  readonly #log: Pick<Log, 'info' | 'error'>;
  readonly #registered = new Set<string>();
  #running: Promise<void> | undefined;

  constructor(deps: QuarantineDeps, log: Pick<Log, 'info' | 'error'>) {
    this.#deps = deps;
    this.#log = log;
  }

  /** Watches for registrations from here on, and makes up for those that were missed. */
  start(): void {
    this.#deps.meterPoints.onAdded = identifiers => this.#note(identifiers);
    this.#note(this.#deps.quarantine.listRegistered());
  }

  /** Resolves when nothing is left to be done. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  #note(identifiers: readonly string[]): void {
    if (identifiers.length === 0 || (this.#registered.size === 0 && this.#deps.quarantine.isEmpty)) return;
    for (const identifier of identifiers) this.#registered.add(identifier);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // Not in the tick of the registration, whose transaction may still be rolled back.
    await setImmediate();
    try {
      for (const identifier of this.#registered) {
        this.#registered.delete(identifier);
        const { applied } = await applyRegistered(this.#deps, identifier);
        if (applied > 0)
          this.#log.info({ meterPoint: identifier, readings: applied }, 'let in what waited for a registration');
      }
    } catch (error) {
      this.#registered.clear();
      this.#log.error({ err: error }, 'what waits for registrations stays in quarantine until the next start');
    }
    this.#running = undefined;
  }
}
