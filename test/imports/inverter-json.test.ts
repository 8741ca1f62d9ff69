import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detect } from '../../src/imports/detect.ts';
import type { FormatContext } from '../../src/imports/format.ts';
import { fronius } from '../../src/imports/formats/fronius.ts';
import { solarEdge } from '../../src/imports/formats/solaredge.ts';
import { JsonScanner } from '../../src/imports/json-scanner.ts';
import { formatUtc, instant, type Zone } from '../../src/units/time.ts';
import { collectEvents, cutInto, type Events, tolerant } from './collect-events.ts';

const context: FormatContext = { ...tolerant, siteZone: 'Europe/Berlin' as Zone, meterPoint: 'ROOF-1' };

function intervals({ runs }: Events): string[] {
  return runs.flatMap(({ startsAt, energies, channel }) =>
    Array.from(
      energies,
      (energy, slot) =>
        `${channel.suffix} ${formatUtc(instant(startsAt + slot * channel.lengthMinutes * 60))} ${Number.isNaN(energy) ? 'none' : energy}`,
    ),
  );
}

describe('SolarEdge energy', () => {
  const answer = (values: { date: string; value: number | null }[], timeUnit = 'HOUR', unit = 'Wh') =>
    JSON.stringify({ energy: { timeUnit, unit, measuredBy: 'INVERTER', values } });

  it('is known by its content', () => {
    expect(detect(Buffer.from(answer([])))).toMatchObject({ format: { name: 'solaredge' } });
  });

  it('null is no data and not zero', () => {
    const events = collectEvents(
      solarEdge,
      answer([
        { date: '2026-03-01 12:00:00', value: 1500.25 },
        { date: '2026-03-01 13:00:00', value: null },
      ]),
      context,
    );
    expect(events.problems).toEqual([]);
    expect(intervals(events)).toEqual(['S1 2026-03-01T11:00:00Z 1500250', 'S1 2026-03-01T12:00:00Z none']);
  });

  it('takes the offset a stamp has, so that two names of one instant are one instant', () => {
    const events = collectEvents(
      solarEdge,
      answer([
        { date: '2025-03-30 02:00:00 CET+0100', value: 1 },
        { date: '2025-03-30 03:00:00 CEST+0200', value: 2 },
      ]),
      context,
    );
    expect(intervals(events)).toEqual(['S1 2025-03-30T01:00:00Z 1000', 'S1 2025-03-30T01:00:00Z 2000']);
  });

  it('tells the meters of energyDetails apart, and bills none that is reckoned', () => {
    const values = [{ date: '2026-03-01 12:00:00', value: 1 }];
    const meters = ['Production', 'Purchased', 'FeedIn', 'SelfConsumption', 'Unheard'].map(type => ({ type, values }));
    // The unit may stand after the meters: nothing is placed before it is known.
    const { runs, problems } = collectEvents(
      solarEdge,
      JSON.stringify({ energyDetails: { meters, timeUnit: 'QUARTER_OF_AN_HOUR', unit: 'kWh' } }),
      context,
    );
    expect(runs.map(({ channel }) => `${channel.suffix} ${channel.role} ${channel.lengthMinutes}`)).toEqual([
      'S1 from-solar 15',
      'E1 from-grid 15',
      'B1 to-grid 15',
      'SELF other 15',
    ]);
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('"Unheard"')]);
  });

  it.each<[what: string, text: string, says: string]>([
    ['months', answer([{ date: '2026-03-01 00:00:00', value: 1 }], 'MONTH'), 'values by "MONTH" are too coarse'],
    [
      'a unit of nothing',
      answer([{ date: '2026-03-01 00:00:00', value: 1 }], 'HOUR', 'W'),
      '"W" is not a unit of energy',
    ],
    ['negative energy', answer([{ date: '2026-03-01 00:00:00', value: -1 }]), '"-1" is not energy in Wh'],
    ['no date', answer([{ date: 'soon', value: 1 }]), '"soon" is not a date and time'],
    ['an hour that never was', answer([{ date: '2026-03-29 02:00:00', value: 1 }]), 'was never on the clock'],
    ['a file that is cut off', answer([{ date: '2026-03-01 00:00:00', value: 1 }]).slice(0, -20), 'it may be cut off'],
  ])('%s: said with line and column', (_what, text, says) => {
    const { problems } = collectEvents(solarEdge, text, context);
    expect(problems.map(({ message }) => message).join()).toContain(says);
    expect(problems[0]!.line).toBe(1);
  });

  it('is of nobody until somebody says of whom', () => {
    const { runs, problems } = collectEvents(solarEdge, answer([{ date: '2026-03-01 12:00:00', value: 1 }]), tolerant);
    expect(runs).toEqual([]);
    expect(problems.map(({ message }) => message)).toEqual([
      'the file names no meter point: say which one it is of (--meter-point)',
    ]);
  });
});

