import type { MeterPoint, Series } from '../accounts/meter-point.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { tellsFirst } from '../accounts/register-map.ts';
import type { ToldFacts } from '../accounts/register-map-store.ts';
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
import type { ReportedRun, StoredReport } from './import-run.ts';
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

// Instants of a window: they are withdrawn at once, in less than a slice.
const instantsMax = 300;
const windowSecondsMax = 31 * secondsPerDay;
const windowSecondsMin = 3600;
// Each is looked up and noted for what was billed with it: some milliseconds.
const factsAtOnce = 30;
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
  const slices = new Slices();
  const hasTotals = knowsItsTotals(deps, run);
  const spoken = hasTotals ? await slices.run(spokenOf(deps, run, own)) : undefined;
  const registers = await slices.run(namesOfFacts(deps, own));
  const later: number[] = [];
  const judged: number[] = [];
  for (const each of deps.imports.eachLater(run.id)) {
    later.push(each.id);
    if ((await slices.run(mayMeet(each, spoken))) || (await slices.run(speaksOf(each, registers))))
      judged.push(each.id);
    await slices.pause();
  }
  const { gone = 0, returned = 0, beside = 0, facts = 0, readAgain: foundBefore = [] } = before?.withdrawn ?? {};
  const tookBack = await slices.run(runsTakenBack(deps, own, foundBefore, judged, run.id, spoken));
  const report: UndoReport = { gone, returned, beside, facts, billed: [], readAgain: [] };
  const countsSince = before && !before.withdrawn ? before.orderedAt : undefined;
  const withdrawer = new Withdrawer(deps, run, later, report, { dryRun, countsSince });
  const width = { seconds: windowSecondsMax };
  for (const series of seriesOf(deps, run, hasTotals)) {
    for (const window of windowsOf(deps.index, series, width)) {
      const instants = await withdrawer.take(series, window);
      width.seconds = widthAfter(width.seconds, instants);
      await slices.pause();
      if (signal?.aborted) return report;
    }
    await slices.pause();
  }
  const again = new Set([...tookBack, ...judged]).union(withdrawer.met);
  report.readAgain = [...again].sort((a, b) => a - b);
  if (countsSince !== undefined) report.facts += deps.meterPoints.countFactsTakenBack(own, countsSince);
  await takeBackFacts(deps, own, report, dryRun, slices);
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
async function takeBackFacts(
  { meterPoints, listBilled, clock }: UndoDeps,
  own: readonly number[],
  report: UndoReport,
  dryRun: boolean,
  slices: Slices,
): Promise<void> {
  const facts: ToldFacts[] = [];
  for (const each of told(meterPoints, own)) {
    const { series, meterPoint } = meterPoints.getSeries(each.seriesId);
    const heldBefore = tellsFirst(series.map ?? [], each.fromAt);
    const bill = listBilled(series.meterPointId).find(({ to }) => to > each.fromAt || heldBefore);
    if (!bill) facts.push(each);
    else
      report.billed.push({ meterPoint: meterPoint.identifier, code: series.code, invoice: bill.invoice, readings: 0 });
    await slices.pause();
  }
  report.facts += facts.length;
  if (dryRun) return;
  const now = instantOfMs(clock.now());
  for (let at = 0; at < facts.length; at += factsAtOnce) {
    meterPoints.takeBackFacts(facts.slice(at, at + factsAtOnce), now);
    await slices.pause();
  }
}

