import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { DamageFound } from '../kernel/errors.ts';
import { Slices } from '../kernel/slices.ts';
import type { DayBlock } from '../readings/day-block.ts';
import type { OriginTable } from '../readings/origin.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import type { ReadingStore, StoredBlock } from '../readings/reading-store.ts';
import { formatUtc, instant, secondsPerDay } from '../units/time.ts';
import { restoreAdvice } from './check.ts';

interface StoreDeps {
  store: ReadingStore;
  meterPoints: MeterPointStore;
  index: ReadingIndex;
}

const blocksAtOnce = 200;

/** Decodes every block: of a series that exists, with as many readings as its row says, in order, on its day, with plausible values. */
export async function verifyStore({ store, meterPoints, index }: StoreDeps): Promise<string> {
  const names = new Map(meterPoints.listAllSeries().map(({ id, identifier, code }) => [id, `${identifier} ${code}`]));
  const slices = new Slices();
  let [blocks, readings] = [0, 0];
  let after = 0;
  for (;;) {
    const stored = store.listStored(after, blocksAtOnce);
    for (const each of stored) {
      after = each.id;
      blocks += 1;
      readings += verifyBlock(each, names, index.origins);
      await slices.pause();
    }
    if (stored.length < blocksAtOnce) return `${blocks} blocks, ${readings} readings`;
  }
}

function verifyBlock(stored: StoredBlock, names: Map<number, string>, origins: OriginTable): number {
  const name = names.get(stored.seriesId);
  const place = `the block of ${name ?? `series ${stored.seriesId}`} on ${formatUtc(instant(stored.day * secondsPerDay)).slice(0, 10)}`;
  const damaged = (why: string) => new DamageFound(`${place} is damaged: ${why}`, restoreAdvice);
  if (!name) throw damaged('there is no such series');
  let block: DayBlock;
  try {
    block = stored.decode();
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error));
  }
  if (block.count !== stored.count) throw damaged(`it holds ${block.count} readings and its row says ${stored.count}`);
  for (let at = 0; at < block.count; at++) {
    const offset = block.offset[at]!;
    if (offset >= secondsPerDay || (at > 0 && offset <= block.offset[at - 1]!))
      throw damaged('its readings are out of order');
    const value = block.value[at]!;
    if (!Number.isNaN(value) && !Number.isSafeInteger(value)) throw damaged(`${value} is no count of micro-kWh`);
    if (!origins.get(block.origin[at]!)) throw damaged('a reading does not say where it came from');
  }
  return block.count;
}
