import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { DamageFound } from '../../src/kernel/errors.ts';
import type { DecidedReading } from '../../src/readings/decided-reading.ts';
import { flush } from '../../src/readings/flush.ts';
import { fileHeader, frameGroup, readGroup } from '../../src/readings/journal-frame.ts';
import { OriginTable } from '../../src/readings/origin.ts';
import { ReadingIndex } from '../../src/readings/reading-index.ts';
import { recover } from '../../src/readings/recover.ts';
import type { Zone } from '../../src/units/time.ts';
import { testFolder } from '../open-house.ts';
import { accepted, contents, midnight, openBooks, readingAt, recordsOf } from './books.ts';

const today = '2026-11-21';
const fileName = `readings-${today}.log`;
const nothingStored = {
  findBlock: () => undefined,
  listBlocks: () => [],
  listSpans: () => [],
  days: { framedDays: () => new Uint8Array(0) },
  listDays: () => [],
  lastSeriesId: () => 0,
  versions: { list: () => [], listEnds: () => [] },
};

/** Three groups of readings of two registers, among them one that revises and one kept beside. */
const groups: DecidedReading[][] = [
  [accepted(1, readingAt(midnight, 1_000_000)), accepted(2, readingAt(midnight, 77))],
  [accepted(1, readingAt(midnight + 1800, 1_500_001, { quality: 'estimated' }))],
  [
    { ...accepted(1, readingAt(midnight + 1800, 1_400_000, { versionAt: 9 })), outcome: 'revised' },
    { ...accepted(2, readingAt(midnight, 78)), outcome: 'conflict' },
    accepted(2, readingAt(midnight + 1800, Number.NaN, { quality: 'missing', minutes: 30, line: 12 })),
  ],
];

let folder: string;
beforeEach(() => {
  folder = join(testFolder(), 'logs');
  mkdirSync(folder);
});

/** The file of these groups, and where each of them ends. */
function journalOf(parts: DecidedReading[][], day = today, after = { sequence: 0, checksum: 0 }) {
  const chunks: Buffer[] = [Buffer.from(fileHeader(day))];
  let { sequence, checksum } = after;
  for (const part of parts) {
    sequence += 1;
    const framed = frameGroup(sequence, checksum, recordsOf(part));
    chunks.push(framed.bytes);
    checksum = framed.checksum;
  }
  const ends = chunks.map((_, at) => chunks.slice(0, at + 1).reduce((sum, chunk) => sum + chunk.length, 0));
  return { bytes: Buffer.concat(chunks), ends, last: { sequence, checksum } };
}

function write(bytes: Uint8Array, name = fileName): void {
  writeFileSync(join(folder, name), bytes);
}

function recovered() {
  const index = new ReadingIndex(nothingStored, new OriginTable());
  return { recovery: recover(folder, undefined, index, today), known: contents(index, [1, 2]) };
}

/** What an index holds that was told of the first `count` groups and of nothing else. */
function prefix(count: number) {
  const index = new ReadingIndex(nothingStored, new OriginTable());
  for (const decided of groups.slice(0, count).flat()) index.apply(decided);
  return contents(index, [1, 2]);
}

function damage(act: () => unknown): DamageFound {
  try {
    act();
  } catch (error) {
    if (error instanceof DamageFound) return error;
    throw error;
  }
  throw new Error('the damage was not found');
}

