import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Flow, SeriesKind } from '../../src/accounts/meter-point.ts';
import { detect } from '../../src/imports/detect.ts';
import { lengthsBetween } from '../../src/imports/formats/lengths-between.ts';
import { wattledgerArchive } from '../../src/imports/formats/wattledger-archive.ts';
import { importFile } from '../../src/imports/import-file.ts';
import { keepFile } from '../../src/imports/keep-file.ts';
import { archiveTexts } from '../../src/readings/archive-text.ts';
import { decide } from '../../src/readings/decide.ts';
import type { Quality, Reading } from '../../src/readings/reading.ts';
import { microKwh } from '../../src/units/energy.ts';
import { formatUtc, instant, parseMonth, parseZone, type Zone } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';
import { archiveTexts as readArchives } from '../readings/archive-texts.ts';
import { collectEvents, cutInto, verdicts } from './collect-events.ts';

const zone = parseZone('Australia/Adelaide')!;
const london = parseZone('Europe/London')!;
const open = (days: Zone = zone) => testHouse({ at: '2026-11-21T10:10:00Z', zone: days });

interface NewSeries {
  meterPoint: string;
  kind: SeriesKind;
  code: string;
  serial: string;
  flow: Flow;
  unit: string;
  points: Pick<Reading, 'at' | 'value' | 'minutes' | 'quality'>[];
}

/** Puts readings into a house as if they had come, and its archives into its folder. */
async function archived({ house }: TestHouse, all: NewSeries[]): Promise<void> {
  const now = 1_795_000_000;
  for (const { meterPoint: identifier, kind, code, serial, flow, unit, points } of all) {
    const { id: meterPointId } =
      house.meterPoints.find(identifier) ??
      house.meterPoints.add({ identifier, address: '', zone, origin: 'registered' }, now);
    const intervalMinutes = points[0]?.minutes || 30;
    const series = house.meterPoints.addSeries({ meterPointId, kind, code, serial, flow, unit, intervalMinutes }, now);
    for (const point of points)
      expect(decide(house, series, { ...point, source: 1, line: 0, versionAt: 0 }, now).outcome).toBe('accepted');
  }
  await house.flush();
  await house.archiver.rebuild(await house.archiver.listPeriods());
}

async function imported({ house }: TestHouse, name: string, text: Buffer | string) {
  const { sha256 } = await keepFile(house.importFolder, [Buffer.from(text)]);
  return importFile({ ...house, zone: house.config.zone }, { name, sha256, strict: true, by: 'test' });
}

/** Everything about the readings of a home that an archive carries. */
function known({ house }: TestHouse) {
  return house.meterPoints.directory
    .list({ limit: 100 })
    .flatMap(({ id, identifier }) => house.meterPoints.listSeries(id).map(series => ({ ...series, identifier })))
    .map(({ id, identifier, kind, code, serial, flow, unit }) => ({
      ...{ identifier, kind, code, serial, flow, unit },
      readings: house.index
        .list(id, instant(0), instant(1e10))
        .map(({ at, value, minutes, quality }) => `${formatUtc(at)} ${value} ${minutes} ${quality}`),
    }))
    .filter(({ readings }) => readings.length > 0)
    .sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
}

const nameOf = ({ identifier, kind, code }: { identifier: string; kind: string; code: string }) =>
  `${identifier} ${kind} ${code}`;

const filesOf = ({ home }: TestHouse, kind: string) =>
  readdirSync(join(home, 'archive'))
    .filter(name => name.startsWith(kind))
    .sort()
    .map(name => [name, readFileSync(join(home, 'archive', name))] as const);

// Around the end of a month, and around the end of summer time in Adelaide.
const begins = ['2026-03-30T00:00:00Z', '2026-04-04T03:30:00Z', '2026-09-29T14:30:00Z'].map(
  text => Date.parse(text) / 1000,
);
const qualities: Quality[] = ['actual', 'actual', 'actual', 'customer', 'deemed', 'estimated', 'substituted', 'final'];
const value = fc.oneof(
  fc.integer({ min: 0, max: 5_000_000 }),
  fc.integer({ min: 0, max: 5000 }).map(wh => wh * 1000),
);

