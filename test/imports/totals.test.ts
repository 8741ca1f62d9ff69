import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FileToImport, importFile } from '../../src/imports/import-file.ts';
import { keepFile } from '../../src/imports/keep-file.ts';
import { rehearsedBooks } from '../../src/imports/rehearse-import.ts';
import { flush } from '../../src/readings/flush.ts';
import type { Reading } from '../../src/readings/reading.ts';
import { microKwh } from '../../src/units/energy.ts';
import { instant } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';
import { d0010File, nem12File } from '../trade-files.ts';
import { makeZip } from './make-zip.ts';

const nmi = '6001000017';

/** A line of NEM12: a day in October 2026 on channel E1, of three intervals, or of one for the whole day. */
interface Line {
  day: number;
  values: number[];
  quality: string;
  stamp: number;
}

const line = (day: number, values: number[], stamp = 0, quality = 'A'): Line => ({ day, values, quality, stamp });

function nem12(lines: readonly Line[]): string {
  const rows = lines.flatMap(({ day, values, quality, stamp }) => [
    `200,${nmi},E1,1,E1,,METER1,KWH,${1440 / values.length},`,
    `300,202610${String(day).padStart(2, '0')},${values.join(',')},${quality},,,202611010000${String(stamp).padStart(2, '0')},`,
  ]);
  return ['100,NEM12,202611020000,MDP,RETAILER', ...rows, '900', ''].join('\r\n');
}

/** The first of them is a member, the rest another one, where the file is an archive. */
function fileOf(lines: readonly Line[], members = 1): string | Buffer {
  if (members === 1 || lines.length === 1) return nem12(lines);
  const parts = [lines.slice(0, 1), lines.slice(1)];
  return makeZip(parts.map((part, at) => ({ name: `${at}.csv`, content: nem12(part) })));
}

async function take({ house }: TestHouse, content: string | Buffer, alone = false) {
  const { sha256 } = await keepFile(house.importFolder, [Buffer.from(content)]);
  const { zone } = house.config;
  const deps = { ...house, zone, alone, flush: () => flush({ ...house, zone }) };
  const file: FileToImport = { name: 'a file', sha256, strict: false, by: 'test' };
  const rehearsed = await importFile({ ...deps, ...rehearsedBooks(house) }, file);
  const report = await importFile(deps, file);
  const channels = [...report.channels];
  expect([...rehearsed.channels]).toEqual(channels);
  return { ...report, channels };
}

/** What a file brought of its one channel. */
function totalOf(readings: readonly Pick<Reading, 'value' | 'quality'>[]) {
  const counts = Object.entries(Object.groupBy(readings, ({ quality }) => quality));
  return {
    readings: readings.length,
    sum: readings.reduce((sum, { value }) => sum + value, 0) / 1e6,
    qualities: Object.fromEntries(counts.map(([quality, all]) => [quality, all.length])),
  };
}

function shown([channel]: readonly { readings: number; sum: string; qualities: Record<string, number> }[]) {
  const { readings = 0, sum = '0', qualities = {} } = channel ?? {};
  return { readings, sum: Number(sum), qualities };
}

function currentOf({ house }: TestHouse): Reading[] {
  return house.meterPoints.allSeries.list().flatMap(({ id }) => house.index.list(id, instant(0), instant(1e10)));
}

function sourcesOf({ house }: TestHouse, run: number): Set<number> {
  return new Set([`${run}`, `${run}!0.csv`, `${run}!1.csv`].map(name => house.sources.idOf('import', name)));
}