/** R3 of the safety notes. */
describe('recovery of a torn journal', () => {
  it.each([0, 1, 4096])(
    'cut at every byte with %i zeros behind, is an exact prefix: the whole groups, nothing of the torn one',
    zeros => {
      const { bytes, ends } = journalOf(groups);
      const prefixes = groups.map((_, at) => prefix(at)).concat([prefix(groups.length)]);
      for (let length = 0; length <= bytes.length; length++) {
        write(Buffer.concat([bytes.subarray(0, length), Buffer.alloc(zeros)]));
        const whole = ends.findLastIndex(end => end <= length);
        const { recovery, known } = recovered();
        expect(known, `cut at ${length}`).toEqual(prefixes[Math.max(0, whole)]);
        expect(recovery.tornBytes, `cut at ${length}`).toBe(length - (ends[whole] ?? 0));
      }
    },
  );

  it('with garbage behind, before the zeros or not, is everything, and the tail is cut', () => {
    const { bytes, ends } = journalOf(groups);
    for (const tail of [Buffer.from('#4 0000'), Buffer.from('\n\n#'), Buffer.from([0xff, 0xfe]), Buffer.from('\0\0#')])
      for (const zeros of [0, 4096]) {
        write(Buffer.concat([bytes, tail, Buffer.alloc(zeros)]));
        const { recovery, known } = recovered();
        expect(known).toEqual(prefix(groups.length));
        expect(recovery).toMatchObject({ tornBytes: tail.length, position: { offset: ends.at(-1), sequence: 3 } });
      }
  });

  it('with zeros alone behind, is whole: they were written ahead', () => {
    const { bytes, ends } = journalOf(groups);
    write(Buffer.concat([bytes, Buffer.alloc(65_536)]));
    const { recovery, known } = recovered();
    expect(known).toEqual(prefix(groups.length));
    expect(recovery).toMatchObject({ tornBytes: 0, position: { offset: ends.at(-1), sequence: 3 } });
  });

  it.each([0, 512])(
    'with any bit of the last group flipped and %i zeros behind, never holds a reading nobody sent',
    zeros => {
      const { bytes, ends } = journalOf(groups);
      const from = ends.at(-2)!;
      const [whole, without] = [prefix(groups.length), prefix(groups.length - 1)];
      let cut = 0;
      for (let bit = from * 8; bit < bytes.length * 8; bit++) {
        const flipped = Buffer.concat([bytes, Buffer.alloc(zeros)]);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        write(flipped);
        try {
          const { recovery, known } = recovered();
          expect(known, `bit ${bit & 7} of byte ${bit >> 3}`).toEqual(without);
          // Seen, and said.
          expect(recovery.tornBytes).toBe(bytes.length - from);
          cut += 1;
        } catch (error) {
          if (!(error instanceof DamageFound)) throw error;
        }
      }
      // A flip in the last group cannot be told from a torn write, so nearly all are cut.
      expect(cut).toBeGreaterThan(0);
      write(bytes);
      expect(recovered().known).toEqual(whole);
    },
  );
});

describe('recovery of a damaged journal', () => {
  it.each([0, 512])(
    'with any bit before the last group flipped and %i zeros behind, refuses and names file and byte',
    zeros => {
      const { bytes, ends } = journalOf(groups);
      for (let bit = 0; bit < ends.at(-2)! * 8; bit++) {
        const flipped = Buffer.concat([bytes, Buffer.alloc(zeros)]);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        write(flipped);
        const { message, advice } = damage(recovered);
        // The group in which the bit is, or the header.
        const begins = ends.findLast(end => end <= bit >> 3) ?? 0;
        expect(message).toContain(`${join(folder, fileName)} is damaged at byte ${begins}`);
        expect(advice).toContain('Nothing was changed. Restore the file from a backup');
        expect(readFileSync(join(folder, fileName)).equals(flipped)).toBe(true);
      }
    },
  );

  it('with a group of zeros in place of one, refuses', () => {
    const { bytes, ends } = journalOf(groups);
    const lost = Buffer.concat([bytes, Buffer.alloc(4096)]).fill(0, ends[1], ends[2]);
    write(lost);
    expect(damage(recovered).message).toContain(`damaged at byte ${ends[1]}`);
  });

  it('refuses when zeros hide the last group of an earlier file, and takes zeros behind it', () => {
    const first = journalOf(groups.slice(0, 2), '2026-11-20');
    const second = journalOf(groups.slice(2), today, first.last);
    const filled = Buffer.concat([first.bytes, Buffer.alloc(4096)]);
    write(second.bytes);
    write(filled, 'readings-2026-11-20.log');
    expect(recovered().known).toEqual(prefix(3));
    write(Buffer.from(filled).fill(0, first.ends[1]), 'readings-2026-11-20.log');
    expect(damage(recovered).message).toContain(`${fileName} is damaged at byte ${fileHeader(today).length}`);
  });

  it('with two groups swapped, refuses', () => {
    const { bytes, ends } = journalOf(groups);
    const part = (at: number) => bytes.subarray(ends[at], ends[at + 1]);
    write(Buffer.concat([bytes.subarray(0, ends[0]), part(1), part(0), part(2)]));
    expect(damage(recovered).message).toContain(`damaged at byte ${ends[0]}`);
    write(Buffer.concat([bytes.subarray(0, ends[0]), part(0), part(2), part(1)]));
    expect(damage(recovered).message).toContain(`damaged at byte ${ends[1]}`);
  });

  it('with a group taken out or there twice, refuses', () => {
    const { bytes, ends } = journalOf(groups);
    write(Buffer.concat([bytes.subarray(0, ends[1]), bytes.subarray(ends[2])]));
    expect(damage(recovered).message).toContain(`damaged at byte ${ends[1]}`);
    write(Buffer.concat([bytes.subarray(0, ends[2]), bytes.subarray(ends[1])]));
    expect(damage(recovered).message).toContain(`damaged at byte ${ends[2]}`);
  });

  it('with a group of another home in place of one, refuses', () => {
    const { bytes, ends } = journalOf(groups);
    const other = journalOf([groups[0]!, [accepted(1, readingAt(midnight + 1800, 9_999_999))], groups[2]!]);
    const foreign = other.bytes.subarray(other.ends[1], other.ends[2]);
    write(Buffer.concat([bytes.subarray(0, ends[1]), foreign, bytes.subarray(ends[2])]));
    expect(damage(recovered).message).toMatch(/damaged at byte \d+/);
  });

  it('refuses when an earlier file is torn, because a later one goes on', () => {
    const first = journalOf(groups.slice(0, 2), '2026-11-20');
    const second = journalOf(groups.slice(2), today, first.last);
    write(second.bytes);
    write(first.bytes.subarray(0, -1), 'readings-2026-11-20.log');
    const { message } = damage(recovered);
    expect(message).toContain(`readings-2026-11-20.log is damaged at byte ${first.ends[1]}`);
    write(first.bytes, 'readings-2026-11-20.log');
    expect(recovered().known).toEqual(prefix(3));
  });

  it('refuses when a file in between is missing', () => {
    const days = ['2026-11-19', '2026-11-20', today];
    let after = { sequence: 0, checksum: 0 };
    for (const [at, day] of days.entries()) {
      const { bytes, last } = journalOf([groups[at]!], day, after);
      write(bytes, `readings-${day}.log`);
      after = last;
    }
    expect(recovered().known).toEqual(prefix(3));
    rmSync(join(folder, 'readings-2026-11-20.log'));
    expect(damage(recovered).message).toContain(`${fileName} is damaged at byte ${fileHeader(today).length}`);
    rmSync(join(folder, 'readings-2026-11-19.log'));
    expect(damage(recovered).message).toContain(`${fileName} is damaged at byte ${fileHeader(today).length}`);
  });

  it('reads a header of another day as damage', () => {
    const { bytes } = journalOf(groups, '2026-11-20');
    write(bytes);
    expect(damage(recovered).message).toContain('damaged at byte 0');
  });
});

