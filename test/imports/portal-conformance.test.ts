import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { detect } from '../../src/imports/detect.ts';
import type { Format } from '../../src/imports/format.ts';
import { portals } from '../../src/imports/profiles/portals.ts';
import { profileFormat } from '../../src/imports/profiles/profile-format.ts';
import { parseCsvLine } from '../../src/kernel/csv.ts';
import { formatLocal, formatWallClock, instant, type Zone } from '../../src/units/time.ts';
import { collectEvents, type Events, tolerant } from './collect-events.ts';

/** Exports of portals and inverters that nobody here wrote, and what two independent readings of them gave. */
const data = join(import.meta.dirname, '../../../shared/data');
const absent = !existsSync(join(data, 'csv/expected.csv'));
if (absent) console.warn(`SKIPPED: the conformance of portals and inverters needs ${data}, which is not there`);

interface Expected {
  file: string;
  series: string;
  unit: string;
  value_kind: 'interval' | 'cumulative';
  rows: string;
  non_null: string;
  first_timestamp_text: string;
  last_timestamp_text: string;
  sum_or_delta: string;
  kwh: string;
  notes: string;
}

function rowsOf(folder: string): Expected[] {
  const [head = '', ...lines] = readFileSync(join(data, folder, 'expected.csv'), 'utf8')
    .trim()
    .split(/\r?\n/);
  const names = head.split(',');
  return lines.map(
    line => Object.fromEntries(parseCsvLine(line)!.map((cell, at) => [names[at]!, cell])) as unknown as Expected,
  );
}

/** The channel or register that a series of expected.csv is here, with the clock its first and last stamp are written on. */
const places: Record<string, [code: string, zone: string]> = {
  '6001204490 Consumption': ['E1', '+10:00'],
  '6001204490 Controlled Load Consumption': ['E2', '+10:00'],
  'Electricity 1 (Dutch Users: Low Tariff)': ['E1', 'Europe/Amsterdam'],
  'Electricity 2 (Dutch Users: Normal Tariff)': ['E2', 'Europe/Amsterdam'],
  'Electricity 1 Returned (Dutch Users: Low Tariff)': ['B1', 'Europe/Amsterdam'],
  'Electricity 2 Returned (Dutch Users: Normal Tariff)': ['B2', 'Europe/Amsterdam'],
  kWh: ['E1', 'Europe/Rome'],
  'Afname Dag': ['E1', 'Europe/Brussels'],
  'Afname Nacht': ['E2', 'Europe/Brussels'],
  'Injectie Dag': ['B1', 'Europe/Brussels'],
  'Injectie Nacht': ['B2', 'Europe/Brussels'],
  'E0045003866355817 reading1': ['1', 'Europe/Amsterdam'],
  'E0045003866355817 reading2': ['2', 'Europe/Amsterdam'],
  'G0039001721304017 reading1': ['1', 'Europe/Amsterdam'],
  Delivered: ['E1', 'America/Los_Angeles'],
  Received: ['B1', 'America/Los_Angeles'],
  'Energy consumption time period': ['E1', 'America/Los_Angeles'],
  'Energy Produced (Wh)': ['S1', 'Europe/Amsterdam'],
  'Metering.TotWhOut#1': ['S1', 'Europe/Amsterdam'],
  'Metering.GridMs.TotWhOut#2': ['2', 'Europe/Amsterdam'],
  'Metering.GridMs.AbsWhOut#3': ['3', 'Europe/Amsterdam'],
  'Metering.GridMs.TotWhIn#4': ['4', 'Europe/Amsterdam'],
  'Metering.GridMs.AbsWhIn#5': ['5', 'Europe/Amsterdam'],
  'energy QUARTER_OF_AN_HOUR INVERTER': ['S1', 'Europe/Amsterdam'],
  'energy HOUR None': ['S1', 'Europe/Amsterdam'],
  '123456789987654321-987654321123456789': ['S1', 'Europe/Prague'],
  'inverter/1 EnergyReal_WAC_Sum_Produced': ['S1', 'Europe/Berlin'],
  'meter:16220118 EnergyReal_WAC_Plus_Absolute': ['1', 'Europe/Berlin'],
  'meter:16220118 EnergyReal_WAC_Minus_Absolute': ['2', 'Europe/Berlin'],
};

