import type { Series } from '../accounts/meter-point.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { flowOfMap, type RegisterMap, registerAt } from '../accounts/register-map.ts';
import { advances } from '../consumption/register-advance.ts';
import type { Clock } from '../kernel/clock.ts';
import type { DayBlock } from '../readings/day-block.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import type { ReadingStore } from '../readings/reading-store.ts';
import type { ChangedBlock } from '../readings/resident-blocks.ts';
import { type Instant, instant, instantOfMs, secondsPerDay } from '../units/time.ts';
import type { BilledSpan, BilledSpanStore } from './billed-span-store.ts';
import type { BilledChange, RebillCandidateStore } from './rebill-candidate-store.ts';

export interface RaiseRebillsDeps {
  store: Pick<ReadingStore, 'findBlock'>;
  index: Pick<ReadingIndex, 'before' | 'after' | 'list'>;
  meterPoints: Pick<MeterPointStore, 'getSeries'>;
  billedSpans: BilledSpanStore;
  rebillCandidates: RebillCandidateStore;
  clock: Clock;
}

/**
 * Raises a rebill candidate for each issued invoice whose readings a flush changes (N12-39), be it by a revision, an undone import, a
 * decision or a late reading: each block is held against the one it replaces. A register's bill rests on the readings next to it as well,
 * where none was taken at its ends. A channel's block of days that nobody was billed for costs a look into a map.
 */
export class RaiseRebills {
  readonly #deps: RaiseRebillsDeps;
  /** By series; dropped when an invoice is issued. */
  readonly #spans = new Map<number, { meterPointId: number; isRegister: boolean; spans: BilledSpan[] }>();
  #knownInvoice = -1;
  /** No bill goes further. */
  #billedUntil = 0;

  constructor(deps: RaiseRebillsDeps) {
    this.#deps = deps;
  }

  /** Call it with the blocks a flush is about to store. */
  look(blocks: readonly ChangedBlock[]): void {
    const { billedSpans, rebillCandidates, clock } = this.#deps;
    const last = billedSpans.last();
    if (last.invoice !== this.#knownInvoice) {
      this.#spans.clear();
      [this.#knownInvoice, this.#billedUntil] = [last.invoice, last.until];
    }
    if (last.invoice === 0) return;
    const changes = blocks.flatMap(block => this.#changesOf(block));
    if (changes.length > 0) rebillCandidates.raise(changes, instantOfMs(clock.now()));
  }

  /** Call it with a register and the map it will have: a bill may have been counted with another one. */
  lookAtMap(series: Series, after: RegisterMap): void {
    const { billedSpans, rebillCandidates, clock } = this.#deps;
    const before = series.map ?? [];
    const flowChanges = (flowOfMap(after)?.flow ?? series.flow) !== series.flow;
    const changes = billedSpans
      .listOf(series.meterPointId)
      .filter(
        span => flowChanges || tellsOther(before, after, span) || this.#countsOther(series.id, before, after, span),
      );
    if (changes.length === 0) return;
    const { meterPointId } = series;
    const what = { late: false, changed: true, gone: false };
    rebillCandidates.raise(
      changes.map(({ invoice, from, to }) => ({ meterPointId, invoice, from, to, ...what })),
      instantOfMs(clock.now()),
    );
  }

  /** Whether the readings that a bill rests on give other energy, be it by the digits or by what held before it began. */
  #countsOther(seriesId: number, before: RegisterMap, after: RegisterMap, span: BilledSpan): boolean {
    const { from, to } = this.#reachOf(seriesId, span);
    const readings = this.#deps.index.list(seriesId, instant(Math.max(from, 0)), instant(Math.min(to, endOfTime) + 1));
    const counted = (map: RegisterMap) =>
      advances(readings, map).map(advance => advance?.parts.map(({ endAt, energy }) => [endAt, energy]));
    return JSON.stringify(counted(before)) !== JSON.stringify(counted(after));
  }

  #changesOf({ seriesId, day, block }: ChangedBlock): BilledChange[] {
    const { meterPointId, isRegister, spans } = this.#spansOf(seriesId);
    const begin = day * secondsPerDay;
    if (spans.length === 0 || (begin > this.#billedUntil && !isRegister)) return [];
    const near = isRegister ? this.#nearOf(seriesId, begin) : { from: begin, to: begin + secondsPerDay };
    const met = spans.filter(({ from, to }) => from < near.to && to >= near.from);
    if (met.length === 0) return [];
    const before = this.#deps.store.findBlock(seriesId, day);
    return met.flatMap(span => {
      const { invoice, from, to } = span;
      const reach = isRegister ? this.#reachOf(seriesId, span) : { from, to: to - 1 };
      const found = differenceOf(before, block, reach.from - begin, reach.to + 1 - begin);
      if (!found) return [];
      const { first, last, ...what } = found;
      // What stands outside changes what is between it and the next reading: whoever asks how much, asks of the bill.
      const isOutside = begin + first < from || begin + last > to;
      const changed = isOutside ? { from, to } : { from: instant(begin + first), to: instant(begin + last) };
      return { meterPointId, invoice, ...changed, ...what };
    });
  }

  /** How far from a day its readings can reach: to the next ones on both sides. */
  #nearOf(seriesId: number, begin: number): { from: number; to: number } {
    const { index } = this.#deps;
    return {
      from: index.before(seriesId, instant(begin))?.at ?? Number.NEGATIVE_INFINITY,
      to: index.after(seriesId, instant(begin + secondsPerDay - 1))?.at ?? Number.POSITIVE_INFINITY,
    };
  }

  /** The first and the last instant whose readings a register's bill rests on: its ends, or the readings next to them. */
  #reachOf(seriesId: number, { from, to }: BilledSpan): { from: number; to: number } {
    const { index } = this.#deps;
    return {
      from: index.before(seriesId, instant(from + 1))?.at ?? Number.NEGATIVE_INFINITY,
      to: index.after(seriesId, instant(to - 1))?.at ?? Number.POSITIVE_INFINITY,
    };
  }