const channels = fc.record({
  kind: fc.constant('channel' as const),
  code: fc.constantFrom('E1', 'B1', 'SOLAR', 'Q1', 'x9'),
  serial: fc.constant(''),
  flow: fc.constantFrom<Flow>('from-grid', 'to-grid', 'from-solar', 'none'),
  unit: fc.constantFrom('kWh', 'kWh', 'kVArh'),
  points: fc
    .record({
      from: fc.constantFrom(...begins),
      // Of a change on the way each length is kept.
      lengths: fc.array(fc.constantFrom(5, 15, 30, 60), { minLength: 1, maxLength: 2 }),
      each: fc.array(
        fc.record({ value, quality: fc.constantFrom<Quality>(...qualities, 'missing'), skipped: fc.boolean() }),
        {
          minLength: 1,
          maxLength: 60,
        },
      ),
    })
    .map(({ from, lengths, each }) => {
      let at = from;
      return each.flatMap(({ value: energy, quality, skipped }, n) => {
        const minutes = lengths[Math.floor((n * lengths.length) / each.length)]!;
        const point = {
          at: instant(at),
          value: microKwh(quality === 'missing' ? Number.NaN : energy),
          minutes,
          quality,
        };
        at += minutes * 60;
        return skipped && n % 7 === 3 ? [] : [point];
      });
    }),
});

const registers = fc.record({
  kind: fc.constant('register' as const),
  code: fc.constantFrom('1', '01', 'TOTAL'),
  serial: fc.constantFrom('', 'S95A 12345', 'K/7', '=1+1'),
  flow: fc.constantFrom<Flow>('from-grid', 'to-grid', 'none'),
  unit: fc.constantFrom('kWh', 'kW'),
  points: fc
    .record({
      from: fc.constantFrom(...begins),
      steps: fc.array(fc.tuple(fc.integer({ min: 1, max: 200_000 }), value), { minLength: 1, maxLength: 8 }),
    })
    .map(({ from, steps }) => {
      let [at, shows] = [from, 1_000_000];
      return steps.map(([seconds, more], n) => {
        [at, shows] = [at + seconds, shows + more];
        return { at: instant(at), value: microKwh(shows), minutes: 0, quality: qualities[n]! };
      });
    }),
});

const homes = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom('6001000017', '6001000025', 'shop 3, "north"', '-12'),
      fc.oneof(channels, channels, registers),
    ),
    {
      selector: ([meterPoint, { kind, code }]) => `${meterPoint} ${kind} ${code}`,
      minLength: 1,
      maxLength: 8,
    },
  )
  .map(all => all.map(([meterPoint, series]) => ({ meterPoint, ...series })));

describe('archives of a home, imported into an empty one', () => {
  it('give the same readings, whatever their days; the days give nothing that the months did not', async () => {
    await fc.assert(
      fc.asyncProperty(homes, fc.boolean(), async (all, abroad) => {
        const [first, second] = [await open(), await open(abroad ? london : zone)];
        await archived(first, all);
        for (const [name, bytes] of filesOf(first, 'monthly')) {
          expect(detect(bytes)).toMatchObject({ kind: 'format', format: { name: 'wattledger-archive' } });
          expect(await imported(second, name, bytes)).toMatchObject({ counts: { rejected: 0 }, problems: [] });
        }
        expect(known(second)).toEqual(known(first));
        for (const [name, bytes] of filesOf(first, 'daily'))
          expect(await imported(second, name, bytes)).toMatchObject({ counts: { new: 0, rejected: 0 }, problems: [] });
        await first.close();
        await second.close();
        const [before, after] = [first, second].map(({ home }) => readArchives(home));
        if (!abroad) expect(after).toEqual(before);
      }),
      { numRuns: 12 },
    );
  });

  it('tell a slash in a register’s code from the one behind its serial', async () => {
    const [first, second] = [await open(), await open()];
    const named = [
      ['', 'A/1'],
      ['A', '1'],
      ['K/7', '/2'],
      ['K/7/', '%2F'],
      ["'=K", "'@"],
    ] as const;
    const points = [{ at: instant(begins[0]!), value: microKwh(5_000_000), minutes: 0, quality: 'actual' as const }];
    const rest = { kind: 'register' as const, flow: 'from-grid' as const, unit: 'kWh', points };
    await archived(
      first,
      named.map(([serial, code], at) => ({ meterPoint: `600100001${at}`, serial, code, ...rest })),
    );
    for (const [name, bytes] of filesOf(first, 'monthly'))
      expect(await imported(second, name, bytes)).toMatchObject({ counts: { new: 5 }, problems: [] });
    expect(known(second).map(({ serial, code }) => [serial, code])).toEqual(named);
  });

  it('of before they said flow and length as well, where those can be known', async () => {
    const first = await open();
    const day = Array.from({ length: 48 }, (_, slot) => ({
      ...{ at: instant(begins[0]! + slot * 1800), minutes: 30, value: microKwh(slot * 1000) },
      quality: slot === 5 ? ('estimated' as const) : ('actual' as const),
    }));
    const series = { kind: 'channel' as const, serial: '', unit: 'kWh' };
    const register = { ...series, kind: 'register' as const, serial: 'K 7', code: '01', flow: 'from-grid' as const };
    await archived(first, [
      {
        ...series,
        meterPoint: '6001000017',
        code: 'E1',
        flow: 'from-grid',
        points: day.filter(({ at }) => at % 7 !== 0),
      },
      { ...series, meterPoint: '6001000017', code: 'B1', flow: 'to-grid', points: day },
      { ...register, meterPoint: '6001000025', points: [{ ...day[0]!, minutes: 0 }] },
      { ...series, meterPoint: '6001000033', code: 'SOLAR', flow: 'from-solar', points: day },
    ]);
    let text = '';
    const month = { kind: 'month' as const, period: parseMonth('2026-03')! };
    const add = (_period: unknown, part: Uint8Array) => {
      text += Buffer.from(part);
    };
    await archiveTexts(first.house.archiver.deps, [month], add, 'before');
    expect(text).toMatch(/^meter_id,timestamp,reading,kind,code,unit,quality\r\n/);

    const second = await open();
    const report = await imported(second, 'monthly_2026-03.csv', text);
    expect(report.problems).toMatchObject([{ rule: 'ARC-2', severity: 'warning' }]);
    const asSaid = known(first).map(each => (each.code === 'SOLAR' ? { ...each, flow: 'none' } : each));
    expect(known(second)).toEqual(asSaid);

    // Registered beforehand, it is what it was.
    const third = await open();
    const { id: meterPointId } = third.house.meterPoints.add(
      { identifier: '6001000033', address: '', zone, origin: 'registered' },
      0,
    );
    third.house.meterPoints.addSeries(
      { ...series, meterPointId, code: 'SOLAR', flow: 'from-solar', intervalMinutes: 30 },
      0,
    );
    await imported(third, 'monthly_2026-03.csv', text);
    expect(known(third)).toEqual(known(first));
  });
});

