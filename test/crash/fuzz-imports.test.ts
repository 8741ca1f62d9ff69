import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { detect } from '../../src/imports/detect.ts';
import { formats } from '../../src/imports/formats/index.ts';
import { importFile } from '../../src/imports/import-file.ts';
import { keepFile } from '../../src/imports/keep-file.ts';
import { instant } from '../../src/units/time.ts';
import { collectEvents } from '../imports/collect-events.ts';
import { dice } from '../month.ts';
import { type TestHouse, testHouse } from '../open-house.ts';
import { campaign } from './campaign.ts';
import { ownSeeds } from './fuzz-seeds.ts';

// Real files of the trade, where they stand beside the project; own ones for what they lack.
const tradeData = join(import.meta.dirname, '../../../shared/data');
if (!existsSync(tradeData)) console.warn(`SKIPPED: damaged real files, because ${tradeData} is not there`);
const seedBytesMax = 200_000;
const headBytes = 8192;
// A guard against a reader that never ends, far from any measure of speed.
const hangMs = 20_000;
// One in so many goes through a whole house.
const wholeEvery = 25;

const seedsOf = groupByFormat([...ownSeeds.map(text => Buffer.from(text)), ...realFiles(tradeData)]);

/** S5 of the safety notes, for files. */
describe('damaged files', () => {
  it.skipIf(!existsSync(tradeData))('are of every format that can be imported', () => {
    expect(formats.map(({ name }) => name).filter(name => !seedsOf.has(name))).toEqual([]);
  });

  it.each([...seedsOf])(
    'of %s never throw, never hang and are never half taken',
    async (name, seeds) => {
      const format = formats.find(each => each.name === name)!;
      // The same damages each time, so that what fails fails for everybody; the long form looks for new ones.
      const seed = campaign.isSearch ? Math.floor(Math.random() * 2 ** 31) : 20_261_121;
      const random = dice(seed);
      const test = await testHouse();
      const until = performance.now() + campaign.fuzzSeconds * 1000;
      let files = 0;
      for (; performance.now() < until || files < wholeEvery; files++) {
        const bytes = damaged(seeds[Math.floor(random() * seeds.length)]!, seeds, random);
        const begun = performance.now();
        const context = { strict: random() < 0.5, fileName: '', member: '', siteZone: test.house.config.zone };
        try {
          const { facts, runs } = collectEvents(format, bytes, context);
          expect(facts.length).toBeGreaterThan(0);
          for (const { energies, startsAt } of runs) {
            expect(Number.isSafeInteger(startsAt)).toBe(true);
            expect(energies.every(value => Number.isNaN(value) || Number.isSafeInteger(value))).toBe(true);
          }
          if (files % wholeEvery === 0) await takeWhole(test, bytes, context.strict);
        } catch (error) {
          throw new Error(
            `file ${files} of seed ${seed}, ${bytes.length} bytes: ${bytes.toString('base64').slice(0, 2000)}`,
            {
              cause: error,
            },
          );
        }
        expect({ files, seed, hung: performance.now() - begun > hangMs }).toEqual({ files, seed, hung: false });
      }
      console.log(`${name}: ${files} damaged files`);
    },
    7_200_000,
  );
});

/** All or nothing when strict; what was counted as new is there, and nothing else. */
async function takeWhole({ house }: TestHouse, bytes: Buffer, strict: boolean): Promise<void> {
  const before = countReadings(house);
  const { sha256 } = await keepFile(house.importFolder, [bytes]);
  const deps = { ...house, zone: house.config.zone };
  const report = await importFile(deps, { name: 'damaged', sha256, strict, by: 'fuzz' }, {});
  const taken = countReadings(house) - before;
  const gone = report.problems.filter(({ message }) => message.endsWith('nothing stands there any more')).length;
  // Lists of customers bring accounts instead, and two flows what registers stand for.
  const isOfReadings = !/accounts|users|d0149|d0150/.test(report.format);
  expect(taken).toBe(isOfReadings ? report.counts.new - gone : 0);
  if (strict && report.problems.some(({ action }) => action === 'rejected')) {
    expect(taken).toBe(0);
    expect(report.counts.identical + report.counts.revised).toBe(0);
  }
}

function countReadings(house: TestHouse['house']): number {
  return house.meterPoints.allSeries
    .list()
    .reduce((sum, { id }) => sum + house.index.list(id, instant(0), instant(1e10)).length, 0);
}

function realFiles(folder: string): Buffer[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(path => statSync(path).isFile() && statSync(path).size <= seedBytesMax)
    .map(path => readFileSync(path));
}

function groupByFormat(files: Buffer[]): Map<string, Buffer[]> {
  const groups = new Map<string, Buffer[]>();
  for (const bytes of files) {
    const detection = detect(bytes.subarray(0, headBytes));
    if (detection.kind !== 'format') continue;
    const { name } = detection.format;
    groups.set(name, [...(groups.get(name) ?? []), bytes]);
  }
  return groups;
}

const nasty = [
  '',
  ',',
  '|',
  '"',
  '\0',
  '\r',
  '\n',
  '﻿',
  '-',
  '1e999',
  '99999999999999999999',
  '20269999',
  'é',
  '</x>',
  '<!',
  '\u{1f600}',
];

/** A copy with one to eight injuries of the kinds that wires, disks, editors and spreadsheets inflict. */
function damaged(whole: Buffer, others: Buffer[], random: () => number): Buffer {
  const place = (length: number) => Math.floor(random() * (length + 1));
  let bytes: Buffer = Buffer.from(whole);
  for (let injuries = 1 + place(7); injuries > 0; injuries--) {
    const at = place(bytes.length);
    const length = place(random() < 0.8 ? 8 : 2000);
    const [head, middle, tail] = [bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at + length)];
    const other = others[place(others.length - 1)]!;
    const kinds: (() => Buffer[])[] = [
      () => [head, tail],
      () => [head, middle, middle, tail],
      () => [head],
      () => [head, Buffer.from(nasty[place(nasty.length - 1)]!), tail],
      () => [head, Buffer.from([place(255)]), bytes.subarray(at + 1)],
      () => [head, other.subarray(place(other.length)).subarray(0, length), tail],
      () => [tail, middle, head],
    ];
    bytes = Buffer.concat(kinds[place(kinds.length - 1)]!());
  }
  return bytes;
}