/** Rows that cannot be equal as they stand, and why; every other one is. */
const gas = 'G0039001721304017 reading1';
const fronius = 'inverter/1 EnergyReal_WAC_Sum_Produced';
const differs: Record<string, string> = {
  [gas]: 'a gas meter counts cubic metres: its rows are left out, and read here by a profile that leaves them in',
  [fronius]:
    'the datalogger writes 15587.781111111111 Wh, and each value is kept to a millionth of a kWh, half to even',
};

const zone = 'Europe/Amsterdam' as Zone;

function eventsOf(folder: string, { file, series }: Expected): Events {
  const bytes = readFileSync(
    join(data, folder, folder === 'csv' && /^SCE-|_power\.csv$/.test(file) ? `sce/${file}` : file),
  );
  const detection = detect(bytes.subarray(0, 8192));
  if (detection.kind !== 'format') throw new Error(`${file} looks like ${JSON.stringify(detection)}`);
  const format = series === gas ? gasToo(detection.format) : detection.format;
  return collectEvents(format, bytes, {
    ...tolerant,
    siteZone: zone,
    ...(names(format) ? {} : { meterPoint: 'SITE-1' }),
  });
}

function gasToo(format: Format): Format {
  const liander = portals().find(({ name }) => name === format.name)!;
  const rows = [{ column: 'meternummer', startsWith: 'E', because: 'the gas meter is asked for' }];
  return profileFormat({ ...liander, ignoreRows: rows, missing: [] });
}

function names({ name }: Format): boolean {
  const profile = portals().find(each => each.name === name);
  return profile !== undefined && profile.meterPoint.from !== 'caller';
}

function micro(decimal: string): bigint {
  const [whole = '', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.slice(0, 6).padEnd(6, '0'));
}

// Of a Wh, in 1e-20: finer than any value of the files is written.
const millionth = 10n ** 17n;

function finest(wh: string): bigint {
  const [whole = '', fraction = ''] = wh.split('.');
  expect(fraction.length).toBeLessThanOrEqual(20);
  return BigInt(whole + fraction.padEnd(20, '0'));
}