  #spansOf(seriesId: number) {
    const known = this.#spans.get(seriesId);
    if (known) return known;
    const { series } = this.#deps.meterPoints.getSeries(seriesId);
    const { meterPointId, kind } = series;
    const found = { meterPointId, isRegister: kind === 'register', spans: this.#deps.billedSpans.listOf(meterPointId) };
    this.#spans.set(seriesId, found);
    return found;
  }
}

const endOfTime = Number.MAX_SAFE_INTEGER - 1;

/** Whether two maps tell other multipliers or exchanges within a bill. */
function tellsOther(before: RegisterMap, after: RegisterMap, { from, to }: BilledSpan): boolean {
  const told = [...before, ...after];
  const asked = [from, ...told.map(({ fromAt }) => fromAt).filter(at => at > from && at < to)];
  const exchanges = (map: RegisterMap) =>
    map
      .filter(each => each.exchange && each.fromAt > from && each.fromAt <= to)
      .map(each => [each.fromAt, each.exchange]);
  return (
    asked.some(at => multiplierOf(before, at) !== multiplierOf(after, at)) ||
    JSON.stringify(exchanges(before)) !== JSON.stringify(exchanges(after))
  );
}

function multiplierOf(map: RegisterMap, at: Instant): number {
  return registerAt(map, at).multiplierMicro;
}

/** What differs between two states of a day within [from, to) seconds of it; undefined when nothing does. */
function differenceOf(before: DayBlock | undefined, now: DayBlock, from: number, to: number) {
  const found = { first: Number.POSITIVE_INFINITY, last: 0, late: false, changed: false, gone: false };
  const note = (offset: number, what: 'late' | 'changed' | 'gone') => {
    found[what] = true;
    found.first = Math.min(found.first, offset);
    found.last = Math.max(found.last, offset);
  };
  const begin = Math.max(0, from);
  let old = before?.search(begin) ?? 0;
  const oldCount = before?.count ?? 0;
  for (let i = now.search(begin); i < now.count && now.offset[i]! < to; i++) {
    const offset = now.offset[i]!;
    for (; old < oldCount && before!.offset[old]! < offset; old++) note(before!.offset[old]!, 'gone');
    if (old < oldCount && before!.offset[old] === offset) {
      if (!Object.is(before!.value[old], now.value[i])) note(offset, 'changed');
      old += 1;
    } else note(offset, 'late');
  }
  for (; old < oldCount && before!.offset[old]! < to; old++) note(before!.offset[old]!, 'gone');
  return found.late || found.changed || found.gone ? found : undefined;
}
