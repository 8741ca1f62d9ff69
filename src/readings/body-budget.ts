/**
 * How much memory bodies under way may hold together: what one of them holds is bounded, what a thousand hold is not. With more than that
 * only the oldest is read on, so that there is always one that comes to its end.
 */
export class BodyBudget {
  readonly #bytesMax: number;
  /** Oldest first, with what each holds. */
  readonly #held = new Map<object, number>();
  #sum = 0;
  #waiting: (() => void)[] = [];

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get heldBytes(): number {
    return this.#sum;
  }

  /** A body that holds `ownBytes` for as long as it is under way, whatever else it holds. */
  enter(ownBytes = 0): BodyTicket {
    const key = {};
    const hold = (bytes: number) => {
      this.#sum += bytes - (this.#held.get(key) ?? 0);
      this.#held.set(key, bytes);
    };
    const mayGoOn = () => this.#sum <= this.#bytesMax || this.#held.keys().next().value === key;
    hold(ownBytes);
    return {
      hold: bytes => {
        hold(ownBytes + bytes);
        if (this.#sum <= this.#bytesMax) this.#wake();
      },
      turn: () => (mayGoOn() ? undefined : this.#wait(mayGoOn)),
      leave: () => {
        hold(0);
        this.#held.delete(key);
        this.#wake();
      },
    };
  }

  async #wait(mayGoOn: () => boolean): Promise<void> {
    while (!mayGoOn()) await new Promise<void>(resolve => void this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

export interface BodyTicket {
  /** What it holds from now on. */
  hold: (bytes: number) => void;
  /** Resolves when it may be read on; undefined when that is now. */
  turn: () => Promise<void> | undefined;
  leave: () => void;
}