describe('recovery after a flush', () => {
  const clock = () => new StoppedClock(`${today}T12:00:00Z`);

  /** A home whose first group is in the database and whose second stands in the journal alone. */
  async function flushedHome() {
    const home = testFolder();
    const books = openBooks(home, clock());
    for (const decided of groups[0]!) books.keep(decided);
    await flush({ ...books, clock: clock(), zone: 'UTC' as Zone });
    const { offset } = books.journal.position;
    for (const decided of groups[1]!) books.keep(decided);
    await books.journal.durable();
    const known = contents(books.index, [1, 2]);
    await books.close();
    return { home, offset, known, file: join(home, 'logs', fileName) };
  }

  it('replays only the rest', async () => {
    const { home, known, file, offset } = await flushedHome();
    // What was flushed is not read again: it may be damaged or gone from the journal by then.
    const bytes = readFileSync(file);
    bytes.fill(0x20, fileHeader(today).length, offset);
    writeFileSync(file, bytes);
    const again = openBooks(home, clock());
    expect(again.recovery.readings).toBe(groups[1]!.length);
    expect(contents(again.index, [1, 2])).toEqual(known);
    await again.close();
  });

  it('refuses when the file of the flushed position is missing', async () => {
    const { home, file } = await flushedHome();
    const kept = join(home, 'kept');
    copyFileSync(file, kept);
    rmSync(file);
    const { message, advice } = damage(() => openBooks(home, clock()));
    expect(message).toContain(`the journal file ${fileName} is missing from ${join(home, 'logs')}`);
    expect(advice).toContain('Put it back');
    copyFileSync(kept, file);
    await openBooks(home, clock()).close();
  });

  it('refuses when the file is shorter than the flushed position', async () => {
    const { home, file, offset } = await flushedHome();
    writeFileSync(file, readFileSync(file).subarray(0, offset - 1));
    expect(damage(() => openBooks(home, clock())).message).toContain(`damaged at byte ${offset - 1}`);
  });

  it('cuts a torn tail for good: nothing of it shows behind what is written next', async () => {
    const { home, file } = await flushedHome();
    const whole = readFileSync(file);
    writeFileSync(file, Buffer.concat([whole, Buffer.alloc(8192, '#2 torn ')]));
    await openBooks(home, clock()).close();
    expect(readFileSync(file).equals(whole)).toBe(true);
  });

  it('goes on after a torn tail as if it had never been', async () => {
    const { home, known, file, offset } = await flushedHome();
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, -3));
    const again = openBooks(home, clock());
    expect(again.recovery).toMatchObject({ readings: 0, tornBytes: whole.length - 3 - offset });
    for (const decided of groups[1]!) again.keep(decided);
    await again.journal.durable();
    expect(contents(again.index, [1, 2])).toEqual(known);
    await again.close();
    // The same groups after the same position: the same bytes.
    expect(readFileSync(file).equals(whole)).toBe(true);
    expect(readGroup(whole, offset)?.sequence).toBe(2);
    expect(readdirSync(join(home, 'logs'))).toEqual([fileName]);
  });
});