describe('Fronius archives', () => {
  const channel = (Values: Record<string, number | null>, Unit = 'Wh') => ({ Unit, Values, _comment: 'channelId=1' });
  const device = (Data: object, Start = '2026-06-01T00:00:00+02:00') => ({
    Data,
    Start,
    End: '2026-06-01T23:59:59+02:00',
  });
  const log = (Body: object) => JSON.stringify({ Body, Head: { RequestArguments: { Scope: 'System' } } });

  it('is known in the push’s form and in the archive’s', () => {
    const inverter = { 'inverter/1': device({ EnergyReal_WAC_Sum_Produced: channel({ 300: 5 }) }) };
    for (const text of [log(inverter), log({ Data: inverter })]) {
      expect(detect(Buffer.from(text))).toMatchObject({ format: { name: 'fronius' } });
      expect(intervals(collectEvents(fronius, text, context))).toEqual(['S1 2026-05-31T22:00:00Z 5000']);
    }
  });

  it('puts keys in order, also those before Start, which it mentions', () => {
    const values = { 300: 2, 600: 3, '-300': 1 };
    const events = collectEvents(
      fronius,
      log({ 'inverter/1': device({ EnergyReal_WAC_Sum_Produced: channel(values) }) }),
      context,
    );
    expect(intervals(events)).toEqual([
      'S1 2026-05-31T21:50:00Z 1000',
      'S1 2026-05-31T22:00:00Z 2000',
      'S1 2026-05-31T22:05:00Z 3000',
    ]);
    expect(events.problems.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual(['CSV-6 warning']);
  });

  it('the sum of a day is one interval of a day', () => {
    const { runs } = collectEvents(
      fronius,
      log({ 'inverter/1': device({ EnergyReal_WAC_Sum_Produced: channel({ 0: 15587.781 }) }) }),
      context,
    );
    expect(runs.map(({ channel: { lengthMinutes }, energies }) => [lengthMinutes, energies[0]])).toEqual([
      [1440, 15_587_781],
    ]);
  });

  it('a meter’s absolute values are registers of its serial; what is no energy is passed over', () => {
    const data = {
      EnergyReal_WAC_Plus_Absolute: channel({ 0: 100 }),
      EnergyReal_WAC_Minus_Absolute: channel({ 0: 200, 300: null }),
      Voltage_AC: channel({ 0: 230 }, 'V'),
    };
    const { readings } = collectEvents(fronius, log({ 'meter:16220118': device(data) }), context);
    expect(readings.map(({ meterSerial, registerId, flow, value }) => [meterSerial, registerId, flow, value])).toEqual([
      ['16220118', '1', 'from-grid', 100_000],
      ['16220118', '2', 'to-grid', 200_000],
    ]);
  });

  it('of this moment alone, which is no energy of an interval, says that nothing came of it', () => {
    const moment = {
      Body: { Data: { PAC: { Unit: 'W', Values: { 1: 1445 } } } },
      Head: { RequestArguments: { Scope: 'System' } },
    };
    const text = JSON.stringify(moment, undefined, 2);
    expect(detect(Buffer.from(text))).toMatchObject({ format: { name: 'fronius' } });
    const { problems, runs, readings } = collectEvents(fronius, text, context);
    expect([runs, readings]).toEqual([[], []]);
    expect(problems.map(({ rule, message }) => `${rule} ${message}`)).toEqual([
      expect.stringMatching(/^X-10 .*nothing in the file is energy at a known time/),
    ]);
  });

  it('a Start without an offset is not guessed at', () => {
    const data = { EnergyReal_WAC_Sum_Produced: channel({ 0: 1 }) };
    const events = collectEvents(fronius, log({ 'inverter/1': device(data, '2026-06-01T00:00:00') }), context);
    expect(events.runs).toEqual([]);
    expect(events.problems[0]!.message).toContain('is not a Start with an offset');
  });
});

describe('the JSON scanner', () => {
  /** Leaves by path, and where the text broke. */
  function scan(portions: Iterable<Uint8Array>) {
    const leaves: [string, string][] = [];
    let broken = false;
    const scanner = new JsonScanner({
      leaf: (path, kind, text) => leaves.push([path.join('/'), kind === 'string' ? JSON.stringify(text) : text]),
      closed: () => undefined,
      broken: () => {
        broken = true;
      },
    });
    for (const portion of portions) scanner.push(portion);
    scanner.end();
    return { leaves, broken };
  }

  function leavesOf(value: unknown, path: string[] = []): [string, string][] {
    if (value === null || typeof value !== 'object') return [[path.join('/'), JSON.stringify(value)]];
    return Object.entries(value).flatMap(([name, each]) => leavesOf(each, [...path, name]));
  }

  it('reads what JSON.parse reads, however it was cut', () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 4 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (text, lengths) => {
          const { leaves, broken } = scan(cutInto(Buffer.from(text), lengths));
          expect(broken).toBe(false);
          const numbers = leaves.map(([path, value]) => [
            path,
            /^-?\d/.test(value) ? JSON.stringify(Number(value)) : value,
          ]);
          expect(Object.fromEntries(numbers)).toEqual(Object.fromEntries(leavesOf(JSON.parse(text))));
        },
      ),
    );
  });

  function isJson(text: string): boolean {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  }

  it.each([
    ...['-5e-0324', '1e0000', '1E+000001', '0e5', '-0', '5e-324', '1e999'],
    ...[
      '01',
      '-01',
      '1.',
      '.5',
      '1e',
      '1e+',
      '--1',
      '+1',
      '1.5.2',
      '0x1',
      'nul',
      'nullx',
      'True',
      'NaN',
      'Infinity',
      '-',
    ],
    ...[
      '',
      ' ',
      '{"a":1,}',
      '[1,]',
      '[,1]',
      '{"a" 1}',
      '{a:1}',
      '"\\u00g0"',
      '"\\x"',
      '"a\tb"',
      '[1 2]',
      '[1]]',
      '{}{}',
      '1\u00a0',
    ],
    ...['[1,\ufeff2]', '{}\ufeff', '{"\ufeff":1}'],
  ])('agrees with JSON.parse about %j', text => {
    expect(scan([Buffer.from(text)]).broken).toBe(!isJson(text));
  });

  it('reads past a byte order mark at the beginning, as files have one', () => {
    expect(scan([Buffer.from('\ufeff{"a":1}')])).toEqual({ leaves: [['a', '1']], broken: false });
  });

  it('refuses what JSON.parse refuses, and never throws', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.nat(), fc.constantFrom(...'{}[]",:x0\\\n'), (text, at, letter) => {
        const changed = text.slice(0, at % text.length) + letter + text.slice((at % text.length) + 1);
        expect(scan([Buffer.from(changed)]).broken).toBe(!isJson(changed));
      }),
      { numRuns: 500 },
    );
  });

  it('says where a text breaks, and stops at depths nobody means', () => {
    const places: string[] = [];
    const handler = {
      leaf: () => undefined,
      closed: () => undefined,
      broken: (says: string, line: number, column: number) => void places.push(`${line}:${column} ${says}`),
    };
    const wrong = new JsonScanner(handler);
    wrong.push(Buffer.from('{\n "a": 1,\n "b": ?}'));
    wrong.end();
    const deep = new JsonScanner(handler);
    deep.push(Buffer.from('['.repeat(1_000_000)));
    deep.end();
    expect(places).toEqual(['3:7 this is not JSON', '1:33 JSON more than 32 levels deep is not read']);
  });
});
