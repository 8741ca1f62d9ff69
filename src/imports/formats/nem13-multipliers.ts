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
  readonly #told = new Map<Day, number>();
  #lastTold: Pick<ShownMultiplier, 'day' | 'multiplier'> | undefined;

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

  /** Takes in what `findContradiction` found nothing against; returns what is new to the map. */
  add(shown: ShownMultiplier): ShownMultiplier[] {
    const last = this.#stretches.at(-1);
    const isLast = !last || shown.from >= last.to;
    const touched = isLast ? last : this.#stretches.find(each => each.from <= shown.to && shown.from <= each.to);
    if (touched?.multiplier === shown.multiplier && shown.from >= touched.from && shown.from <= touched.to) {
      touched.to = later(touched.to, shown.to);
      if (shown.day > touched.lastDay) touched.lastDay = shown.day;
      return [];
    }
    const behind = isLast ? this.#stretches.length : this.#stretches.findIndex(each => each.from > shown.from);
    const stretch = { ...shown, lastDay: shown.day };
    this.#stretches.splice(behind < 0 ? this.#stretches.length : behind, 0, stretch);
    // One in front of others takes from them what the map had said of them by itself.
    return [stretch, ...(isLast ? [] : this.#stretches)].filter(each => this.#isNews(each));
  }

  #isNews({ day, multiplier }: ShownMultiplier): boolean {
    if (this.#says(day) === multiplier) return false;
    this.#told.set(day, multiplier);
    if (!this.#lastTold || day > this.#lastTold.day) this.#lastTold = { day, multiplier };
    return true;
  }

  /** As a register map does: what was told last before, and before everything what was told first. */
  #says(day: Day): number | undefined {
    if (this.#lastTold && day >= this.#lastTold.day) return this.#lastTold.multiplier;
    const known = this.#told.get(day);
    if (known !== undefined) return known;
    let [before, first]: (Day | undefined)[] = [];
    for (const each of this.#told.keys()) {
      if (each < day && (before === undefined || each > before)) before = each;
      if (first === undefined || each < first) first = each;
    }
    const holds = before ?? first;
    return holds && this.#told.get(holds);
  }
}

function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}
