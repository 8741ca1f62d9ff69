import type { PlacedSeries } from '../accounts/all-series-store.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { csvLine } from '../kernel/csv.ts';
import { Slices } from '../kernel/slices.ts';
import { formatKwh, microKwh } from '../units/energy.ts';
import { formatLocal, type Instant, instant, type Period, type Zone } from '../units/time.ts';
import { type ArchivePeriod, instantsOf } from './archive-period.ts';
import { dayNumberOf } from './day-number.ts';
import { OriginTable } from './origin.ts';
import type { Quality } from './reading.ts';
import type { ReadingStore } from './reading-store.ts';
import { type Visit, visitBlocks } from './visit-blocks.ts';

export interface ArchiveTextDeps {
  store: ReadingStore;
  meterPoints: MeterPointStore;
  zone: Zone;
}

// The first three names are those of the predecessors' archives; a channel's `reading` is the energy of the interval that starts there.
const columnsBefore = ['meter_id', 'timestamp', 'reading', 'kind', 'code', 'unit', 'quality'];
/**
 * `flow` and `minutes` are what a channel cannot be read back without; the flow is the one a register or channel was registered with.
 * `before` are archives that were written without.
 */
export const archiveColumns = { now: [...columnsBefore, 'flow', 'minutes'], before: columnsBefore };
export type ArchiveForm = keyof typeof archiveColumns;

/** "S95A 12345/01": a slash in the code itself, which NEM13 and D0010 leave to the sender, is written as %2F. Archives `before` did not. */
function cellOfRegister(serial: string, code: string, form: ArchiveForm): string {
  const escaped = form === 'now' ? code.replaceAll('%', '%25').replaceAll('/', '%2F') : code;
  return serial ? `${serial}/${escaped}` : escaped;
}

/** The serial, '' where there is none, and the code that an archive's cell names. */
export function registerOfCell(cell: string, form: ArchiveForm): [serial: string, code: string] {
  const slash = cell.lastIndexOf('/');
  const code = cell.slice(slash + 1);
  const plain = form === 'now' ? code.replaceAll('%2F', '/').replaceAll('%25', '%') : code;
  return [cell.slice(0, Math.max(0, slash)), plain];
}
const partLength = 128 * 1024;
// A day of a meter at a time comes on top.
const roomLength = 32 * 1024;
// Of a character of a JavaScript string.
const utf8BytesMax = 3;
const rememberedMax = 50_000;

/**
 * The texts of a month's archives, of some of its days and of the month itself, in one walk through the store: a reading is unpacked
 * and put into words once for its day and its month. `put` is handed the bytes of a period part after part, in slices: a month of ten
 * thousand meters is more than one string can hold, and nobody may wait for it; what it is handed is good until it resolves. A period
 * without readings gets no part at all.
 */
export async function archiveTexts(
  { store, meterPoints, zone }: ArchiveTextDeps,
  periods: readonly ArchivePeriod[],
  put: (period: ArchivePeriod, part: Uint8Array) => Promise<void> | void,
  form: ArchiveForm = 'now',
): Promise<void> {
  const header = csvLine(archiveColumns[form]);
  const texts = periods.map(period => new ArchiveText(header, period, instantsOf(period, zone)));
  const days = texts.filter(({ period }) => period.kind === 'day').sort((a, b) => a.from - b.from);
  const month = texts.find(({ period }) => period.kind === 'month');
  const from = instant(Math.min(...texts.map(text => text.from)));
  const to = instant(Math.max(...texts.map(text => text.to)));
  const words = new Words(zone);
  const slices = new Slices();
  for (const some of meterPoints.allSeries.each()) {
    // Of their own: the house's table would keep the origins of everything that is ever archived.
    const origins = new OriginTable();
    for (const series of some) {
      const blocks = store.listBlocks(series.id, dayNumberOf(from), dayNumberOf(to), origins);
      const line = lineOf(series, words, form);
      let next = 0;
      let of: ArchiveText | undefined;
      let lines = '';
      const add = () => {
        of?.add(lines);
        month?.add(lines);
        lines = '';
      };
      const visit: Visit = (at, value, origin) => {
        while (next < days.length && days[next]!.to <= at) next += 1;
        const near = days[next];
        const day = near && near.from <= at ? near : undefined;
        if (day !== of) add();
        of = day;
        if (day || month) lines += line(at, value, origins.qualityOf(origin), origins.minutesOf(origin));
      };
      for (const block of blocks) {
        visitBlocks([block], from, to, visit);
        await slices.pause();
      }
      add();
      for (const each of texts) {
        if (each.length < partLength) continue;
        await put(each.period, each.take());
        await slices.pause();
      }
      await slices.pause();
    }
  }
  for (const each of texts) if (each.length > 0) await put(each.period, each.take());
}

/**
 * What is to be written next of an archive. Bytes and not a string: a string that is added to line by line is as many objects, and the
 * collector moved those of thirty days at once, 20 ms at a time.
 */
class ArchiveText {
  readonly period: ArchivePeriod;
  readonly from: Instant;
  readonly to: Instant;
  readonly #header: string;
  length = 0;
  #bytes = Buffer.allocUnsafe(partLength + roomLength);
  #begun = false;

  constructor(header: string, period: ArchivePeriod, { from, to }: Period) {
    this.#header = header;
    this.period = period;
    this.from = from;
    this.to = to;
  }

  add(lines: string): void {
    if (lines === '') return;
    const text = this.#begun ? lines : `${this.#header}${lines}`;
    this.#begun = true;
    const needed = this.length + text.length * utf8BytesMax;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.length);
      this.#bytes = larger;
    }
    this.length += this.#bytes.write(text, this.length);
  }

  /** All there is, until more is added. */
  take(): Uint8Array {
    const part = this.#bytes.subarray(0, this.length);
    this.length = 0;
    return part;
  }
}

function lineOf({ identifier, serial, code, kind, unit, flow }: PlacedSeries, words: Words, form: ArchiveForm) {
  const before = csvLine([identifier]).trimEnd();
  let [ending, endingOf, endingMinutes]: [string, Quality | undefined, number] = ['', undefined, 0];
  return (at: number, value: number, quality: Quality, minutes: number): string => {
    // Those of a series hardly ever differ.
    if (quality !== endingOf || minutes !== endingMinutes) {
      const named = kind === 'register' ? cellOfRegister(serial, code, form) : code;
      const cells = [kind, named, unit, quality, flow, minutes];
      ending = csvLine(cells.slice(0, archiveColumns[form].length - 3));
      [endingOf, endingMinutes] = [quality, minutes];
    }
    return `${before},${words.time(at)},${words.energy(value)},${ending}`;
  };
}

/** Times and energies as text. All meters of a fleet share their half-hours and most of their watt-hours, so they are remembered. */
class Words {
  readonly #zone: Zone;
  readonly #times = new Map<number, string>();
  readonly #energies = new Map<number, string>([[Number.NaN, '']]);

  constructor(zone: Zone) {
    this.#zone = zone;
  }

  time(at: number): string {
    return remembered(this.#times, at, () => formatLocal(instant(at), this.#zone));
  }

  energy(value: number): string {
    return remembered(this.#energies, value, () => formatKwh(microKwh(value)));
  }
}

function remembered(words: Map<number, string>, value: number, make: () => string): string {
  const known = words.get(value);
  if (known !== undefined) return known;
  const made = make();
  if (words.size < rememberedMax) words.set(value, made);
  return made;
}
