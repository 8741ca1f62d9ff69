import { isDeepStrictEqual } from 'node:util';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { DamageFound } from '../kernel/errors.ts';
import { Slices } from '../kernel/slices.ts';
import type { DayBlock } from '../readings/day-block.ts';
import { firstDayOfMonth, formatMonth } from '../readings/month-number.ts';
import { monthTotals } from '../readings/month-totals.ts';
import { OriginTable } from '../readings/origin.ts';
import type { StoredBlock } from '../readings/reading-day-store.ts';
import type { StoredMonth } from '../readings/reading-month-store.ts';
import type { ReadingStore } from '../readings/reading-store.ts';
import { formatUtc, instant, secondsPerDay } from '../units/time.ts';
import { restoreAdvice } from './check.ts';

interface StoreDeps {
  store: ReadingStore;
  meterPoints: MeterPointStore;
}

const blocksAtOnce = 200;
const monthsAtOnce = 20;

/**
 * Decodes every block, packed by month or not: of a series that exists, with as many readings as its row says, in order, on its day,
 * with plausible values; and a month's totals are those of its values.
 */
export async function verifyStore({ store, meterPoints }: StoreDeps): Promise<string> {
  const slices = new Slices();
  const names = new Map<number, string>();
  for (const some of meterPoints.allSeries.each()) {
    for (const { id, identifier, code } of some) names.set(id, `${identifier} ${code}`);
    await slices.pause();
  }
  let [blocks, months, readings] = [0, 0, 0];
  for (let after = 0, more = true; more; ) {
    const stored = store.days.listStored(after, blocksAtOnce);
    // Of their own: the house's table would keep the origins of everything that is ever verified.
    const origins = new OriginTable();
    for (const each of stored) {
      after = each.id;
      blocks += 1;
      readings += verifyBlock(each, names.get(each.seriesId), origins);
      await slices.pause();
    }
    more = stored.length === blocksAtOnce;
  }
  for (let after = 0, more = true; more; ) {
    const stored = store.months.listStored(after, monthsAtOnce);
    const origins = new OriginTable();
    for (const each of stored) {
      after = each.id;
      months += 1;
      readings += verifyMonth(each, store, names.get(each.seriesId), origins);
      await slices.pause();
    }
    more = stored.length === monthsAtOnce;
  }
  return `${blocks} blocks, ${months} months, ${readings} readings`;
}

function verifyBlock(stored: StoredBlock, name: string | undefined, origins: OriginTable): number {
  const place = `the block of ${name ?? `series ${stored.seriesId}`} on ${formatDay(stored.day)}`;
  const block = decode(place, name, () => stored.decode(origins));
  if (block.count !== stored.count)
    throw damaged(place, `it holds ${block.count} readings and its row says ${stored.count}`);
  verifyReadings(block, place);
  return block.count;
}

/** Returns how many of its readings stand: of a day that came later all of them stand in front of the month. */
function verifyMonth(
  stored: StoredMonth,
  { days: inFront }: ReadingStore,
  name: string | undefined,
  origins: OriginTable,
): number {
  const place = `the block of ${name ?? `series ${stored.seriesId}`} for ${formatMonth(stored.month)}`;
  const days = decode(place, name, () => stored.decode(origins));
  const count = days.reduce((sum, { block }) => sum + block.count, 0);
  if (count !== stored.count) throw damaged(place, `it holds ${count} readings and its row says ${stored.count}`);
  for (const { block } of days) verifyReadings(block, place);
  const totals = monthTotals(days, origins);
  if (!isDeepStrictEqual(totals, stored.totals)) throw damaged(place, 'its totals are not those of its readings');
  const first = firstDayOfMonth(stored.month);
  const hidden = new Set(inFront.listDays(stored.seriesId, firstDayOfMonth(stored.month + 1)).map(({ day }) => day));
  return days.reduce((sum, { day, block }) => (hidden.has(first + day) ? sum : sum + block.count), 0);
}

function decode<T>(place: string, name: string | undefined, act: () => T): T {
  if (!name) throw damaged(place, 'there is no such series');
  try {
    return act();
  } catch (error) {
    throw damaged(place, error instanceof Error ? error.message : String(error));
  }
}

function verifyReadings(block: DayBlock, place: string): void {
  for (let at = 0; at < block.count; at++) {
    const offset = block.offset[at]!;
    if (offset >= secondsPerDay || (at > 0 && offset <= block.offset[at - 1]!))
      throw damaged(place, 'its readings are out of order');
    const value = block.value[at]!;
    if (!Number.isNaN(value) && !Number.isSafeInteger(value)) throw damaged(place, `${value} is no count of micro-kWh`);
  }
}

function damaged(place: string, why: string): DamageFound {
  return new DamageFound(`${place} is damaged: ${why}`, restoreAdvice);
}

function formatDay(day: number): string {
  return formatUtc(instant(day * secondsPerDay)).slice(0, 10);
}
