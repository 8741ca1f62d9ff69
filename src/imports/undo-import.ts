import type { MeterPoint, Series } from '../accounts/meter-point.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { tellsFirst } from '../accounts/register-map.ts';
import { Refusal } from '../kernel/errors.ts';
import { Slices } from '../kernel/slices.ts';
import type { ReadingVersion } from '../readings/decided-reading.ts';
import type { Journal } from '../readings/journal.ts';
import type { Reading } from '../readings/reading.ts';
import { type KnownInstant, rewind, standingVersions } from '../readings/reading-history.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import { isWithdrawnBy, type ReadingWithdrawalStore } from '../readings/reading-withdrawal-store.ts';
import type { SourceStore } from '../readings/source-store.ts';
import { formatWithdrawal } from '../readings/write-records.ts';
import { type Instant, instant, instantOfMs, secondsPerDay } from '../units/time.ts';
import { type ImportDeps, importFile } from './import-file.ts';
import type { ChannelTotal } from './import-report.ts';
import type { ReportedRun } from './import-run.ts';
import type { ImportRunStore } from './import-run-store.ts';
import type { ImportUndoStore } from './import-undo-store.ts';

export interface UndoDeps extends ImportDeps {
  meterPoints: MeterPointStore;
  index: ReadingIndex;
  journal: Journal;
  sources: SourceStore;
  imports: ImportRunStore;
  /** What senders took back. */
  withdrawals?: ReadingWithdrawalStore;
  /** Absent: nothing was undone before. */
  undos?: Pick<ImportUndoStore, 'find' | 'wasReadAgain'>;
  /** What issued invoices say of a meter point, for good: what stands in these spans is not undone. */
  listBilled: (meterPointId: number) => BilledSpan[];
}

/** Half-open. */
export interface BilledSpan {
  invoice: string;
  from: Instant;
  to: Instant;
}

/** What undoing an import does or would do. */
export interface UndoReport {
  /** Current readings that were its own: nothing stands there any more. */
  gone: number;
  /** The same, where an earlier value is current again. */
  returned: number;
  /** What it had brought beside other current readings. */
  beside: number;
  /** What it had told of registers: it holds no more. */
  facts: number;
  /** Readings that stay because they are billed; none of them where what was told of the register stays. */
  billed: { meterPoint: string; code: string; invoice: string; readings: number }[];
  /** Later imports that met its readings and are read again. */
  readAgain: number[];
}

// A window of a half-hourly channel is withdrawn in less than a slice.
const windowSeconds = 31 * secondsPerDay;
// As an import does: what is in memory alone.
const unflushedMax = 500_000;

/**
 * Takes back what an import brought, and leaves everything as if it had not been there: what it replaced is current again, later imports
 * that were judged against its readings are read again from their kept bytes. What an issued invoice covers stays, and is listed. Nothing
 * is lost: what goes stands in the history. A dry run changes nothing. Doing it twice changes nothing the second time. Throws
 * 'import-not-undoable'. Ended by `signal`, it goes on where it was when it is asked again, and its report is of both attempts.
 */
export async function undoImport(
  deps: UndoDeps,
  run: ReportedRun,
  { dryRun, signal, before, onWithdrawn }: UndoOptions,
): Promise<UndoReport> {
  if (run.id < 0 || (run.state !== 'finished' && run.state !== 'cancelled' && run.state !== 'failed'))
    throw new Refusal('import-not-undoable', `Import ${run.id} is ${run.id < 0 ? 'a dry run' : run.state}.`);
  const own = deps.sources.listOfImport(run.id);
  const hasTotals = knowsItsTotals(deps, run);
  const spoken = hasTotals ? spokenOf(deps, run, own) : undefined;
  const told = namesOfFacts(deps, own);
  const later = deps.imports.listLater(run.id);
  const judged = later.filter(each => mayMeet(each, spoken) || speaksOf(each, told));
  const { gone = 0, returned = 0, beside = 0, facts = 0, readAgain: foundBefore = [] } = before?.withdrawn ?? {};
  const tookBack = runsTakenBack(deps, own, foundBefore, judged, each => each.id < run.id && mayMeet(each, spoken));
  const report: UndoReport = { gone, returned, beside, facts, billed: [], readAgain: [] };
  const countsSince = before && !before.withdrawn ? before.orderedAt : undefined;
  const withdrawer = new Withdrawer(deps, run, later, report, { dryRun, countsSince });
  const slices = new Slices();
  for (const series of seriesOf(deps, run, hasTotals)) {
    for (const window of windowsOf(deps.index, series)) {
      await withdrawer.take(series, window);
      await slices.pause();
      if (signal?.aborted) return report;
    }
  }
  const again = new Set([...tookBack, ...judged].map(({ id }) => id)).union(withdrawer.met);
  report.readAgain = [...again].sort((a, b) => a - b);
  if (countsSince !== undefined) report.facts += deps.meterPoints.countFactsTakenBack(own, countsSince);
  takeBackFacts(deps, own, report, dryRun);
  if (dryRun) return report;
  await deps.journal.durable();
  onWithdrawn?.(report);
  deps.withdrawals?.removeFrom(own);
  for (const id of report.readAgain) {
    await readAgain(deps, deps.imports.get(id), signal);
    if (signal?.aborted) return report;
  }
  return report;
}