describe('the length of intervals of which only the beginnings are known', () => {
  it.each([
    ['of a row of them', [0, 30, 60], [30, 30, 30]],
    ['of none', [], []],
    ['of one, as where nobody says', [0], [30]],
    ['of two', [0, 15], [15, 15]],
    ['before and after a gap', [0, 30, 60, 150, 180, 210], [30, 30, 30, 30, 30, 30]],
    ['of one between two gaps', [0, 5, 10, 60, 120, 125], [5, 5, 5, 5, 5, 5]],
    ['of one before a gap and of one after', [0, 60, 90, 120, 240], [30, 30, 30, 30, 30]],
    ['that becomes shorter', [0, 30, 60, 75, 90], [30, 30, 15, 15, 15]],
    ['that becomes longer', [0, 15, 30, 60, 90], [15, 15, 30, 30, 30]],
    ['where a row is out of order', [0, 30, 60, 0, 30, 60], [30, 30, 30, 30, 30, 30]],
  ])('%s', (_what, minutes, lengths) => {
    expect(lengthsBetween(minutes.map(each => each * 60))).toEqual(lengths);
  });
});

describe('a row of an archive', () => {
  const header = 'meter_id,timestamp,reading,kind,code,unit,quality,flow,minutes';
  const good = 'm-1,2026-10-01T00:00:00+09:30,1.5,channel,E1,kWh,actual,from-grid,30';
  const read = (rows: string[]) => collectEvents(wattledgerArchive, [header, ...rows, ''].join('\r\n'));

  it.each([
    ['with a cell too few', good.replace(',30', '')],
    ['without an offset', good.replace('+09:30', '')],
    ['of a day that is none', good.replace('10-01', '13-01')],
    ['that is neither register nor channel', good.replace('channel', 'chanel')],
    ['of a quality that is none', good.replace('actual', 'actuel')],
    ['of a flow that is none', good.replace('from-grid', 'grid')],
    ['without a value', good.replace('1.5', '')],
    ['with a value that is none', good.replace('1.5', '1,5')],
    ['with a value, though it is missing', good.replace('actual', 'missing')],
    ['of a channel without a length', good.replace(',30', ',0')],
    ['of a register with one', good.replace('channel', 'register')],
    ['without a code', good.replace('E1', '')],
  ])('%s is told, and its neighbours stay', (_what, bad) => {
    const { problems, runs } = read([good, bad, good.replace('T00:00', 'T01:00')]);
    expect(verdicts(problems)).toEqual(['error ARC-1 L3 rejected']);
    expect(runs.map(({ line, energies }) => [line, energies.length])).toEqual([
      [2, 1],
      [4, 1],
    ]);
  });

  it('says the same however its bytes are cut', () => {
    const bytes = Buffer.from(
      `${header}\r\n${good}\r\n${good.replace('T00:00', 'T00:30')}\r\n${good.replace('E1', 'B1')}\r\n`,
    );
    const whole = collectEvents(wattledgerArchive, bytes);
    expect(whole.runs).toHaveLength(2);
    for (const length of [1, 7, 64]) expect(collectEvents(wattledgerArchive, cutInto(bytes, [length]))).toEqual(whole);
  });
});