/** What a datalogger says that its inverter produced, value by value, off the text. */
function producedIn(file: string): bigint[] {
  const text = readFileSync(join(data, 'solar', file), 'utf8');
  const [, values = ''] = /"EnergyReal_WAC_Sum_Produced"\s*:\s*\{[^{]*"Values"\s*:\s*\{([^}]*)\}/.exec(text) ?? [];
  return [...values.matchAll(/"-?\d+"\s*:\s*([\d.]+)/g)].map(match => finest(match[1]!));
}

/** Of a kWh, half to even. */
function toMillionths(value: bigint): bigint {
  const [whole, rest] = [value / millionth, value % millionth];
  return rest * 2n > millionth || (rest * 2n === millionth && whole % 2n === 1n) ? whole + 1n : whole;
}

interface Point {
  at: number;
  value: number;
}

function pointsOf({ runs, readings }: Events, code: string): Point[] {
  return [
    ...runs
      .filter(({ channel }) => channel.suffix === code)
      .flatMap(({ channel, startsAt, energies }) =>
        Array.from(energies, (value, slot) => ({ at: startsAt + slot * channel.lengthMinutes * 60, value })),
      ),
    ...readings.filter(({ registerId }) => registerId === code).map(({ at, value }) => ({ at, value })),
  ];
}

/** The instant of a stamp as expected.csv writes it. */
function stampOf(text: string, on: Zone): string {
  const slot = /^(\S+)#(\d+)$/.exec(text);
  if (slot) {
    const [day, columns] = [isoDay(slot[1]!), text.includes('/') ? 96 : 48];
    const minutes = (Number(slot[2]) * 1440) / columns;
    return `${day}T${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}:00`;
  }
  const since = /^(.*)\+(-?\d+)s$/.exec(text);
  if (since) return formatWallClock(instant(Date.parse(since[1]!) / 1000 + Number(since[2])), on);
  const [date = '', time = '00:00:00'] = text.slice(0, 19).split(/[T ]/);
  return `${isoDay(date)}T${time.length === 5 ? `${time}:00` : time}`;
}

function isoDay(date: string): string {
  const parts = date.split(/[-./]/);
  if (parts[0]!.length === 4) return date;
  // Enphase alone writes the month first.
  const [day, month] =
    /^\d\d\/\d\d\/2024$/.test(date) && !date.endsWith('/09/2024') ? [parts[1], parts[0]] : [parts[0], parts[1]];
  return `${parts[2]}-${month}-${day}`;
}

describe.skipIf(absent)('exports of portals and inverters', () => {
  const expected = absent ? [] : ['csv', 'solar'].flatMap(folder => rowsOf(folder).map(row => ({ folder, row })));

  it('are all expected', () => {
    expect(expected).toHaveLength(39 - 2);
  });

  it('are equal but for three of a datalogger and a gas meter', () => {
    const differing = expected.filter(({ row }) => row.series in differs).map(({ row }) => row.file);
    expect(differing.map(file => file.split('/').at(-1)).sort()).toEqual([
      expect.stringMatching(/liander/i),
      'archivedata_dailysum_2017-08-30.json',
      'logdata-data20160913235000.json',
      'logdata-data20170304235000.json',
    ]);
  });

  it('leave out what a gas meter counts, and read the electricity beside it', () => {
    const { row } = expected.find(each => each.row.series === gas)!;
    const bytes = readFileSync(join(data, 'csv', row.file));
    const detection = detect(bytes.subarray(0, 8192));
    if (detection.kind !== 'format') throw new Error('it is not known');
    const { readings, runs } = collectEvents(detection.format, bytes, { ...tolerant, siteZone: zone });
    expect(runs).toEqual([]);
    expect([...new Set(readings.map(({ meterSerial }) => meterSerial))]).toEqual(['E0045003866355817']);
  });

  it.each(expected.map(({ folder, row }) => [row.file, row.series, folder, row] as const))(
    '%s, %s',
    (_file, series, folder, row) => {
      const [code, clock] = places[series]!;
      const events = eventsOf(folder, row);
      expect(events.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
      const points = pointsOf(events, code);
      const valued = points.filter(({ value }) => !Number.isNaN(value));
      expect(valued).toHaveLength(Number(row.non_null));
      // A register that says nothing on a day is no reading; an interval without a value is a gap that is told.
      expect(points).toHaveLength(row.value_kind === 'cumulative' ? Number(row.non_null) : Number(row.rows));
      const got =
        row.value_kind === 'interval'
          ? valued.reduce((sum, { value }) => sum + BigInt(value), 0n)
          : BigInt((valued.at(-1)?.value ?? 0) - (valued[0]?.value ?? 0));
      if (series === fronius) {
        // Exactly what is left of each value, and of none of them more: without the rounding it is what the reference says.
        const values = producedIn(row.file);
        expect(values.reduce((sum, value) => sum + toMillionths(value), 0n)).toBe(got);
        expect(values.reduce((sum, value) => sum + value, 0n)).toBe(finest(row.sum_or_delta));
        expect(values.some(value => value % millionth !== 0n)).toBe(true);
      } else expect(got).toBe(micro(row.kwh));
      if (row.value_kind === 'interval') {
        const endStamped = series.startsWith('inverter/') && Number(row.rows) > 1 ? 300 : 0;
        const [first, last] = [Math.min(...points.map(({ at }) => at)), Math.max(...points.map(({ at }) => at))];
        const shown = (at: number) => formatLocal(instant(at + endStamped), clock as Zone).slice(0, 19);
        expect([shown(first), shown(last)]).toEqual(
          [row.first_timestamp_text, row.last_timestamp_text].map(text => stampOf(text, clock as Zone)),
        );
      }
    },
  );
});
