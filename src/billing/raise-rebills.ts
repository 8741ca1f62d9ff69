import type { Series } from '../accounts/meter-point.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { flowOfMap, type RegisterFacts, type RegisterMap, registerAt, withFacts } from '../accounts/register-map.ts';
import type { Clock } from '../kernel/clock.ts';
import type { DayBlock } from '../readings/day-block.ts';
import type { ReadingStore } from '../readings/reading-store.ts';
import type { ChangedBlock } from '../readings/resident-blocks.ts';
import { type Instant, instant, instantOfMs, secondsPerDay } from '../units/time.ts';
import type { BilledSpan, BilledSpanStore } from './billed-span-store.ts';
import type { BilledChange, RebillCandidateStore } from './rebill-candidate-store.ts';

export interface RaiseRebillsDeps {
  store: Pick<ReadingStore, 'findBlock'>;
  meterPoints: Pick<MeterPointStore, 'getSeries'>;
  billedSpans: BilledSpanStore;
  rebillCandidates: RebillCandidateStore;
  clock: Clock;
}

/**
 * Raises a rebill candidate for each issued invoice whose readings a flush changes (N12-39), be it by a revision, an undone import, a
 * decision or a late reading: each block is held against the one it replaces. A block of days that nobody was billed for costs a
 * comparison of two numbers.
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
    const changes = blocks.flatMap(block =>
      block.day * secondsPerDay > this.#billedUntil ? [] : this.#changesOf(block),
    );
    if (changes.length > 0) rebillCandidates.raise(changes, instantOfMs(clock.now()));
  }

  /** Call it with what is added to a register's map: a bill may have been counted with another multiplier. */
  lookAtFacts(series: Series, facts: RegisterFacts): void {
    const { billedSpans, rebillCandidates, clock } = this.#deps;
    const before = series.map ?? [];
    const after = withFacts(before, facts);
    const flowChanges = (flowOfMap(after)?.flow ?? series.flow) !== series.flow;
    const changes = billedSpans.listOf(series.meterPointId).filter(({ from, to }) => {
      const exchanged = facts.exchange && facts.fromAt > from && facts.fromAt <= to;
      // Before the first facts those hold as well, so that any part of the bill may have changed.
      const asked = [from, later(from, facts.fromAt), instant(to - 1)].filter(at => at < to);
      return flowChanges || exchanged || asked.some(at => multiplierOf(before, at) !== multiplierOf(after, at));
    });
    if (changes.length === 0) return;
    const { meterPointId } = series;
    const what = { late: false, changed: true, gone: false };
    rebillCandidates.raise(
      changes.map(({ invoice, from, to }) => ({ meterPointId, invoice, from, to, ...what })),
      instantOfMs(clock.now()),
    );
  }

  #changesOf({ seriesId, day, block }: ChangedBlock): BilledChange[] {
    const { meterPointId, isRegister, spans } = this.#spansOf(seriesId);
    const begin = day * secondsPerDay;
    const met = spans.filter(({ from, to }) => from < begin + secondsPerDay && to >= begin);
    if (met.length === 0) return [];
    const before = this.#deps.store.findBlock(seriesId, day);
    return met.flatMap(({ invoice, from, to }) => {
      // The reading at the end of a bill is the one that a register's bill ends with.
      const found = differenceOf(before, block, from - begin, to - begin + (isRegister ? 1 : 0));
      if (!found) return [];
      const { first, last, ...what } = found;
      return { meterPointId, invoice, from: instant(begin + first), to: instant(begin + last), ...what };
    });
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

function multiplierOf(map: RegisterMap, at: Instant): number {
  return registerAt(map, at).multiplierMicro;
}

function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
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
