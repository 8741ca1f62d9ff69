import { type Instant, instant } from '../units/time.ts';

/** What a file said of an instant. */
export interface Said {
  /** Code of the quality. */
  quality: number;
  /** Of what is kept beside another file's reading: its value, which stands nowhere else in the totals. */
  beside?: number;
}

/** Instants at even steps, both ends inclusive, of which the same was said but for the values. */
export interface SaidSpan {
  from: number;
  to: number;
  /** Seconds; of a channel the length of its intervals, too. 0 of a register's single reading. */
  step: number;
  quality: number;
  /** Values of what is kept beside, one for each instant. */
  beside?: number[];
}

/** What a file said of a series that is no single span: spans by time, none of which reaches into another. */
export class SaidSpans {
  readonly #spans: SaidSpan[];

  constructor(first: SaidSpan) {
    this.#spans = [first];
  }

  get last(): SaidSpan | undefined {
    return this.#spans.at(-1);
  }

  find(at: number): Said | undefined {
    const span = this.#spans[this.#search(at)];
    if (!span || !isAt(span, at)) return undefined;
    const { quality, beside } = span;
    return beside ? { quality, beside: beside[placeIn(span, at)]! } : { quality };
  }

  /** Instants of a channel whose intervals, as long as their steps, lie over [from, until). */
  listOver(from: number, until: number): Instant[] {
    const found: Instant[] = [];
    for (let position = Math.max(0, this.#search(from)); position < this.#spans.length; position++) {
      const span = this.#spans[position]!;
      if (span.from >= until) break;
      const skipped = Math.max(0, Math.floor((from - span.from) / span.step));
      for (let at = span.from + skipped * span.step; at <= span.to && at < until; at += span.step)
        if (at + span.step > from) found.push(instant(at));
    }
    return found;
  }

  /** Of instants of which nothing was said, nor of any between them. */
  put(added: SaidSpan): void {
    const position = this.#search(added.from);
    const before = this.#spans[position];
    if (before && goesOn(before, added)) {
      before.step = added.step || added.from - before.to;
      before.to = added.to;
      if (before.beside && added.beside) before.beside.push(...added.beside);
      return;
    }
    if (before && before.to > added.from) this.#split(position, added.from);
    this.#spans.splice(position + 1, 0, added);
  }

  /** Forgets what was said of an instant. */
  remove(at: number): void {
    const position = this.#search(at);
    const span = this.#spans[position]!;
    const rest = at > span.from ? this.#split(position, at) : span;
    if (rest.to === at) this.#spans.splice(this.#spans.indexOf(rest, position), 1);
    else {
      rest.from += rest.step;
      rest.beside?.shift();
    }
  }

  /** Whether nothing was said from `from` to `to`, both inclusive. */
  isFree(from: number, to: number): boolean {
    const before = this.#spans[this.#search(to)];
    return !before || before.to < from;
  }

  /** The span that begins at `at` or is the last to begin before it; -1 where none does. */
  #search(at: number): number {
    let [low, high] = [0, this.#spans.length];
    if (high > 0 && this.#spans[high - 1]!.from <= at) return high - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#spans[middle]!.from <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Into what is before `at`, of which there is something, and the rest, which it returns. */
  #split(position: number, at: number): SaidSpan {
    const span = this.#spans[position]!;
    const kept = Math.ceil((at - span.from) / span.step);
    const { to, step, quality, beside } = span;
    const rest = { from: span.from + kept * step, to, step, quality, ...(beside && { beside: beside.splice(kept) }) };
    span.to = span.from + (kept - 1) * step;
    this.#spans.splice(position + 1, 0, rest);
    return rest;
  }
}

/** Whether `added` can be said with the span before it. */
export function goesOn(before: SaidSpan, added: SaidSpan): boolean {
  if (before.quality !== added.quality || !before.beside !== !added.beside) return false;
  const step = added.from - before.to;
  const steps = [before.step, added.step].filter(each => each !== 0);
  return step > 0 && steps.every(each => each === step);
}

export function isAt({ from, to, step }: SaidSpan, at: number): boolean {
  return at === from || (at > from && at <= to && step > 0 && (at - from) % step === 0);
}

function placeIn({ from, step }: SaidSpan, at: number): number {
  return step === 0 ? 0 : (at - from) / step;
}
