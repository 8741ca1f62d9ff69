import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RegisterFacts, registerAt } from '../../src/accounts/register-map.ts';
import { advances } from '../../src/consumption/register-advance.ts';
import { exportReadings } from '../../src/exports/export-readings.ts';
import { importFile } from '../../src/imports/import-file.ts';
import { keepFile } from '../../src/imports/keep-file.ts';
import { decide } from '../../src/readings/decide.ts';
import { microKwh } from '../../src/units/energy.ts';
import { isMpan } from '../../src/units/identifiers.ts';
import { addDays, type Day, instant, parseZone, startOfDay } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

const zone = parseZone('Europe/London')!;
const open = () => testHouse({ at: '2026-11-21T10:10:00Z', zone });
const versionAt = instant(Date.parse('2026-10-01T12:00:00Z') / 1000);

let counter = 0;
function nextMpan(): string {
  const core = `12${String(++counter).padStart(10, '0')}`;
  return Array.from({ length: 10 }, (_, digit) => `${core}${digit}`).find(isMpan) ?? nextMpan();
}

async function exported({ house }: TestHouse, format: string, meterPoint: string) {
  const file = await exportReadings({ ...house, zone }, { format, meterPoints: [meterPoint], codes: [] });
  let text = '';
  for await (const part of file.parts()) text += part;
  return text;
}

async function imported({ house }: TestHouse, name: string, text: string) {
  const { sha256 } = await keepFile(house.importFolder, [Buffer.from(text)]);
  return importFile({ ...house, zone }, { name, sha256, strict: true, by: 'test' });
}

const nothing = {
  ...{ multiplierMicro: undefined, digits: undefined, kind: undefined, quantity: '', configuration: '' },
  ...{ timePattern: '', exchange: undefined, source: 0, line: 0 },
};

/** A meter point whose register 01 was told these facts and then showed this on the first of each month. */
function fill({ house }: TestHouse, identifier: string, facts: Partial<RegisterFacts>[], shows: number[], code = '01') {
  const { meterPoints } = house;
  const point =
    meterPoints.find(identifier) ?? meterPoints.add({ identifier, address: '', zone, origin: 'registered' }, 0);
  const register = { serial: 'F75A 00802', kind: 'register', code, flow: 'from-grid', unit: 'kWh' } as const;
  const series = meterPoints.addSeries({ ...register, meterPointId: point.id, intervalMinutes: 30 }, 0);
  for (const { fromDay = '2026-01-01' as Day, ...each } of facts) {
    const told = { ...nothing, fromDay, fromAt: startOfDay(fromDay, zone), versionAt, ...each };
    meterPoints.addRegisterFacts(series, told, 0);
  }
  const told = meterPoints.findSeries(point.id, 'register', code, 'F75A 00802')!;
  shows.forEach((kwh, month) => {
    const at = startOfDay(`2026-${String(month + 1).padStart(2, '0')}-01` as Day, zone);
    const reading = { at, value: microKwh(kwh * 1e6), minutes: 0, quality: 'actual', versionAt } as const;
    expect(decide(house, told, { ...reading, source: 1, line: 0 }, 1_795_000_000).outcome).toBe('accepted');
  });
}

