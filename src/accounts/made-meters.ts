/**
 * Meters that a transaction makes, by their meter point. Few are asked for, as the registers of one meter follow each other, so that an
 * index of them is made when one is.
 */
export class MadeMeters {
  readonly #ids: number[] = [];
  readonly #meterPointIds: number[] = [];
  readonly #serials: string[] = [];
  /** Places in the lists by meter point, of the first `#indexed`. */
  readonly #places = new Map<number, number[]>();
  #indexed = 0;

  add(id: number, meterPointId: number, serial: string): void {
    this.#ids.push(id);
    this.#meterPointIds.push(meterPointId);
    this.#serials.push(serial);
  }

  findId(meterPointId: number, serial: string): number | undefined {
    for (; this.#indexed < this.#ids.length; this.#indexed++) {
      const of = this.#meterPointIds[this.#indexed]!;
      const places = this.#places.get(of);
      if (places) places.push(this.#indexed);
      else this.#places.set(of, [this.#indexed]);
    }
    const place = this.#places.get(meterPointId)?.find(at => this.#serials[at] === serial);
    return place === undefined ? undefined : this.#ids[place];
  }
}
