import type { Series } from '../accounts/meter-point.ts';
import type { Slices } from '../kernel/slices.ts';
import type { ReadingVersion } from '../readings/decided-reading.ts';
import type { Reading } from '../readings/reading.ts';
import { type KnownInstant, rewind, standingVersions } from '../readings/reading-history.ts';
import { formatWithdrawal } from '../readings/write-records.ts';
import { type Instant, instant, instantOfMs, type Period, secondsPerDay } from '../units/time.ts';
import type { ReportedRun } from './import-run.ts';
import type { BilledSpan, UndoDeps, UndoReport } from './import-undo.ts';

// Instants of a window: they are withdrawn at once, in less than a slice.
const instantsMax = 300;
const windowSecondsMax = 31 * secondsPerDay;
const windowSecondsMin = 3600;
// As an import does: what is in memory alone.
const unflushedMax = 500_000;

/** Takes back what an import said, window by window, and counts what becomes of it. A dry run only counts. */
export class Withdrawer {
  /**
   * Later imports of which a reading stood in the way or beside, be it because an interval of the undone one left it room (N12-38) and
   * it met nothing when it came.
   */
  readonly met = new Set<number>();
  readonly #deps: UndoDeps;
  readonly #undone: Set<number>;
  readonly #later: Set<number>;
  readonly #report: UndoReport;
  readonly #dryRun: boolean;
  readonly #countsSince: number | undefined;
  readonly #withdrawnAt: number;
  /** Those of the report, by what they are of. */
  readonly #billed = new Map<string, UndoReport['billed'][number]>();
  #unflushed = 0;
  /** Seconds of the next window. */
  #width = windowSecondsMax;

  constructor(
    deps: UndoDeps,
    run: ReportedRun,
    later: readonly number[],
    report: UndoReport,
    { dryRun, countsSince }: { dryRun: boolean; countsSince: number | undefined },
  ) {
    this.#deps = deps;
    this.#undone = new Set(deps.sources.listOfImport(run.id));
    this.#later = new Set(later);
    this.#report = report;
    this.#dryRun = dryRun;
    this.#countsSince = countsSince;
    this.#withdrawnAt = instantOfMs(deps.clock.now());
  }

  /** All it said of a series; false when `signal` ended that. */
  async take(series: Series, slices: Slices, signal?: AbortSignal): Promise<boolean> {
    for (const window of this.#windowsOf(series)) {
      const instants = await this.#takeWindow(series, window);
      this.#width = widthAfter(this.#width, instants);
      await slices.pause();
      if (signal?.aborted) return false;
    }
    return true;
  }

