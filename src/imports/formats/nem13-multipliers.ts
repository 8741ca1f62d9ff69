import type { Day, Instant } from '../../units/time.ts';

/** A multiplier that a record's quantity shows, for the time between its reads. */
export interface ShownMultiplier {
  multiplier: number;
  from: Instant;
  to: Instant;
  /** On which it begins: a register map knows days. */
  day: Day;
  line: number;
}

/** Records of one multiplier, one behind the other. */
interface Stretch extends ShownMultiplier {
  /** On which its last record begins. */
  lastDay: Day;
}

/** What a file's records say of the multiplier of one register, and what the register map is to be told so that it says the same. */
export class RegisterMultipliers {
  /** By time. */
  readonly #stretches: Stretch[] = [];

  /** An earlier record that says another one for the same time, or for a part of the same day, which no map could hold apart. */
  findContradiction({ multiplier, from, to, day }: ShownMultiplier): ShownMultiplier | undefined {
    const last = this.#stretches.at(-1);
    if (!last || (from >= last.to && (multiplier === last.multiplier || day > last.lastDay))) return undefined;
    return this.#stretches.find(
      each =>
        each.multiplier !== multiplier &&
        ((each.from < to && from < each.to) || (each.day <= day && day <= each.lastDay)),
    );
  }

  /**
   * Takes in what `findContradiction` found nothing against; returns what the map is to be told. What it says already is told, too, where
   * nobody here can know that: between two stretches and before the first another file may have told something else.
   */
  add(shown: ShownMultiplier): ShownMultiplier[] {
    const last = this.#stretches.at(-1);
    const isLast = !last || shown.from >= last.to;
    const touched = isLast ? last : this.#stretches.find(each => each.from <= shown.to && shown.from <= each.to);
    if (touched?.multiplier === shown.multiplier && shown.from >= touched.from && shown.from <= touched.to) {
      touched.to = later(touched.to, shown.to);
      if (shown.day > touched.lastDay) touched.lastDay = shown.day;
      return [];
    }
    const stretch = { ...shown, lastDay: shown.day };
    const place = isLast ? -1 : this.#stretches.findIndex(each => each.from > shown.from);
    if (place < 0) {
      this.#stretches.push(stretch);
      return [stretch];
    }
    // Between others it takes from those beside it what the map had said of them by itself, and of those behind that what it had said alike.
    const beside = [this.#stretches[place], this.#stretches[place - 1]];
    this.#stretches.splice(place, 0, stretch);
    return [stretch, ...beside.flatMap(each => (each && each.multiplier !== shown.multiplier ? each : []))];
  }
}

function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}
