import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Flow, Series, SeriesKind } from '../../src/accounts/meter-point.ts';
import type { RegisterFacts } from '../../src/accounts/register-map.ts';
import { advances } from '../../src/consumption/register-advance.ts';
import { exportReadings } from '../../src/exports/export-readings.ts';
import { importFile } from '../../src/imports/import-file.ts';
import type { ImportReport } from '../../src/imports/import-report.ts';
import { keepFile } from '../../src/imports/keep-file.ts';
import { decide } from '../../src/readings/decide.ts';
import type { Quality, Reading } from '../../src/readings/reading.ts';
import { microKwh } from '../../src/units/energy.ts';
import { isMpan } from '../../src/units/identifiers.ts';
import { type Day, formatUtc, instant, parseZone, startOfDay } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

const zone = parseZone('Australia/Adelaide')!;
const open = () => testHouse({ at: '2026-11-21T10:10:00Z', zone });

async function exported(
  { house }: TestHouse,
  format: string,
  meterPoint: string,
  period: { from?: string; to?: string } = {},
) {
  const file = await exportReadings({ ...house, zone }, { format, meterPoints: [meterPoint], codes: [], ...period });
  let text = '';
  for await (const part of file.parts()) text += part;
  return text;
}

async function imported({ house }: TestHouse, name: string, text: string): Promise<ImportReport> {
  const { sha256 } = await keepFile(house.importFolder, [Buffer.from(text)]);
  return importFile({ ...house, zone }, { name, sha256, strict: false, by: 'test' });
}

type Span = [from: number, to: number];