describe('totals of an import', () => {
  it.each<[what: string, lines: Line[], readings: number, sum: number, qualities: Record<string, number>]>([
    ['count a day that stands there twice once', [line(1, [1, 2, 3]), line(1, [1, 2, 3])], 3, 6, { actual: 3 }],
    [
      'count what revises an earlier line instead of it',
      [line(1, [1, 2, 3]), line(2, [1, 1, 1]), line(1, [5, 2, 3], 1, 'E52')],
      ...([6, 13, { actual: 3, estimated: 3 }] as const),
    ],
    [
      'do not count what is older than an earlier line',
      [line(1, [1, 2, 3], 1), line(1, [5, 2, 3])],
      3,
      6,
      { actual: 3 },
    ],
    ['do not count what contradicts an earlier line', [line(1, [1, 2, 3]), line(1, [1, 2, 4])], 3, 6, { actual: 3 }],
    [
      'do not count an interval over minutes that earlier ones cover',
      [line(1, [1, 2, 3]), line(1, [9], 1), line(2, [7]), line(2, [1, 1, 1])],
      ...([4, 13, { actual: 4 }] as const),
    ],
    [
      'count what is current once a shorter interval stands where a longer one covered it',
      [line(1, [9]), line(1, [1, 2, 3]), line(1, [4, 2, 3], 1)],
      ...([3, 9, { actual: 3 }] as const),
    ],
    [
      'count days in whatever order',
      [9, 3, 7, 1, 8, 2, 9, 1].map(day => line(day, [day, 0, 0])),
      ...([18, 30, { actual: 18 }] as const),
    ],
  ])('%s', async (_what, lines, readings, sum, qualities) => {
    const shownOnce = { readings, sum, qualities };
    for (const members of [1, 2]) {
      const test = await testHouse();
      const file = fileOf(lines, members);
      expect(shown((await take(test, file)).channels)).toEqual(shownOnce);
      expect(totalOf(currentOf(test))).toEqual(shownOnce);
      // Known by now, or older than what is.
      expect(shown((await take(test, file)).channels)).toEqual(shownOnce);
    }
  });

  it('count what another file has said as well, and what it said otherwise, once', async () => {
    const test = await testHouse();
    await take(test, nem12([line(1, [1, 1, 1], 1), line(2, [1, 1, 1], 1)]));
    // The second of day 2 contradicts what is there, and then agrees with it; that of day 1 is older, and then newer.
    const mixed = [line(1, [1, 2, 1]), line(2, [1, 3, 1], 1), line(1, [1, 5, 1], 2), line(2, [1, 1, 1], 1)];
    const { channels, counts } = await take(test, nem12(mixed));
    expect(counts).toMatchObject({ older: 1, conflicting: 1, revised: 1 });
    expect(shown(channels)).toEqual({ readings: 6, sum: 10, qualities: { actual: 6 } });
    const other = await take(test, nem12([line(2, [8, 1, 1], 1), line(2, [9, 1, 1], 1)]));
    expect(shown(other.channels)).toEqual({ readings: 3, sum: 10, qualities: { actual: 3 } });
  });

  it('count a file that stands in itself twice once, however often it was flushed in between', async () => {
    const nmis = ['6001000017', '6001000025', '6001000033'];
    const [header, ...rest] = nem12File(nmis, 400).split('\r\n');
    const records = rest.slice(0, -2);
    const twice = [header, ...records, ...records, '900', ''].join('\r\n');
    for (const alone of [false, true]) {
      const test = await testHouse();
      const { channels, counts } = await take(test, twice, alone);
      expect(counts).toMatchObject({ new: 3 * 400 * 48, identical: 3 * 400 * 48 });
      expect(channels.map(({ readings }) => readings)).toEqual([400 * 48, 400 * 48, 400 * 48]);
    }
  });

  it('count a register’s reading that is told again once, and not one that is taken back', async () => {
    const test = await testHouse();
    const [head, point, meter, first, second, end] = d0010File('100.0', '110.0').split('\r\n');
    const back = [meter!.replace('|R|', '|W|'), second];
    const { channels } = await take(test, [head, point, meter, second, first, second, end, ''].join('\r\n'));
    expect(channels).toMatchObject([{ readings: 2, qualities: { actual: 2 } }]);
    const other = await testHouse();
    const taken = await take(other, [head, point, meter, first, second, ...back, end, ''].join('\r\n'));
    expect(taken.counts).toMatchObject({ new: 2, revised: 1 });
    expect(taken.channels).toMatchObject([{ readings: 1 }]);
  });

  const lines = fc.array(
    fc.record({
      day: fc.integer({ min: 1, max: 4 }),
      values: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 3, maxLength: 3 }),
      quality: fc.constantFrom('A', 'A', 'E52', 'S52'),
      stamp: fc.integer({ min: 0, max: 2 }),
    }),
    { minLength: 1, maxLength: 7 },
  );

  it('are those of the readings that stand there of it, and of what it alone says otherwise, whatever its lines say', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(lines, fc.integer({ min: 1, max: 2 })), { minLength: 1, maxLength: 3 }),
        async files => {
          const test = await testHouse();
          for (const [said, members] of files) {
            const { run, channels } = await take(test, fileOf(said, members));
            expect(shown(channels)).toEqual(totalOf(standing(said, currentOf(test), sourcesOf(test, run))));
            // By now nothing of it is new.
            expect((await take(test, fileOf(said, members))).channels).toEqual(channels);
          }
          await test.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('are those of all readings where nobody else said anything, of whatever lengths', async () => {
    const anyLength = lines.chain(all =>
      fc.tuple(
        ...all.map(each => fc.boolean().map(isWhole => (isWhole ? { ...each, values: [each.values[0]!] } : each))),
      ),
    );
    await fc.assert(
      fc.asyncProperty(anyLength, fc.integer({ min: 1, max: 2 }), async (said, members) => {
        const { house, close } = await testHouse();
        const { sha256 } = await keepFile(house.importFolder, [Buffer.from(fileOf(said, members))]);
        const deps = { ...house, zone: house.config.zone };
        const { channels } = await importFile(deps, { name: 'a file', sha256, strict: false, by: 'test' });
        const current = house.index.list(1, instant(0), instant(1e10));
        expect(shown([...channels])).toEqual(totalOf(current));
        await close();
      }),
      { numRuns: 25 },
    );
  });
});

/**
 * For each instant the reading that stands there, where the file says it, with its quality if it says that; otherwise what the file said of it first. Of days of three
 * intervals, at UTC+10.
 */
function standing(said: readonly Line[], current: readonly Reading[], sources: ReadonlySet<number>) {
  const names: Record<string, Reading['quality']> = { A: 'actual', E: 'estimated', S: 'substituted' };
  const told = said.flatMap(({ day, values, quality }) =>
    values.map((value, at) => ({
      at: Date.UTC(2026, 9, day, -10 + at * 8) / 1000,
      value: microKwh(value * 1e6),
      quality: names[quality[0]!]!,
    })),
  );
  return [...Map.groupBy(told, ({ at }) => at)].map(([at, all]) => {
    const stands = current.find(reading => reading.at === at)!;
    if (sources.has(stands.source)) return stands;
    const same = all.filter(({ value }) => value === stands.value);
    return same.find(({ quality }) => quality === stands.quality) ?? same[0] ?? all[0]!;
  });
}
