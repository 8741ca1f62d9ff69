import type { MeterPoint, Series } from '../accounts/meter-point.ts';
import type { Slices } from '../kernel/slices.ts';
import { isWithdrawnBy } from '../readings/reading-withdrawal-store.ts';
import type { ChannelTotal } from './import-report.ts';
import type { ReportedRun, StoredReport } from './import-run.ts';
import type { UndoDeps } from './import-undo.ts';

/** Runs to be read again when one is undone: later ones that were judged against it, and what it took back. */
export interface RunsThatMet {
  /** All that came after it. */
  later: number[];
  again: number[];
}

/** `own` are the sources of the run; `foundBefore` is what an earlier attempt found. */
export async function findRunsThatMet(
  deps: UndoDeps,
  run: ReportedRun,
  own: readonly number[],
  foundBefore: readonly number[],
  slices: Slices,
): Promise<RunsThatMet> {
  const spoken = knowsItsTotals(deps, run) ? await slices.run(spokenOf(deps, run, own)) : undefined;
  const registers = await slices.run(namesOfFacts(deps, own));
  const [later, judged]: [number[], number[]] = [[], []];
  for (const each of deps.imports.eachLater(run.id)) {
    later.push(each.id);
    if ((await slices.run(mayMeet(each, spoken))) || (await slices.run(speaksOf(each, registers))))
      judged.push(each.id);
    await slices.pause();
  }
  const tookBack = await slices.run(runsTakenBack(deps, own, foundBefore, judged, run.id, spoken));
  return { later, again: [...tookBack, ...judged] };
}

/** Not when it ended without them, nor when something of it that had not entered may have done so when it was read again. */
export function knowsItsTotals({ undos }: UndoDeps, { id, state, report }: ReportedRun): boolean {
  if (!report || state === 'failed') return false;
  return report.counts.rejected + report.counts.older === 0 || !undos?.wasReadAgain(id);
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
  for (const some of meterPoints.maps.eachFrom(own)) {
    for (const { seriesId } of some) {
      if (met.has(seriesId)) continue;
      met.add(seriesId);
      names.add(nameOf(channelOf(meterPoints.getSeries(seriesId))));
      yield;
    }
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
  // No format knew any of it: it was rejected for itself, and said nothing that readings could have contradicted.
  if (report.format === 'unknown') return false;
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
