const firstSlots = 2048;
// Knuth's: what counts up is spread.
const multiplier = 0x9e3779b1;

/** Series by the order in which they were met, in two typed arrays where a Map would be five times as long. */
export class SeriesPlaces {
  #ids = new Float64Array(firstSlots / 2);
  /** Place plus one of the series whose number leads here, 0 for none; never more than half full. */
  #slots = new Uint32Array(firstSlots);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  find(id: number): number | undefined {
    const found = this.#slots[this.#slotOf(id)]!;
    return found === 0 ? undefined : found - 1;
  }

  /** One that `find` does not find. */
  add(id: number): number {
    if (this.#length === this.#ids.length) this.#grow();
    const place = this.#length++;
    this.#ids[place] = id;
    this.#slots[this.#slotOf(id)] = place + 1;
    return place;
  }

  /** Where it stands, or may. */
  #slotOf(id: number): number {
    const mask = this.#slots.length - 1;
    let slot = (Math.imul(id, multiplier) >>> 8) & mask;
    while (this.#slots[slot] !== 0 && this.#ids[this.#slots[slot]! - 1] !== id) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const ids = this.#ids;
    this.#ids = new Float64Array(ids.length * 2);
    this.#ids.set(ids);
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let place = 0; place < this.#length; place++) this.#slots[this.#slotOf(ids[place]!)] = place + 1;
  }
}
