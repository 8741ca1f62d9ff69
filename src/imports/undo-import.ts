import type { Series } from '../accounts/meter-point.ts';
import { tellsFirst } from '../accounts/register-map.ts';
import type { ToldFacts } from '../accounts/register-map-store.ts';
import { Refusal } from '../kernel/errors.ts';
import { Slices } from '../kernel/slices.ts';
import { instantOfMs } from '../units/time.ts';
import { importFile } from './import-file.ts';
import { isDryRun, type ReportedRun } from './import-run.ts';
import type { UndoDeps, UndoReport } from './import-undo.ts';
import { findRunsThatMet, knowsItsTotals } from './runs-that-met.ts';
import { Withdrawer } from './withdrawer.ts';

// Each is looked up and noted for what was billed with it: some milliseconds.
const factsAtOnce = 30;

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
  if (isDryRun(run) || (run.state !== 'finished' && run.state !== 'cancelled' && run.state !== 'failed'))
    throw new Refusal('import-not-undoable', `Import ${run.id} is ${isDryRun(run) ? 'a dry run' : run.state}.`);
  const own = deps.sources.listOfImport(run.id);
  const slices = new Slices();
  const { gone = 0, returned = 0, beside = 0, facts = 0, readAgain: foundBefore = [] } = before?.withdrawn ?? {};
  const { later, again } = await findRunsThatMet(deps, run, own, foundBefore, slices);
  const report: UndoReport = { gone, returned, beside, facts, billed: [], readAgain: [] };
  const countsSince = before && !before.withdrawn ? before.orderedAt : undefined;
  const withdrawer = new Withdrawer(deps, run, later, report, { dryRun, countsSince });
  for (const series of seriesOf(deps, run)) {
    if (!(await withdrawer.take(series, slices, signal))) return report;
    await slices.pause();
  }
  report.readAgain = [...new Set(again).union(withdrawer.met)].sort((a, b) => a - b);
  if (countsSince !== undefined) report.facts += deps.meterPoints.maps.countTakenBack(own, countsSince);
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
  for (const some of meterPoints.maps.eachFrom(own)) {
    for (const each of some) {
      const { series, meterPoint } = meterPoints.getSeries(each.seriesId);
      const { code, meterPointId, map = [] } = series;
      const heldBefore = tellsFirst(map, each.fromAt);
      const bill = listBilled(meterPointId).find(({ to }) => to > each.fromAt || heldBefore);
      if (!bill) facts.push(each);
      else report.billed.push({ meterPoint: meterPoint.identifier, code, invoice: bill.invoice, readings: 0 });
      await slices.pause();
    }
  }
  report.facts += facts.length;
  if (dryRun) return;
  const now = instantOfMs(clock.now());
  for (let at = 0; at < facts.length; at += factsAtOnce) {
    meterPoints.takeBackFacts(facts.slice(at, at + factsAtOnce), now);
    await slices.pause();
  }
}

interface UndoOptions {
  dryRun: boolean;
  signal?: AbortSignal;
  /** An attempt that ended with its process: when it was ordered, and its report where all had been withdrawn. */
  before?: { orderedAt: number; withdrawn: UndoReport | undefined };
  /** Everything is withdrawn, on disk, and nothing is read again yet: whom this attempt leaves it to has to be told. */
  onWithdrawn?: (report: UndoReport) => void;
}

/** The registers and channels of a run by its totals, each once; all there are when it does not know them. */
function* seriesOf(deps: UndoDeps, run: ReportedRun): Generator<Series> {
  const { meterPoints } = deps;
  const { report } = run;
  if (!report || !knowsItsTotals(deps, run)) {
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

/** The same bytes through the same door, under the number they came by; what is known already changes nothing. */
async function readAgain(deps: UndoDeps, run: ReportedRun, signal?: AbortSignal): Promise<void> {
  const silent = { begin: () => run.id, finish: () => undefined, findFinished: () => undefined };
  await importFile({ ...deps, imports: silent }, { ...run, by: run.importedBy, run: run.id }, signal ? { signal } : {});
}