/** What is known of each register: its readings, what they count, and what holds on every day. */
function known({ house }: TestHouse, identifier: string) {
  const series = house.meterPoints.listSeries(house.meterPoints.get(identifier).id);
  return series
    .map(({ id, code, serial, flow, unit, map }) => {
      const readings = house.index.list(id, instant(0), instant(1e10));
      return {
        ...{ code, serial, flow, unit },
        readings: readings.map(({ at, value, quality, versionAt: version }) => [at, value, quality, version]),
        energies: advances(readings, map).map(each => each?.energy),
        holds: Array.from({ length: 400 }, (_, day) =>
          registerAt(map, startOfDay(addDays('2025-12-15' as Day, day), zone)),
        ),
      };
    })
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

const exchanged = {
  fromDay: '2026-01-15' as Day,
  exchange: { finalValue: microKwh(50e6), firstValue: microKwh(0) },
};
const whole = { multiplierMicro: 40_000_000, digits: 5, kind: 'cumulative', quantity: 'AI' } as const;

describe('registers that have a map', () => {
  it('come back out of D0149, D0150 and D0010 with what they stand for, rollover and all, and nothing is left to tell', async () => {
    const [from, to] = [await open(), await open()];
    const id = nextMpan();
    fill(
      from,
      id,
      [
        { ...whole, configuration: '0393', timePattern: '00001' },
        { fromDay: '2026-02-20' as Day, multiplierMicro: 1_200_000 },
        { fromDay: '2026-03-01' as Day, timePattern: '00040' },
      ],
      [99_950, 99_990, 20, 50],
    );
    fill(from, id, [{ ...whole, quantity: 'AE', digits: 6 }], [10, 20], '02');
    const files = ['d0149', 'd0150', 'd0010'];
    const texts = await Promise.all(files.map(format => exported(from, format, id)));
    for (const text of texts) expect((await imported(to, 'export.uff', text)).problems).toEqual([]);
    expect(known(to, id)).toEqual(known(from, id));
    expect(known(to, id).map(({ flow, energies }) => [flow, energies])).toEqual([
      ['from-grid', [1600e6, 1200e6, 36e6]],
      ['to-grid', [400e6]],
    ]);
    for (const text of texts)
      expect((await imported(to, 'export.uff', text)).counts).toMatchObject({ new: 0, conflicting: 0, rejected: 0 });
    expect(await Promise.all(files.map(format => exported(to, format, id)))).toEqual(texts);
    expect(texts[1]!.split('\r\n').slice(0, 6)).toEqual([
      expect.stringMatching(/^ZHV\|0000000001\|D0150002\|D\|WLGR\|X\|WLGR\|20261001130000\|/),
      `288|${id}|20260101|||`,
      '289|0393|20260101|||',
      `290|F75A 00802${'|'.repeat(25)}`,
      '293|01|C|AI|40.00||5|||',
      `288|${id}|20260220|||`,
    ]);
  });

  it('hold the same on every day, whatever was told of them from whichever day on', async () => {
    const item = <T>(...of: T[]) => fc.option(fc.constantFrom(...of), { nil: undefined });
    const fact = fc.record({
      day: fc.integer({ min: 0, max: 300 }),
      multiplierMicro: item(1_000_000, 40_000_000, 500_000),
      digits: item(5, 6),
      configuration: fc.constantFrom('', '0393', '0151'),
      timePattern: fc.constantFrom('', '00001', '00040'),
      later: fc.integer({ min: 0, max: 3 }),
    });
    const first = { day: 0, multiplierMicro: undefined, configuration: '', timePattern: '' } as const;
    const [from, to] = [await open(), await open()];
    await fc.assert(
      fc.asyncProperty(fc.array(fact, { maxLength: 5 }), async drawn => {
        const id = nextMpan();
        const facts = drawn.map(({ day, later, ...each }) => ({
          ...each,
          fromDay: addDays('2026-01-01' as Day, day),
          versionAt: instant(versionAt + later * 86_400),
        }));
        fill(from, id, [{ ...whole, configuration: '0393', timePattern: '00001' }, ...facts], [1, 2, 3]);
        const files = ['d0149', 'd0150', 'd0010'];
        const texts = await Promise.all(files.map(format => exported(from, format, id)));
        for (const text of texts) expect((await imported(to, 'export.uff', text)).problems).toEqual([]);
        expect(known(to, id)).toEqual(known(from, id));
        expect(await Promise.all(files.map(format => exported(to, format, id)))).toEqual(texts);
      }),
      // Found so: a first day told twice, and the configuration told again beside something newer.
      {
        numRuns: 40,
        examples: [[[{ ...first, digits: 6, later: 0 }]], [[{ ...first, digits: 5, later: 1 }]]],
      },
    );
  });

  it.each<[format: string, says: string, facts: Partial<RegisterFacts>[]]>([
    ['d0150', 'nobody told how many digits', [{ multiplierMicro: 40_000_000 }]],
    ['d0149', 'configuration was not told', [{ timePattern: '00001' }]],
    [
      'd0150',
      'exchanged under the same serial',
      [whole, { fromDay: '2026-03-01' as Day, exchange: { finalValue: microKwh(3e6), firstValue: microKwh(0) } }],
    ],
    [
      'd0150',
      'clock of London shows twice',
      [{ ...whole, versionAt: instant(Date.parse('2026-10-25T01:30:00Z') / 1000) }],
    ],
    ['espi', 'is counted 40 times', [whole]],
    ['espi', 'since the meter was exchanged', [exchanged]],
    ['d0010', 'since the meter was exchanged', [exchanged]],
  ])('as %s are refused where %s', async (format, says, facts) => {
    const test = await open();
    const id = nextMpan();
    fill(test, id, facts, [1, 2]);
    await expect(exported(test, format, id)).rejects.toMatchObject({
      code: 'export-unfit',
      message: expect.stringContaining(says),
    });
  });

  it('as Green Button are refused where a dial began again, and else come back, as many digits as they have', async () => {
    const [from, to] = [await open(), await open()];
    const [turned, straight] = [nextMpan(), nextMpan()];
    const once = { ...whole, multiplierMicro: 1_000_000 };
    fill(from, turned, [once], [99_990, 20]);
    fill(from, straight, [once], [20, 99_990]);
    const refused = {
      message: expect.stringContaining('is below the reading before it, which Green Button cannot say'),
    };
    await expect(exported(from, 'espi', turned)).rejects.toMatchObject(refused);
    await imported(to, 'export.xml', await exported(from, 'espi', straight));
    expect(known(to, straight)[0]).toMatchObject({ energies: [99_970e6], holds: { 0: { digits: undefined } } });
  });

  it('as D0010 are refused where they count what neither D0010 nor their map says', async () => {
    const test = await open();
    const id = nextMpan();
    const point = test.house.meterPoints.add({ identifier: id, address: '', zone, origin: 'registered' }, 0);
    const register = { serial: 'M', kind: 'register', code: '01', flow: 'to-grid', unit: 'kWh' } as const;
    const series = test.house.meterPoints.addSeries({ ...register, meterPointId: point.id, intervalMinutes: 30 }, 0);
    const reading = { at: versionAt, value: microKwh(1e6), minutes: 0, quality: 'actual', versionAt } as const;
    decide(test.house, series, { ...reading, source: 1, line: 0 }, 1_795_000_000);
    const refused = { message: expect.stringContaining('the flow to-grid, which no register map tells') };
    await expect(exported(test, 'd0010', id)).rejects.toMatchObject(refused);
  });
});