/** A bill counted with what was told of its registers: that stays, and is listed. */
function takeBackFacts(
  { meterPoints, listBilled, clock }: UndoDeps,
  own: readonly number[],
  report: UndoReport,
  dryRun: boolean,
): void {
  const facts = meterPoints.listFactsFrom(own).filter(({ seriesId, fromAt }) => {
    const { series, meterPoint } = meterPoints.getSeries(seriesId);
    const heldBefore = tellsFirst(series.map ?? [], fromAt);
    const bill = listBilled(series.meterPointId).find(({ to }) => to > fromAt || heldBefore);
    if (!bill) return true;
    report.billed.push({ meterPoint: meterPoint.identifier, code: series.code, invoice: bill.invoice, readings: 0 });
    return false;
  });
  report.facts += facts.length;
  if (!dryRun && facts.length > 0) meterPoints.takeBackFacts(facts, instantOfMs(clock.now()));
}

interface UndoOptions {
  dryRun: boolean;
  signal?: AbortSignal;
  /** An attempt that ended with its process: when it was ordered, and its report where all had been withdrawn. */
  before?: { orderedAt: number; withdrawn: UndoReport | undefined };
  /** Everything is withdrawn, on disk, and nothing is read again yet: whom this attempt leaves it to has to be told. */
  onWithdrawn?: (report: UndoReport) => void;
}

class Withdrawer {
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
  #unflushed = 0;

  constructor(
    deps: UndoDeps,
    run: ReportedRun,
    later: ReportedRun[],
    report: UndoReport,
    { dryRun, countsSince }: { dryRun: boolean; countsSince: number | undefined },
  ) {
    this.#deps = deps;
    this.#undone = new Set(deps.sources.listOfImport(run.id));
    this.#later = new Set(later.map(({ id }) => id));
    this.#report = report;
    this.#dryRun = dryRun;
    this.#countsSince = countsSince;
    this.#withdrawnAt = instantOfMs(deps.clock.now());
  }

  async take(series: Series, window: { from: Instant; to: Instant }): Promise<void> {
    const { index, journal, listBilled, flush } = this.#deps;
    if (this.#countsSince !== undefined) this.#countWithdrawn(series.id, window, this.#countsSince);
    const found = index.listFrom(series.id, window.from, window.to, this.#undone);
    if (found.length === 0) return;
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
    this.#listBilled(
      series,
      billed,
      found.flat().filter(each => this.#speaks(each)),
    );
    if (this.#unflushed < unflushedMax || !flush) return;
    await journal.durable();
    await flush();
    this.#unflushed = 0;
  }

  /** What an earlier attempt withdrew, out of the history. */
  #countWithdrawn(seriesId: number, { from, to }: { from: Instant; to: Instant }, since: number): void {
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
      const same = this.#report.billed.find(
        each => each.meterPoint === identifier && each.code === series.code && each.invoice === invoice,
      );
      if (same) same.readings += readings;
      else this.#report.billed.push({ meterPoint: identifier, code: series.code, invoice, readings });
    }
  }
}

/**
 * Runs that brought what this one withdrew (D10-10), or did not get it in, and that nobody has undone: once it is undone, they are read
 * again. Another withdrawal may have been the one that took it back, and be undone already. `foundBefore` is from an attempt that may
 * have removed since what they are found by.
 */
function runsTakenBack(
  { withdrawals, index, sources, imports, undos }: UndoDeps,
  own: readonly number[],
  foundBefore: readonly number[],
  later: readonly ReportedRun[],
  isEarlier: (run: ReportedRun) => boolean,
): ReportedRun[] {
  const withdrawn = withdrawals?.listFrom(own) ?? [];
  const brought = withdrawn.flatMap(each =>
    index.listHistory(each.seriesId, each.at, each.at).flatMap(({ outcome, reading }) => {
      const isOfIt = outcome === 'withdrawn' && isWithdrawnBy(reading, each);
      const source = isOfIt ? sources.find(reading.source) : undefined;
      return source?.kind === 'import' ? [Number.parseInt(source.reference, 10)] : [];
    }),
  );
  const all = withdrawn.length === 0 ? [] : imports.listLater(0);
  const keptOut = all.filter(each => each.report?.counts.older && isEarlier(each)).map(({ id }) => id);
  const others = [...new Set([...foundBefore, ...brought, ...keptOut])].filter(
    id => !undos?.find(id) && !later.some(each => each.id === id),
  );
  return others.sort((a, b) => a - b).map(id => imports.get(id));
}