function* told(meterPoints: MeterPointStore, own: readonly number[]): Generator<ToldFacts> {
  for (const some of meterPoints.eachFactsFrom(own)) yield* some;
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
  /** Those of the report, by what they are of. */
  readonly #billed = new Map<string, UndoReport['billed'][number]>();
  #unflushed = 0;

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

  /** Returns how many instants it speaks of there. */
  async take(series: Series, window: { from: Instant; to: Instant }): Promise<number> {
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

/**
 * Runs that brought what this one withdrew (D10-10), or did not get it in, and that nobody has undone: once it is undone, they are read
 * again. Another withdrawal may have been the one that took it back, and be undone already. `foundBefore` is from an attempt that may
 * have removed since what they are found by.
 */
function* runsTakenBack(
  { withdrawals, index, sources, imports, undos }: UndoDeps,
  own: readonly number[],
  foundBefore: readonly number[],
  later: readonly number[],
  undone: number,
  spoken: Spoken | undefined,
): Generator<void, number[]> {
  const withdrawn = withdrawals?.listFrom(own) ?? [];
  const found = new Set(foundBefore);
  for (const each of withdrawn) {
    for (const { outcome, reading } of index.listHistory(each.seriesId, each.at, each.at)) {
      const isOfIt = outcome === 'withdrawn' && isWithdrawnBy(reading, each);
      const source = isOfIt ? sources.find(reading.source) : undefined;
      if (source?.kind === 'import') found.add(Number.parseInt(source.reference, 10));
    }
    yield;
  }
  for (const each of withdrawn.length === 0 ? [] : imports.eachLater(0)) {
    if (each.id >= undone) break;
    // It may have kept out what came before it, as older than what it says.
    if (each.report?.counts.older && (yield* mayMeet(each, spoken))) found.add(each.id);
    yield;
  }
  const known = new Set(later);
  return [...found].filter(id => !undos?.find(id) && !known.has(id));
}

/** Where a run said something. */
interface Spoken {
  channels: Set<string>;
  meterPoints: Set<string>;
}

/** By its totals, and of what it withdrew; undefined where neither says so. */
function* spokenOf(
  { withdrawals, meterPoints }: UndoDeps,
  run: ReportedRun,
  own: readonly number[],
): Generator<void, Spoken | undefined> {
  const spoken: Spoken = { channels: new Set(), meterPoints: new Set() };
  const add = (each: NamedChannel) => {
    spoken.channels.add(nameOf(each));
    spoken.meterPoints.add(each.meterPoint);
  };
  for (const some of run.report?.eachChannels() ?? []) {
    some.forEach(add);
    yield;
  }
  for (const { seriesId } of withdrawals?.listFrom(own) ?? []) {
    add(channelOf(meterPoints.getSeries(seriesId)));
    yield;
  }
  return spoken.channels.size > 0 ? spoken : undefined;
}

function channelOf({ series, meterPoint }: { series: Series; meterPoint: MeterPoint }) {
  return { meterPoint: meterPoint.identifier, kind: series.kind, code: series.code, meter: series.serial };
}

type NamedChannel = Pick<ChannelTotal, 'meterPoint' | 'kind' | 'code' | 'meter'>;

function nameOf({ meterPoint, kind, code, meter }: NamedChannel): string {
  return [meterPoint, kind, code, meter].join(' ');
}

/** The registers whose maps a run told something of. */
function* namesOfFacts({ meterPoints }: UndoDeps, own: readonly number[]): Generator<void, Set<string>> {
  const names = new Set<string>();
  const met = new Set<number>();
  for (const { seriesId } of told(meterPoints, own)) {
    if (met.has(seriesId)) continue;
    met.add(seriesId);
    names.add(nameOf(channelOf(meterPoints.getSeries(seriesId))));
    yield;
  }
  return names;
}

/** Whether a run has readings of these registers, or tells of registers alone: what the map said already was not told once more. */
function* speaksOf({ report }: ReportedRun, names: Set<string>): Generator<void, boolean> {
  if (names.size === 0 || !report) return false;
  if (report.channelCount === 0) return report.counts.identical + report.counts.conflicting > 0;
  return yield* someChannel(report, each => names.has(nameOf(each)));
}

/** Whether readings of a run met some of what another one said: they may have been judged against it. */
function* mayMeet({ report }: ReportedRun, spoken: Spoken | undefined): Generator<void, boolean> {
  if (!report || report.cancelled) return false;
  const { identical, revised, conflicting, older, rejected } = report.counts;
  if (identical + revised + conflicting + older + rejected === 0) return false;
  if (!spoken) return true;
  // What was rejected, or withdrawn before it came, is in no total: a meter point in common is enough then.
  const isTold = rejected + older === 0;
  if (!isTold && report.channelCount === 0) return true;
  return yield* someChannel(
    report,
    each => spoken.channels.has(nameOf(each)) || (!isTold && spoken.meterPoints.has(each.meterPoint)),
  );
}

function* someChannel(report: StoredReport, test: (each: ChannelTotal) => boolean): Generator<void, boolean> {
  for (const some of report.eachChannels()) {
    if (some.some(test)) return true;
    yield;
  }
  return false;
}

/** Not when it ended without them, nor when something of it that had not entered may have done so when it was read again. */
function knowsItsTotals({ undos }: UndoDeps, { id, state, report }: ReportedRun): boolean {
  if (!report || state === 'failed') return false;
  return report.counts.rejected + report.counts.older === 0 || !undos?.wasReadAgain(id);
}

/** The registers and channels of a run by its totals, each once; all there are when it does not know them. */
function* seriesOf({ meterPoints }: UndoDeps, { report }: ReportedRun, hasTotals: boolean): Generator<Series> {
  if (!report || !hasTotals) {
    for (const some of meterPoints.allSeries.each()) yield* some;
    return;
  }
  const met = new Set<number>();
  for (const some of report.eachChannels()) {
    for (const [identifier, channels] of Map.groupBy(some, ({ meterPoint }) => meterPoint)) {
      const meterPoint = meterPoints.find(identifier);
      if (!meterPoint) continue;
      for (const series of meterPoints.listSeries(meterPoint.id)) {
        const isOne =
          !met.has(series.id) && channels.some(each => each.kind === series.kind && each.code === series.code);
        if (!isOne) continue;
        met.add(series.id);
        yield series;
      }
    }
  }
}

/** Parts of what is known of a series, as wide as `width` says then; no interval reaches from one into the next. */
function* windowsOf(
  index: ReadingIndex,
  { id, kind, intervalMinutes }: Series,
  width: { seconds: number },
): Generator<{ from: Instant; to: Instant }> {
  const span = index.spanOf(id);
  if (!span) return;
  if (kind === 'channel') width.seconds = Math.min(width.seconds, instantsMax * intervalMinutes * 60);
  let { from } = span;
  for (let until = from + width.seconds; from < span.to; until += width.seconds) {
    const to = until < span.to ? index.cutBefore(id, instant(until)) : span.to;
    if (to <= from) continue;
    yield { from, to };
    from = to;
    until = to;
  }
}

/** How wide the next window is, where there were so many instants in one of `seconds`. */
function widthAfter(seconds: number, instants: number): number {
  if (instants > instantsMax) return Math.max(windowSecondsMin, Math.floor(seconds / 2));
  return instants < instantsMax / 2 ? Math.min(windowSecondsMax, seconds * 2) : seconds;
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