/** What is known of a meter point's current readings, without where it came from. */
function known({ house }: TestHouse, identifier: string, [from, to]: Span = [0, 1e10]) {
  const point = house.meterPoints.get(identifier);
  return house.meterPoints
    .listSeries(point.id)
    .map(({ id, kind, code, serial, flow, unit }) => ({
      ...{ kind, code, serial, flow, unit },
      readings: house.index
        .list(id, instant(from), instant(to))
        .map(
          ({ at, value, minutes, quality, versionAt }) =>
            `${formatUtc(at)} ${value} ${minutes} ${quality} ${versionAt}`,
        ),
    }))
    .filter(({ readings }) => readings.length > 0)
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

type Point = Pick<Reading, 'at' | 'value' | 'minutes' | 'quality' | 'versionAt'>;
interface Words {
  method: string;
  reasonCode: string;
  reasonText: string;
}
interface NewSeries {
  kind: SeriesKind;
  code: string;
  serial?: string;
  flow: Flow;
  unit?: string;
  points: (Point & { words?: Words })[];
}

/** Puts readings into a house as if they had come. */
function fill({ house }: TestHouse, identifier: string, all: NewSeries[]): void {
  const now = 1_795_000_000;
  const meterPoint = house.meterPoints.add({ identifier, address: '', zone, origin: 'registered' }, now);
  for (const { kind, code, serial = '', flow, unit = 'kWh', points } of all) {
    const intervalMinutes = points[0]?.minutes || 30;
    const added: Series = house.meterPoints.addSeries(
      { meterPointId: meterPoint.id, kind, code, serial, flow, unit, intervalMinutes },
      now,
    );
    for (const { words, ...point } of points) {
      if (words) {
        const { at: fromAt, versionAt, quality } = point;
        house.reasons.keep({
          seriesId: added.id,
          fromAt,
          toAt: fromAt + (point.minutes * 60 || 1),
          versionAt,
          quality,
          ...words,
        });
      }
      const { outcome } = decide(house, added, { ...point, source: 1, line: 0 }, now);
      expect(outcome).toBe('accepted');
    }
  }
}

let counter = 0;
const nextNmi = () => `6${String(++counter).padStart(9, '0')}`;
function nextMpan(): string {
  const core = `12${String(++counter).padStart(10, '0')}`;
  return Array.from({ length: 10 }, (_, digit) => `${core}${digit}`).find(isMpan) ?? nextMpan();
}

const version = fc.oneof(fc.constant(0), fc.integer({ min: 1_780_000_000, max: 1_790_000_000 }));
const value = fc.oneof(
  fc.integer({ min: 0, max: 5_000_000 }),
  fc.integer({ min: 0, max: 5000 }).map(wh => wh * 1000),
);
const words: fc.Arbitrary<Words> = fc.record({
  method: fc.constantFrom('', '51', '62', '75'),
  reasonCode: fc.constantFrom('', '0', '45', '79'),
  reasonText: fc.constantFrom('', 'dog in the yard'),
});
const day0 = Date.parse('2026-06-30T14:00:00Z') / 1000;

/** Intervals on days of UTC+10: each day of one length and version, some of them with gaps. */
const intervals = (some: Quality[], wordy: boolean) =>
  fc
    .array(
      fc.record({
        minutes: fc.constantFrom(15, 30, 60),
        version,
        gap: fc.boolean(),
        cells: fc.array(
          fc.record({ value, quality: fc.constantFrom(...some), words: fc.option(words, { nil: undefined }) }),
          { minLength: 1, maxLength: 4 },
        ),
      }),
      { minLength: 1, maxLength: 3 },
    )
    .map(days =>
      days.flatMap(({ minutes, version: versionAt, gap, cells }, day) =>
        Array.from({ length: 1440 / minutes }, (_, slot) => {
          const cell = cells[Math.floor((slot * cells.length * minutes) / 1440)]!;
          const at = instant(day0 + day * 86_400 + slot * minutes * 60);
          const quality = cell.quality;
          const energy = microKwh(quality === 'missing' ? Number.NaN : cell.value);
          const hasWords = wordy && cell.words && (cell.words.method || cell.words.reasonCode || cell.words.reasonText);
          return { at, minutes, versionAt, quality, value: energy, ...(hasWords && { words: cell.words! }) };
        }).filter((_, slot) => !gap || slot % 7 !== 3),
      ),
    );

const registerReads = (some: Quality[], wordy: boolean, stepMicro = 1) =>
  fc
    .array(
      fc.record({
        after: fc.integer({ min: 1, max: 400_000 }),
        gained: fc.nat(900_000),
        quality: fc.constantFrom(...some),
        version,
        words: fc.option(words, { nil: undefined }),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map(reads => {
      let [at, total] = [Date.parse('2026-01-10T00:00:00Z') / 1000, 0];
      return reads.map(({ after, gained, quality, version: stamp, words: said }) => {
        at += after;
        total += gained * stepMicro;
        const hasWords = wordy && said && (said.method || said.reasonCode || said.reasonText);
        // No estimate is of a time after its own version here: that one is refused.
        const versionAt = stamp > 0 && stamp < at ? at : stamp;
        return {
          at: instant(at),
          value: microKwh(total),
          minutes: 0,
          quality,
          versionAt,
          ...(hasWords && { words: said }),
        };
      });
    });

const part = fc.integer({ min: 0, max: 100 });

/** The part of everything that lies between two hundredths of its time. */
function spanOf(all: NewSeries[], parts: [number, number] | undefined): Span {
  if (!parts) return [0, 4e9];
  const times = all.flatMap(({ points }) => points.map(({ at }): number => at));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const [from, to] = parts
    .toSorted((a, b) => a - b)
    .map(hundredths => first + Math.floor(((last - first) * hundredths) / 100));
  return [from!, to! + 1];
}

/** NEM12 has whole days of UTC+10: those that the span touches. */
function nemDays([from, to]: Span): Span {
  const day = (at: number) => Math.floor((at + 36_000) / 86_400) * 86_400 - 36_000;
  return [Math.max(0, day(from)), day(to - 1) + 86_400];
}

describe('what is exported and imported again', () => {
  it.each<{ format: string; name: string; series: fc.Arbitrary<NewSeries[]>; identifier: () => string }>([
    {
      format: 'nem12',
      name: 'export.csv',
      identifier: nextNmi,
      series: fc
        .tuple(
          intervals(['actual', 'estimated', 'substituted', 'final', 'missing'], true),
          intervals(['actual'], false),
        )
        .map(([e1, b1]) => [
          { kind: 'channel', code: 'B1', flow: 'to-grid', points: b1 },
          { kind: 'channel', code: 'E1', flow: 'from-grid', points: e1 },
        ]),
    },
    {
      format: 'nem13',
      name: 'export.csv',
      identifier: nextNmi,
      series: fc
        .tuple(registerReads(['actual', 'estimated', 'substituted', 'final'], true), registerReads(['actual'], false))
        .map(([a, b]) => [
          { kind: 'register', code: '11', serial: 'M1', flow: 'from-grid', points: a },
          { kind: 'register', code: '71', serial: 'M1', flow: 'to-grid', points: b },
        ]),
    },
    {
      format: 'd0010',
      name: 'export.uff',
      identifier: nextMpan,
      series: fc
        .tuple(
          registerReads(['actual', 'customer', 'deemed', 'estimated', 'substituted'], false, 1000),
          registerReads(['actual'], false, 100_000),
        )
        .map(([a, b]) => [
          { kind: 'register', code: '01', serial: 'F75A 00802', flow: 'from-grid', points: a },
          { kind: 'register', code: '02', serial: 'F75A 00802', flow: 'from-grid', points: b },
        ]),
    },
    {
      format: 'espi',
      name: 'export.xml',
      identifier: nextNmi,
      series: fc
        .tuple(
          intervals(['actual', 'estimated', 'substituted', 'missing'], false),
          intervals(['actual'], false),
          registerReads(['actual', 'estimated'], false),
        )
        .map(([e1, q1, r]) => [
          { kind: 'register', code: '1:x', serial: 'M 1&<', flow: 'from-grid', points: r },
          { kind: 'channel', code: 'E1', flow: 'from-grid', points: e1 },
          { kind: 'channel', code: 'Q1', flow: 'none', unit: 'kVArh', points: q1 },
        ]),
    },
    {
      format: 'csv',
      name: 'export.csv',
      identifier: nextNmi,
      series: fc
        .tuple(
          intervals(['actual', 'customer', 'deemed', 'estimated', 'substituted', 'final', 'missing'], true),
          registerReads(['actual', 'customer', 'deemed', 'final'], true),
        )
        .map(([e1, r]) => [
          { kind: 'register', code: '1', serial: '=1+1', flow: 'from-grid', points: r },
          { kind: 'channel', code: 'S1', flow: 'from-solar', points: e1 },
        ]),
    },
  ])('as $format is the same, and adds nothing the second time', async ({ format, name, series, identifier }) => {
    const [from, to] = [await open(), await open()];
    await fc.assert(
      fc.asyncProperty(series, fc.option(fc.tuple(part, part), { nil: undefined }), async (all, parts) => {
        const id = identifier();
        fill(from, id, all);
        const asked = spanOf(all, parts);
        const whole = known(from, id, format === 'nem12' ? nemDays(asked) : asked);
        const period = { from: formatUtc(instant(asked[0])), to: formatUtc(instant(asked[1])) };
        if (whole.length === 0) {
          await expect(exported(from, format, id, period)).rejects.toMatchObject({ code: 'export-empty' });
          return;
        }
        const text = await exported(from, format, id, period);
        const report = await imported(to, name, text);
        expect(report.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        const [before, after] = [whole, known(to, id)];
        // What nobody read is told as missing, because a NEM12 day has all its intervals (N12-22).
        if (format === 'nem12') {
          const said = new Set(
            before.flatMap(({ code, readings }) => readings.map(reading => `${code} ${reading.slice(0, 20)}`)),
          );
          for (const each of after)
            each.readings = each.readings.filter(
              reading => said.has(`${each.code} ${reading.slice(0, 20)}`) || !reading.includes('missing'),
            );
        }
        expect(after).toEqual(before);
        const again = await imported(to, name, text);
        expect(again.counts).toMatchObject({ new: 0, revised: 0, conflicting: 0, older: 0, rejected: 0 });
        // And so it is written again, with every method and reason.
        expect(await exported(to, format, id, period)).toBe(text);
      }),
      { numRuns: 12 },
    );
  });
});

describe('a NEM12 file', () => {
  const half = (value: string) => Array.from({ length: 48 }, () => value).join(',');
  const records = [
    '200,6123456789,E1,,E1,,,kWh,30,',
    `300,20260701,${half('0.5')},S62,45,,20260702013500,`,
    `300,20260702,${half('0.25')},V,,,20260703013500,`,
    '400,1,20,A,79,Power outage',
    '400,21,24,F56,0,dog in the yard',
    '400,25,48,E52,,',
    `300,20260703,${half('1.125')},A,,,20260704013500,`,
  ];
  const file = (lines: string[]) => `${['100,NEM12,202607040900,MDP1,RETAILR1', ...lines, '900'].join('\r\n')}\r\n`;

  it('comes out as it came in, its 400 records with it', async () => {
    const test = await open();
    await imported(test, 'in.csv', file(records));
    const lines = (await exported(test, 'nem12', '6123456789')).split('\r\n');
    expect(lines.slice(1, -2)).toEqual(records);
    expect(lines[0]).toBe('100,NEM12,202611212010,WLEDGER,WLEDGER');
    const again = await imported(test, 'out.csv', lines.join('\r\n'));
    expect(again.counts).toMatchObject({ new: 0, identical: 144 });
  });

  it('leaves UpdateDateTime empty where nobody said a version, which another sender’s empty one does not mean', async () => {
    const [from, to, other] = [await open(), await open(), await open()];
    const id = nextNmi();
    const points = (code: string): NewSeries => ({
      ...{ kind: 'channel', code, flow: 'from-grid' },
      points: Array.from({ length: 48 }, (_, slot) => ({
        ...{ at: instant(day0 + slot * 1800), value: microKwh(500_000), minutes: 30, quality: 'actual', versionAt: 0 },
      })),
    });
    fill(from, id, [points('E1')]);
    const text = await exported(from, 'nem12', id);
    expect(text).toContain(`,0.5,A,,,,\r\n`);
    const report = await imported(to, 'export.csv', text);
    expect(report.problems).toEqual([]);
    expect(known(to, id)).toEqual(known(from, id));
    const foreign = await imported(other, 'export.csv', text.replace('WLEDGER,', 'MDP1,'));
    expect(foreign.problems.map(({ rule }) => rule)).toEqual(['N12-30']);
    const fileVersion = Date.parse('2026-11-21T10:10:00Z') / 1000;
    expect(known(other, id)[0]!.readings.every(reading => reading.endsWith(` ${fileVersion}`))).toBe(true);
  });

  it('holds the whole days of UTC+10 that the period touches', async () => {
    const test = await open();
    await imported(test, 'in.csv', file(records));
    const text = await exported(test, 'nem12', '6123456789', { from: '2026-07-02', to: '2026-07-02T12:00:00' });
    // Midnight of Adelaide is half an hour into the day of UTC+10.
    expect([...text.matchAll(/^300,(\d+)/gm)].map(match => match[1])).toEqual(['20260702']);
    await expect(exported(test, 'nem12', '6123456789', { from: '2027-01-01' })).rejects.toMatchObject({
      code: 'export-empty',
    });
  });
});

describe('a file of a register that has a map', () => {
  const day = (at: string, kwh: number): Point => ({
    ...{ at: instant(Date.parse(`${at}T00:00:00Z`) / 1000), value: microKwh(kwh * 1e6), minutes: 0 },
    ...{ quality: 'actual', versionAt: 1_780_000_000 },
  });
  const nothing = {
    ...{ multiplierMicro: undefined, digits: undefined, kind: undefined, quantity: '', configuration: '' },
    ...{ timePattern: '', exchange: undefined, versionAt: instant(0), source: 0, line: 0 },
  };
  /** A house in which the register 11 of a meter point was told these facts from 2026 on, one after the other, before its readings came. */
  async function houseWith(id: string, facts: Partial<RegisterFacts>[], points: Point[]): Promise<TestHouse> {
    const test = await open();
    const { meterPoints } = test.house;
    const point = meterPoints.add({ identifier: id, address: '', zone, origin: 'registered' }, 0);
    const register = { serial: 'M1', kind: 'register', code: '11', flow: 'from-grid', unit: 'kWh' } as const;
    const series = meterPoints.addSeries({ ...register, meterPointId: point.id, intervalMinutes: 30 }, 0);
    for (const each of facts) {
      const fromDay = each.fromDay ?? ('2026-01-01' as Day);
      meterPoints.addRegisterFacts(series, { ...nothing, fromDay, fromAt: startOfDay(fromDay, zone), ...each }, 0);
    }
    const told = meterPoints.findSeries(point.id, 'register', '11', 'M1')!;
    for (const each of points)
      expect(decide(test.house, told, { ...each, source: 1, line: 0 }, 1_795_000_000).outcome).toBe('accepted');
    return test;
  }
  const half: Point[] = [0, 1].map(slot => ({
    ...{ at: instant(day0 + slot * 1800), value: microKwh(500_000), minutes: 30, quality: 'actual', versionAt: 0 },
  }));
  const turn = [day('2026-02-01', 99_950), day('2026-03-01', 99_990), day('2026-04-01', 20)];

  it('as NEM13 says the energy, multiplier and rollover in it, and tells both to a house that knew neither', async () => {
    const id = nextNmi();
    const from = await houseWith(id, [{ multiplierMicro: 40_000_000, digits: 5 }], turn);
    const text = await exported(from, 'nem13', id);
    expect(text.split('\r\n').map(line => line.split(',')[18])).toEqual([
      undefined,
      '1600',
      '1200',
      undefined,
      undefined,
    ]);
    const to = await open();
    await imported(to, 'export.csv', text);
    expect(known(to, id)).toEqual(known(from, id));
    const energies = ({ house }: TestHouse) => {
      const [series] = house.meterPoints.listSeries(house.meterPoints.get(id).id);
      return advances(house.index.list(series!.id, instant(0), instant(4e9)), series!.map).map(each => each?.energy);
    };
    expect(energies(to)).toEqual(energies(from));
    expect(await exported(to, 'nem13', id)).toBe(text);
    // Where it came from it says nothing new.
    expect(
      (await imported(from, 'export.csv', text)).problems.map(({ rule, action }) => `${rule} ${action}`),
    ).not.toContain('N13-2 rejected');
  });

  it('comes back out of CSV as well, beside a channel', async () => {
    const id = nextNmi();
    const from = await houseWith(id, [{ multiplierMicro: 500_000 }, { digits: 5 }], turn);
    fill(from, nextNmi(), [{ kind: 'channel', code: 'E1', flow: 'from-grid', points: half }]);
    const all = async ({ house }: TestHouse) => {
      const file = await exportReadings({ ...house, zone }, { format: 'csv', meterPoints: [], codes: [] });
      let text = '';
      for await (const piece of file.parts()) text += piece;
      return text;
    };
    const text = await all(from);
    expect(text.split('\r\n')[0]).toMatch(/reason_text,multiplier,digits$/);
    const to = await open();
    const report = await imported(to, 'export.csv', text);
    expect(report).toMatchObject({ problems: [], counts: { new: 5, rejected: 0 } });
    expect(known(to, id)).toEqual(known(from, id));
    expect(await all(to)).toBe(text);
    expect((await imported(from, 'export.csv', text)).counts).toMatchObject({ new: 0, identical: 5, conflicting: 0 });
    // A house that was told something else keeps that, and says so.
    const other = await houseWith(id, [{ digits: 6 }], []);
    const told = await imported(other, 'export.csv', text);
    expect(told.problems.map(({ message }) => message).join()).toContain(
      'has 5 digits, and the register map says something',
    );
  });

  it.each(['nem13', 'csv'])('as %s says from when on another multiplier holds, and so it comes back', async format => {
    const id = nextNmi();
    const changes = [
      { multiplierMicro: 40_000_000, digits: 5 },
      { fromDay: '2026-02-15' as Day, multiplierMicro: 20_000_000 },
      { fromDay: '2026-04-01' as Day, multiplierMicro: 40_000_000 },
    ];
    const from = await houseWith(id, changes, [...turn, day('2026-05-01', 30), day('2026-06-01', 35)]);
    const text = await exported(from, format, id);
    const to = await open();
    expect((await imported(to, 'export.csv', text)).counts).toMatchObject({ new: 5, conflicting: 0, rejected: 0 });
    const energies = ({ house }: TestHouse) => {
      const [series] = house.meterPoints.listSeries(house.meterPoints.get(id).id);
      return advances(house.index.list(series!.id, instant(0), instant(4e9)), series!.map).map(each => each?.energy);
    };
    expect(energies(to)).toEqual([1600e6, 600e6, 400e6, 200e6]);
    expect(energies(from)).toEqual(energies(to));
    expect(known(to, id)).toEqual(known(from, id));
    expect(await exported(to, format, id)).toBe(text);
  });

  it('comes back out of CSV with the exchange of its meter, without which it would count backwards', async () => {
    const id = nextNmi();
    const exchange = { finalValue: microKwh(99_995e6), firstValue: microKwh(3e6) };
    const facts = [
      { multiplierMicro: 40_000_000, digits: 5 },
      { fromDay: '2026-03-15' as Day, exchange },
    ];
    const from = await houseWith(id, facts, turn);
    const text = await exported(from, 'csv', id);
    expect(text.split('\r\n').map(line => line.split(',').slice(-3).join())).toEqual([
      'exchanged_at,final_value,first_value',
      ',,',
      ',,',
      '2026-03-14T13:30:00Z,99995,3',
      '',
    ]);
    const to = await open();
    const report = await imported(to, 'export.csv', text);
    expect(report).toMatchObject({ problems: [], counts: { new: 3, rejected: 0 } });
    const energies = ({ house }: TestHouse) => {
      const [series] = house.meterPoints.listSeries(house.meterPoints.get(id).id);
      return advances(house.index.list(series!.id, instant(0), instant(4e9)), series!.map).map(each => each?.energy);
    };
    // 5 kWh on the old dial and 17 on the new one, forty times.
    expect(energies(to)).toEqual([1600e6, 880e6]);
    expect(energies(from)).toEqual(energies(to));
    expect(known(to, id)).toEqual(known(from, id));
    expect(await exported(to, 'csv', id)).toBe(text);
    expect((await imported(to, 'export.csv', text)).counts).toMatchObject({ new: 0, identical: 3, conflicting: 0 });
    const wrong = await imported(await open(), 'export.csv', text.replace(',99995,3', ',99995,x'));
    expect(wrong.problems[0]!.message).toContain('is not when a meter was exchanged');
  });

  it('comes back out of CSV with what the new dial counts from the moment of the exchange on, or is refused', async () => {
    const id = nextNmi();
    const exchanged = {
      ...{ fromDay: '2026-03-15' as Day, fromAt: instant(Date.parse('2026-03-15T10:00:00Z') / 1000) },
      ...{ exchange: { finalValue: microKwh(99_995e6), firstValue: microKwh(3e6) } },
    };
    const facts = [
      { multiplierMicro: 40_000_000, digits: 5 },
      { ...exchanged, multiplierMicro: 20_000_000 },
    ];
    const [from, to] = [await houseWith(id, facts, turn), await open()];
    const text = await exported(from, 'csv', id);
    expect(await imported(to, 'export.csv', text)).toMatchObject({ problems: [], counts: { new: 3 } });
    for (const { house } of [from, to]) {
      const [series] = house.meterPoints.listSeries(house.meterPoints.get(id).id);
      const counted = advances(house.index.list(series!.id, instant(0), instant(4e9)), series!.map);
      // 5 kWh on the old dial, forty times, and 17 on the new one, twenty times.
      expect(counted.map(each => each?.energy)).toEqual([1600e6, 540e6]);
    }
    expect(await exported(to, 'csv', id)).toBe(text);
    expect((await imported(from, 'export.csv', text)).counts).toMatchObject({ new: 0, identical: 3, conflicting: 0 });
    expect(await exported(from, 'csv', id)).toBe(text);
    const later = [...facts.slice(0, 1), exchanged, { fromDay: '2026-03-20' as Day, multiplierMicro: 20_000_000 }];
    const other = nextNmi();
    await expect(exported(await houseWith(other, later, turn), 'csv', other)).rejects.toMatchObject({
      message: expect.stringContaining('is counted otherwise than when the meter was exchanged before it'),
    });
  });

  it('as NEM13 is refused where two multipliers begin on one day of its clock', async () => {
    const id = nextNmi();
    // Midnight of Adelaide is half an hour into the day of UTC+10, or half an hour before it ends.
    const facts = [{ multiplierMicro: 40_000_000 }, { fromDay: '2026-02-02' as Day, multiplierMicro: 20_000_000 }];
    const at = (time: string, kwh: number) => ({ ...day('2026-02-01', kwh), at: instant(Date.parse(time) / 1000) });
    const points = [at('2026-02-01T13:20:00Z', 1), at('2026-02-01T13:40:00Z', 2), at('2026-02-03T00:00:00Z', 3)];
    const test = await houseWith(id, facts, points);
    await expect(exported(test, 'nem13', id)).rejects.toMatchObject({
      message: expect.stringContaining('same day of UTC+10'),
    });
  });

  it.each<[says: string, facts: Partial<RegisterFacts>[]]>([
    ['is counted 0.5 times', [{ multiplierMicro: 500_000, digits: 5 }]],
    [
      'since the meter was exchanged',
      [
        {
          fromDay: '2026-03-15' as Day,
          exchange: { finalValue: microKwh(99_995e6), firstValue: microKwh(0) },
        },
      ],
    ],
  ])('as NEM13 is refused where a reading %s', async (says, facts) => {
    const id = nextNmi();
    const test = await houseWith(id, facts, turn);
    await expect(exported(test, 'nem13', id)).rejects.toMatchObject({ message: expect.stringContaining(says) });
  });
});

describe('what a format cannot say', () => {
  const reading = (more: Partial<Point>): Point => ({
    ...{ at: instant(day0), value: microKwh(1_000_000), minutes: 30, quality: 'actual', versionAt: 0 },
    ...more,
  });
  const later = instant(day0 + 1800);

  it.each<[format: string, says: string, series: Omit<NewSeries, 'kind' | 'flow'> & Partial<NewSeries>]>([
    ['nem12', 'is of quality customer', { code: 'E1', points: [reading({ quality: 'customer' })] }],
    ['nem12', 'does not begin on the clock', { code: 'E1', points: [reading({ at: instant(day0 + 60) })] }],
    ['nem12', 'has another version', { code: 'E1', points: [reading({}), reading({ at: later, versionAt: 5 })] }],
    [
      'nem12',
      '15 minutes on a day of 30-minute',
      { code: 'E1', points: [reading({}), reading({ at: later, minutes: 15 })] },
    ],
    ['nem12', 'is below zero', { code: 'E1', points: [reading({ value: microKwh(-1) })] }],
    ['nem12', 'the channel code "SOLAR"', { code: 'SOLAR', points: [reading({})] }],
    ['nem12', 'counts the flow from-solar', { code: 'E1', flow: 'from-solar', points: [reading({})] }],
    [
      'nem13',
      'is of quality deemed',
      { kind: 'register', code: '1', points: [reading({ minutes: 0, quality: 'deemed' })] },
    ],
    [
      'nem13',
      'an estimate of a time after',
      { kind: 'register', code: '1', points: [reading({ minutes: 0, quality: 'estimated', versionAt: 5 })] },
    ],
    ['d0010', 'is no MPAN', { kind: 'register', code: '1', serial: 'M', points: [reading({ minutes: 0 })] }],
    ['espi', 'is of quality final', { code: 'E1', points: [reading({ quality: 'final' })] }],
    ['espi', 'the flow from-solar', { code: 'S1', flow: 'from-solar', points: [reading({})] }],
  ])('%s: %s', async (format, says, series) => {
    const test = await open();
    const id = nextNmi();
    fill(test, id, [{ kind: 'channel', flow: 'from-grid', ...series }]);
    await expect(exported(test, format, id)).rejects.toMatchObject({
      code: 'export-unfit',
      message: expect.stringContaining(says),
    });
    // CSV can say everything.
    expect(await exported(test, 'csv', id)).toContain(id);
  });

  it('D0010: an hour that London has twice, a finer value, no meter', async () => {
    const test = await open();
    const refusedWith = async (says: string, series: Partial<NewSeries>) => {
      const id = nextMpan();
      fill(test, id, [{ kind: 'register', code: '1', serial: 'M', flow: 'from-grid', points: [], ...series }]);
      await expect(exported(test, 'd0010', id)).rejects.toMatchObject({ message: expect.stringContaining(says) });
    };
    const inOctober = instant(Date.parse('2026-10-25T01:30:00Z') / 1000);
    await refusedWith('twice', { points: [reading({ minutes: 0, at: inOctober })] });
    await refusedWith('three decimals', { points: [reading({ minutes: 0, value: microKwh(1) })] });
    await refusedWith('no meter', { serial: '', points: [reading({ minutes: 0 })] });
  });
});