/** Where a run said something. */
interface Spoken {
  channels: Set<string>;
  meterPoints: Set<string>;
}

/** By its totals, and of what it withdrew; undefined where neither says so. */
function spokenOf(
  { withdrawals, meterPoints }: UndoDeps,
  run: ReportedRun,
  own: readonly number[],
): Spoken | undefined {
  const withdrawn = (withdrawals?.listFrom(own) ?? []).map(({ seriesId }) =>
    channelOf(meterPoints.getSeries(seriesId)),
  );
  const spoken = [...(run.report?.channels ?? []), ...withdrawn];
  if (spoken.length === 0) return undefined;
  return { channels: new Set(spoken.map(nameOf)), meterPoints: new Set(spoken.map(({ meterPoint }) => meterPoint)) };
}

function channelOf({ series, meterPoint }: { series: Series; meterPoint: MeterPoint }) {
  return { meterPoint: meterPoint.identifier, kind: series.kind, code: series.code, meter: series.serial };
}

function nameOf({ meterPoint, kind, code, meter }: Pick<ChannelTotal, 'meterPoint' | 'kind' | 'code' | 'meter'>) {
  return [meterPoint, kind, code, meter].join(' ');
}

/** The registers whose maps a run told something of. */
function namesOfFacts({ meterPoints }: UndoDeps, own: readonly number[]): Set<string> {
  const ids = new Set(meterPoints.listFactsFrom(own).map(({ seriesId }) => seriesId));
  return new Set([...ids].map(id => nameOf(channelOf(meterPoints.getSeries(id)))));
}

/** Whether a run has readings of these registers, or tells of registers alone: what the map said already was not told once more. */
function speaksOf({ report }: ReportedRun, names: Set<string>): boolean {
  if (names.size === 0 || !report) return false;
  if (report.channels.length === 0) return report.counts.identical > 0;
  return report.channels.some(each => names.has(nameOf(each)));
}

/** Whether readings of a run met some of what another one said: they may have been judged against it. */
function mayMeet({ report }: ReportedRun, spoken: Spoken | undefined): boolean {
  if (!report || report.cancelled) return false;
  const { identical, revised, conflicting, older, rejected } = report.counts;
  if (identical + revised + conflicting + older + rejected === 0) return false;
  if (!spoken) return true;
  // What was rejected, or withdrawn before it came, is in no total: a meter point in common is enough then.
  const isTold = rejected + older === 0;
  return (
    report.channels.some(
      each => spoken.channels.has(nameOf(each)) || (!isTold && spoken.meterPoints.has(each.meterPoint)),
    ) ||
    (!isTold && report.channels.length === 0)
  );
}

/** Not when it ended without them, nor when something of it that had not entered may have done so when it was read again. */
function knowsItsTotals({ undos }: UndoDeps, { id, state, report }: ReportedRun): boolean {
  if (!report || state === 'failed') return false;
  return report.counts.rejected + report.counts.older === 0 || !undos?.wasReadAgain(id);
}

/** The registers and channels of a run by its totals; all there are when it does not know them. */
function* seriesOf({ meterPoints }: UndoDeps, { report }: ReportedRun, hasTotals: boolean): Generator<Series> {
  if (!report || !hasTotals) {
    for (const some of meterPoints.allSeries.each()) yield* some;
    return;
  }
  const named = Map.groupBy(report.channels, ({ meterPoint }) => meterPoint);
  for (const [identifier, channels] of named) {
    const meterPoint = meterPoints.find(identifier);
    if (!meterPoint) continue;
    for (const series of meterPoints.listSeries(meterPoint.id)) {
      if (channels.some(({ kind, code }) => kind === series.kind && code === series.code)) yield series;
    }
  }
}

/** Parts of what is known of a series; no interval reaches from one into the next. */
function* windowsOf(index: ReadingIndex, { id }: Series): Generator<{ from: Instant; to: Instant }> {
  const span = index.spanOf(id);
  if (!span) return;
  let { from } = span;
  for (let until = from + windowSeconds; from < span.to; until += windowSeconds) {
    const to = until < span.to ? index.cutBefore(id, instant(until)) : span.to;
    if (to <= from) continue;
    yield { from, to };
    from = to;
  }
}

/** What is left of a window without the billed spans. */
function partsOutside(billed: BilledSpan[], window: { from: Instant; to: Instant }): { from: Instant; to: Instant }[] {
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

/** The same bytes through the same door, under the number they came by; what is known already changes nothing. */
async function readAgain(deps: UndoDeps, run: ReportedRun, signal?: AbortSignal): Promise<void> {
  const silent = { begin: () => run.id, finish: () => undefined, findFinished: () => undefined };
  await importFile({ ...deps, imports: silent }, { ...run, by: run.importedBy, run: run.id }, signal ? { signal } : {});
}