  /** Returns how many instants it speaks of there. */
  async #takeWindow(series: Series, window: Period): Promise<number> {
    const { index, journal, listBilled, flush } = this.#deps;
    if (this.#countsSince !== undefined) this.#countWithdrawn(series.id, window, this.#countsSince);
    const found = index.listFrom(series.id, window.from, window.to, this.#undone);
    if (found.length === 0) return 0;
    // The reading of a register at the end of a bill is the one the bill ends with.
    const reach = series.kind === 'register' ? 1 : 0;
    const billed = listBilled(series.meterPointId)
      .map(span => ({ ...span, to: instant(span.to + reach) }))
      .filter(({ from, to }) => from < window.to && to > window.from);
    const { id: seriesId } = series;
    for (const { from, to } of partsOutside(billed, window)) {
      const inside = billed.length === 0 ? found : index.listFrom(seriesId, from, to, this.#undone);
      if (inside.length === 0) continue;
      const rewound = this.#count(seriesId, inside, index.edgesOf(seriesId, from, to));
      if (this.#dryRun) continue;
      const withdrawal = { seriesId, from, to, withdrawnAt: this.#withdrawnAt, undone: [...this.#undone], rewound };
      journal.append(formatWithdrawal(withdrawal));
      this.#unflushed += index.withdraw(withdrawal);
    }
    const instants = found.flat();
    if (billed.length > 0)
      this.#listBilled(
        series,
        billed,
        instants.filter(each => this.#speaks(each)),
      );
    if (this.#unflushed < unflushedMax || !flush) return instants.length;
    await journal.durable();
    await flush();
    this.#unflushed = 0;
    return instants.length;
  }

  /** Parts of what is known of a series, as wide as is known to be right then; no interval reaches from one into the next. */
  *#windowsOf({ id, kind, intervalMinutes }: Series): Generator<Period> {
    const { index } = this.#deps;
    const span = index.spanOf(id);
    if (!span) return;
    if (kind === 'channel') this.#width = Math.min(this.#width, instantsMax * intervalMinutes * 60);
    let { from } = span;
    for (let until = from + this.#width; from < span.to; until += this.#width) {
      const to = until < span.to ? index.cutBefore(id, instant(until)) : span.to;
      if (to <= from) continue;
      yield { from, to };
      from = to;
      until = to;
    }
  }

  /** What an earlier attempt withdrew, out of the history. */
  #countWithdrawn(seriesId: number, { from, to }: Period, since: number): void {
    const { index } = this.#deps;
    const rows = index.listHistory(seriesId, from, instant(to - 1)).filter(({ endedAt }) => endedAt >= since);
    for (const [at, ofInstant] of Map.groupBy(rows, ({ reading }) => reading.at)) {
      const own = ofInstant.filter(({ reading }) => this.#undone.has(reading.source));
      for (const { outcome, reading } of ofInstant)
        if (outcome === 'withdrawn' || outcome === 'closed') this.#meet(reading.source);
      // What a later import had brought beside goes as well, until it is read again.
      const others = ofInstant.some(
        ({ outcome, reading }) => outcome === 'closed' && !this.#undone.has(reading.source),
      );
      const returned = others || index.findKnown(seriesId, at) !== undefined;
      if (own.some(({ outcome }) => outcome === 'withdrawn')) this.#report[returned ? 'returned' : 'gone'] += 1;
      else if (own.some(({ outcome }) => outcome === 'closed')) this.#report.beside += 1;
    }
  }

  /** Returns which of the later imports said anything there. */
  #count(seriesId: number, groups: KnownInstant[][], around: readonly Reading[]): number[] {
    const met = new Set<number>();
    for (const instants of groups) {
      const { current } = rewind(seriesId, instants, this.#undone, this.#withdrawnAt, around);
      for (const { at, known, history } of instants) {
        for (const { source } of [...(known ? [known.reading] : []), ...history.map(({ reading }) => reading)])
          if (this.#meet(source)) met.add(source);
        if (known && this.#undone.has(known.reading.source)) this.#report[current.has(at) ? 'returned' : 'gone'] += 1;
        else if (this.#isBeside(history)) this.#report.beside += 1;
      }
    }
    return [...met];
  }

  /** Whether it is one of a later import. */
  #meet(source: number): boolean {
    const { kind, reference } = this.#deps.sources.find(source) ?? {};
    const run = kind === 'import' && reference !== undefined ? Number.parseInt(reference, 10) : 0;
    if (!this.#later.has(run)) return false;
    this.met.add(run);
    return true;
  }

  #speaks({ known, history }: KnownInstant): boolean {
    return (known && this.#undone.has(known.reading.source)) || this.#isBeside(history);
  }

  #isBeside(history: readonly ReadingVersion[]): boolean {
    return standingVersions(history).some(({ reading }) => this.#undone.has(reading.source));
  }

  #listBilled(series: Series, billed: BilledSpan[], found: { at: Instant }[]): void {
    const { identifier } = this.#deps.meterPoints.getById(series.meterPointId);
    for (const { invoice, from, to } of billed) {
      const readings = found.filter(({ at }) => at >= from && at < to).length;
      if (readings === 0) continue;
      const name = [identifier, series.code, invoice].join(' ');
      const same = this.#billed.get(name);
      if (same) {
        same.readings += readings;
        continue;
      }
      const listed = { meterPoint: identifier, code: series.code, invoice, readings };
      this.#billed.set(name, listed);
      this.#report.billed.push(listed);
    }
  }
}

/** How wide the next window is, where there were so many instants in one of `seconds`. */
function widthAfter(seconds: number, instants: number): number {
  if (instants > instantsMax) return Math.max(windowSecondsMin, Math.floor(seconds / 2));
  return instants < instantsMax / 2 ? Math.min(windowSecondsMax, seconds * 2) : seconds;
}

/** What is left of a window without the billed spans. */
function partsOutside(billed: BilledSpan[], window: Period): Period[] {
  let parts = [window];
  for (const { from, to } of billed) {
    parts = parts.flatMap(part => [
      { from: part.from, to: instant(Math.min(part.to, from)) },
      { from: instant(Math.max(part.from, to)), to: part.to },
    ]);
    parts = parts.filter(part => part.from < part.to);
  }
  return parts;
}
