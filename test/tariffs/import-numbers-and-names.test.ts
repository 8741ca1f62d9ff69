import { describe, expect, it } from 'vitest';
import { clocksOf } from '../../src/tariffs/foreign/cdr-times.ts';
import { codeOf } from '../../src/tariffs/foreign/component-drafts.ts';
import { decimalText, rateOf } from '../../src/tariffs/foreign/decimals.ts';
import { ImportReport } from '../../src/tariffs/foreign/import-report.ts';
import { SourceObject } from '../../src/tariffs/foreign/source-object.ts';
import { importPlan } from '../../src/tariffs/import-plan.ts';
import { formatRate } from '../../src/units/rate.ts';
import { flat, planDocument, refusalOf } from './fixtures.ts';
import { cdrPeriod, cdrPlan, cdrRate, cdrSingle, cdrTimes, cdrTou, urdbRate } from './foreign-plans.ts';

type Document = Record<string, unknown>;
const componentsOf = (source: unknown, options = {}) =>
  importPlan(JSON.parse(JSON.stringify(source)), undefined, options).document['components'] as Document[];
interface Rate {
  code: string;
  windows?: { days?: string; from: string; to: string }[];
}
const ratesOf = (component: Document | undefined) => (component?.['rates'] ?? []) as Rate[];
const find = (components: Document[], code: string) => components.find(each => each['code'] === code);

describe('a number of another writer', () => {
  it.each<[value: unknown, text: string | undefined]>([
    [0.1, '0.1'],
    [12, '12'],
    [-0.25, '-0.25'],
    [5e-7, '0.0000005'],
    [1.25e-7, '0.000000125'],
    [-1.5e-9, '-0.0000000015'],
    [1e21, '1000000000000000000000'],
    [1.5e21, '1500000000000000000000'],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    ['0.30', '0.30'],
    [' 7. ', '7'],
    ['.5', '0.5'],
    ['+2', '2'],
    ['-.5', '-0.5'],
    ['', undefined],
    ['.', undefined],
    ['-', undefined],
    ['1e5', undefined],
    ['1,5', undefined],
    ['$3', undefined],
    [true, undefined],
    [null, undefined],
    [['1'], undefined],
  ])('%o is %s', (value, text) => {
    expect(decimalText(value)).toBe(text);
  });

  it.each([
    ['0.123456784', '0.12345678', true],
    ['0.123456785', '0.12345679', true],
    ['0.123456786', '0.12345679', true],
    ['-0.123456785', '-0.12345679', true],
    ['0.1234567800', '0.12345678', false],
    ['3', '3', false],
  ])('%s is a price of %s', (text, price, rounded) => {
    const found = rateOf(text);
    expect([formatRate(found.rate), found.rounded]).toEqual([price, rounded]);
  });
});

describe('a name', () => {
  it.each([
    ['Off peak -- (2)', 'OFF_PEAK_2'],
    ['99 peak', 'PEAK'],
    ['peak!!', 'PEAK'],
    ['__peak__', 'PEAK'],
    ['夜', 'RATE'],
    ['a'.repeat(40), 'A'.repeat(32)],
  ])('"%s" is the code %s', (text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it.each([
    ['  ABC1MRE1@@EME--', 'ABC1MRE1-EME'],
    ['--_x', 'x'],
    [`${'a'.repeat(39)}--b`, 'a'.repeat(39)],
    [`${'a'.repeat(50)}`, 'a'.repeat(40)],
  ])('"%s" is the plan code %s', (planId, planCode) => {
    expect(importPlan(cdrPlan({}, { planId })).document).toMatchObject({ planCode });
  });

  it('that several rates have is told apart by the season, then by counting', () => {
    const all = cdrTimes('00:00', '11:59');
    const rest = cdrTimes('12:00', '23:59');
    const period = (prices: string[], dates: object) =>
      cdrPeriod({ ...dates, ...cdrTou(cdrRate('PEAK', prices[0]!, all), cdrRate('PEAK', prices[1]!, rest)) });
    const tariffPeriod = [period(['1', '2'], { endDate: '06-30' }), period(['3', '4'], { startDate: '07-01' })];
    const use = find(componentsOf(cdrPlan({ tariffPeriod })), 'USE');
    expect(ratesOf(use).map(({ code }) => code)).toEqual(['PEAK', 'PEAK_JAN_JUN', 'PEAK_JUL_DEC', 'PEAK_2']);
    const long = 'A'.repeat(40);
    const twice = [cdrPeriod(cdrTou(cdrRate(long, '1', all), cdrRate(long, '2', rest)))];
    const cut = find(componentsOf(cdrPlan({ tariffPeriod: twice })), 'USE');
    expect(ratesOf(cut).map(({ code }) => code)).toEqual(['A'.repeat(32), `${'A'.repeat(28)}_2`]);
  });
});

describe('clock times as publishers write them', () => {
  const read = (fields: Document) => {
    const report = new ImportReport();
    const clocks = clocksOf(new SourceObject({ days: ['MON'], ...fields }, '/t', report));
    return { clocks: clocks.map(({ day, from, to }) => `${day} ${from} ${to}`), problems: report.problems };
  };

  it.each<[start: string | undefined, end: string | undefined, clocks: string[]]>([
    [undefined, undefined, ['MON 0 1440']],
    ['07:00', undefined, ['MON 420 1440']],
    [undefined, '06:59', ['MON 0 420']],
    ['07:00', '22:59', ['MON 420 1380']],
    ['0700', '2300', ['MON 420 1380']],
    ['T07:00', 'T23:00', ['MON 420 1380']],
    ['07:00:00', '22:59:59', ['MON 420 1380']],
    ['070000', '225959', ['MON 420 1380']],
    ['07:00:00.000', '22:59:59.000', ['MON 420 1380']],
    ['07:00', '00:00', ['MON 420 1440']],
    ['07:00', '24:00', ['MON 420 1440']],
    ['00:00', '23:59', ['MON 0 1440']],
    ['22:00', '06:59', ['MON 0 420', 'MON 1320 1440']],
    ['07:00', '07:00', ['MON 0 420', 'MON 420 1440']],
    ['07:03', '07:08', ['MON 423 428']],
  ])('%s to %s is %o', (startTime, endTime, clocks) => {
    expect(read({ startTime, endTime })).toEqual({ clocks, problems: [] });
  });

  it.each<[start: string, end: string, place: string, said: string]>([
    ['x07:00', '09:00', '/t/startTime', 'x07:00'],
    ['7:00', '09:00', '/t/startTime', '7:00'],
    ['07:60', '09:00', '/t/startTime', '07:60'],
    ['07:00:00.5', '09:00', '/t/startTime', '07:00:00.5'],
    ['24:00', '09:00', '/t/startTime', '24:00'],
    ['07:00', '24:01', '/t/endTime', '24:01'],
    ['07:00', '09:00+10:00', '/t/endTime', '09:00+10:00'],
    ['07:00', 'x', '/t/endTime', 'x'],
  ])('%s to %s is refused', (startTime, endTime, pointer, said) => {
    const message = `"${said}" must be a clock time without an offset, such as 21:00`;
    expect(read({ startTime, endTime }).problems).toEqual([{ pointer, message }]);
  });

  it('on days by name, holidays too; on all days of the week when none is named', () => {
    expect(read({ days: ['SAT', 'PUBLIC_HOLIDAYS'] }).clocks).toEqual(['SAT 0 1440', 'PUBLIC_HOLIDAY 0 1440']);
    expect(read({ days: [] }).clocks).toHaveLength(7);
    expect(read({ days: ['MON', 'Monday'] })).toEqual({
      clocks: ['MON 0 1440'],
      problems: [{ pointer: '/t/days/1', message: '"Monday" is no day' }],
    });
  });
});

describe('public holidays that have a price of their own', () => {
  const weekdays = ['MON', 'TUE', 'WED', 'THU', 'FRI'];
  const use = cdrTou(
    cdrRate('PEAK', '0.5', cdrTimes('00:00', '23:59', weekdays)),
    cdrRate('OFF_PEAK', '0.2', cdrTimes('00:00', '23:59', ['SAT', 'SUN', 'PUBLIC_HOLIDAYS'])),
  );
  const withLoad = (...times: unknown[]) =>
    cdrPlan({
      tariffPeriod: [cdrPeriod(use)],
      controlledLoad: [
        {
          displayName: 'Pool',
          timeOfUseRates: times.map((time, at) => ({
            type: `R${at}`,
            rates: [{ unitPrice: '0.1' }],
            timeOfUse: [time],
          })),
        },
      ],
    });

  it('are as any day where all days are alike', () => {
    const load = find(componentsOf(withLoad(cdrTimes('07:00', '22:59'), cdrTimes('23:00', '06:59'))), 'CL');
    expect(load).toMatchObject({
      rates: [
        { code: 'R0', windows: [{ from: '07:00', to: '23:00' }] },
        {
          code: 'R1',
          windows: [
            { from: '00:00', to: '07:00' },
            { from: '23:00', to: '24:00' },
          ],
        },
      ],
    });
  });

  it('are refused where the days differ and holidays are not named', () => {
    const source = withLoad(cdrTimes('00:00', '23:59', weekdays), cdrTimes('00:00', '23:59', ['SAT', 'SUN']));
    expect(refusalOf(() => componentsOf(source)).fields).toEqual([
      {
        pointer: '/data/electricityContract/controlledLoad/0',
        message: 'public holidays have a price elsewhere in the plan, and here nothing is said of them',
      },
    ]);
  });

  it('are as any day for power that is priced every day', () => {
    const power = { displayName: 'Power', amount: '1', measureUnit: 'KW', ...cdrTimes('16:00', '20:59') };
    const demand = (parts: object) =>
      find(
        componentsOf(cdrPlan({ tariffPeriod: [{ ...cdrPeriod(use), demandCharges: [{ ...power, ...parts }] }] })),
        'DEM',
      );
    expect(demand({})).toMatchObject({ windows: [{ from: '16:00', to: '21:00' }] });
    expect(demand({ startTime: undefined, endTime: undefined })).not.toHaveProperty('windows');
  });
});

describe('what a source need not say', () => {
  it.each<[what: string, parts: Document, expected: Document]>([
    ['the unit of a charge', { fixedchargeunits: undefined }, { per: 'MONTH' }],
    ['the unit of a daily charge', { fixedchargeunits: '$/day' }, { per: 'DAY' }],
  ])('%s', (_, parts, expected) => {
    expect(find(componentsOf(urdbRate(parts)), 'SUPPLY')).toMatchObject(expected);
  });

  it.each<[what: string, source: unknown, minimum: Document]>([
    ['the unit of a minimum', urdbRate({ mincharge: 5 }), { period: 'P1M', amount: '5' }],
    ['a yearly one', urdbRate({ mincharge: 5, minchargeunits: '$/year' }), { period: 'P1Y', amount: '5' }],
  ])('%s', (_, source, minimum) => {
    expect(importPlan(JSON.parse(JSON.stringify(source))).document).toMatchObject({ minimum });
  });

  it('a clock, which the periods say together', () => {
    const period = { ...cdrPeriod(cdrSingle([{ unitPrice: '0.3' }])), timeZone: 'AEST' };
    const { document, notes } = importPlan(cdrPlan({ timeZone: 'LOCAL', tariffPeriod: [period] }));
    expect(document).toMatchObject({ timeZone: 'AEST' });
    expect(notes).toContainEqual({
      pointer: '/data/electricityContract/timeZone',
      message: 'the tariff periods say AEST, and so it is taken for the whole plan',
    });
    const agreed = importPlan(JSON.parse(JSON.stringify(cdrPlan({ timeZone: 'AEST', tariffPeriod: [period] }))));
    expect(agreed.notes.map(({ pointer }) => pointer)).not.toContain('/data/electricityContract/timeZone');
    const silent = importPlan(JSON.parse(JSON.stringify(cdrPlan({ timeZone: undefined, tariffPeriod: [period] }))));
    expect(silent.notes.map(({ pointer }) => pointer)).not.toContain('/data/electricityContract/timeZone');
  });

  it('a supply charge twice: two periods of two types share it, unless somebody says BOTH', () => {
    const period = (type: string) => ({ ...cdrPeriod(cdrSingle([{ unitPrice: '0.3' }])), type });
    const source = cdrPlan({ tariffPeriod: [period('RETAIL_SERVICE'), period('NETWORK')] });
    const codes = (options = {}) => componentsOf(source, options).map(each => each['code']);
    expect(codes()).toEqual(['USE', 'USE_NETWORK', 'SUPPLY']);
    expect(codes({ answers: { 'SUPPLY_NETWORK.count': 'BOTH' } })).toEqual([
      'USE',
      'USE_NETWORK',
      'SUPPLY',
      'SUPPLY_NETWORK',
    ]);
  });

  it('a controlled load, of a plan for sites without it', () => {
    const load = {
      displayName: 'Hot water',
      singleRate: { dailySupplyCharge: '0.05', rates: [{ unitPrice: '0.15' }] },
    };
    const codes = (answer: string) =>
      componentsOf(cdrPlan({ controlledLoad: [load] }), { answers: { 'CL.sites': answer } }).map(each => each['code']);
    expect(codes('WITHOUT')).toEqual(['USE', 'SUPPLY']);
    expect(codes('WITH')).toEqual(['USE', 'CL', 'CL_SUPPLY', 'SUPPLY']);
  });
});

it('a long value that nobody knows is shown by its beginning', () => {
  const message = (surcharge: unknown) => refusalOf(() => componentsOf(urdbRate({ 'a/b~c': surcharge }))).fields[0];
  expect(message('x'.repeat(78))).toEqual({
    pointer: '/a~1b~0c',
    message: `"a/b~c" is not known to this importer, so what it charges would be lost: "${'x'.repeat(78)}"`,
  });
  expect(message('x'.repeat(79))?.message).toMatch(/lost: "x{79}…$/);
});

it('the first refusal is told with the number of the others', () => {
  const words = (parts: Document) => refusalOf(() => componentsOf(urdbRate(parts))).message;
  expect(words({ a: 1 })).toMatch(/^\/a: .*lost: 1$/);
  expect(words({ a: 1, b: 2, c: 3 })).toMatch(/^\/a: .*lost: 1 \(and 2 more\)$/);
});

it('an answer that is none of the choices is refused with them', () => {
  const source = urdbRate({ dgrules: 'Net Metering' });
  expect(refusalOf(() => componentsOf(source, { answers: { 'USE.net': 'SOME' } })).fields).toEqual([
    { pointer: '/dgrules', message: 'the answer to USE.net is SOME, and must be one of PER_INTERVAL, GROSS' },
  ]);
});

describe('what a source is', () => {
  const { data } = cdrPlan({});

  it('a plan of our own, which is proved and left as it is', () => {
    const own = planDocument({ components: [flat('1')] });
    expect(importPlan(own)).toEqual({ document: own, notes: [], questions: [] });
    expect(refusalOf(() => importPlan(planDocument({ components: [flat('dear')] }))).code).toBe('plan-invalid');
    for (const source of [null, 'plan', 7])
      expect(refusalOf(() => importPlan(source, 'own')).code).toBe('plan-import-refused');
  });

  it('a CDR plan with or without the answer it came in, for gas too', () => {
    expect(importPlan(data).document).toMatchObject({ planCode: 'LAN100001MRE1-EME' });
    expect(refusalOf(() => importPlan({ gasContract: { a: 1 } })).fields.map(({ pointer }) => pointer)).toContain(
      '/gasContract',
    );
  });

  it('a URDB rate by any of its parts', () => {
    expect(
      importPlan({ ...urdbRate(), energyratestructure: undefined, flatdemandstructure: [[{ rate: 2 }]] }, 'urdb')
        .document,
    ).toMatchObject({
      planCode: '64f0a1',
    });
    const { energyratestructure: _, energyweekdayschedule: __, energyweekendschedule: ___, ...rest } = urdbRate();
    expect(importPlan({ ...rest, flatdemandstructure: [[{ rate: 2 }]] }).document).toMatchObject({ currency: 'USD' });
  });

  it('sold where its distributor is', () => {
    const place = (...distributors: string[]) =>
      importPlan(cdrPlan({}, { geography: { distributors } })).document['jurisdiction'];
    expect(
      [' Ausgrid ', 'SA Power Networks', 'Energex', 'Ergon Energy', 'Jemena', 'Evoenergy', 'Tasnetworks'].map(name =>
        place(name),
      ),
    ).toEqual(['AU-NSW', 'AU-SA', 'AU-QLD', 'AU-QLD', 'AU-VIC', undefined, undefined]);
    expect([place('Ausgrid', 'Essential Energy'), place('Ausgrid', 'Energex'), place()]).toEqual([
      'AU-NSW',
      undefined,
      undefined,
    ]);
    expect(
      importPlan(JSON.parse(JSON.stringify(cdrPlan({}, { geography: undefined, displayName: 'Somewhere' })))).document,
    ).not.toHaveProperty('jurisdiction');
  });
});

describe('hours of days become windows', () => {
  const days = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'];
  const imported = (...timeOfUse: [type: string, ...times: unknown[]][]) =>
    importPlan(
      cdrPlan({
        tariffPeriod: [
          cdrPeriod(cdrTou(...timeOfUse.map(([type, ...times]) => cdrRate(type, `0.${type.length}`, ...times)))),
        ],
      }),
    ).document;
  const windows = (document: Document) =>
    ratesOf((document['components'] as Document[])[0]).map(
      rate =>
        `${rate.code}: ${rate.windows?.map(({ days = '', from, to }) => `${days} ${from} ${to}`.trim()).join(', ')}`,
    );

  it('in the order of the day, however they were told, and joined where they touch', () => {
    const document = imported(
      [
        'PEAK',
        cdrTimes('18:00', '20:00'),
        cdrTimes('06:00', '09:00'),
        cdrTimes('17:00', '18:00'),
        cdrTimes('06:00', '08:00'),
      ],
      ['REST', cdrTimes('20:00', '24:00'), cdrTimes('00:00', '06:00'), cdrTimes('09:00', '17:00')],
    );
    expect(windows(document)).toEqual([
      'PEAK: 06:00 09:00, 17:00 20:00',
      'REST: 00:00 06:00, 09:00 17:00, 20:00 24:00',
    ]);
    expect(document['dayTypes']).toEqual({});
  });

  it('by types of days that are named after their days', () => {
    const document = imported(
      ['ONE', cdrTimes('00:00', '24:00', ['MON', 'WED'])],
      ['OTHER', cdrTimes('00:00', '24:00', ['TUE', 'THU', 'FRI'])],
      ['WEEKEND', cdrTimes('00:00', '24:00', ['SAT', 'SUN'])],
    );
    expect(document['dayTypes']).toEqual({
      MON_WED: ['MON', 'WED'],
      TUE_THU_FRI: ['TUE', 'THU', 'FRI'],
      WE: ['SAT', 'SUN'],
    });
    const holidays = imported(
      ['A', cdrTimes('00:00', '24:00', [...days.slice(0, 6)])],
      ['BB', cdrTimes('00:00', '24:00', ['SUN', 'PUBLIC_HOLIDAYS'])],
    );
    expect(holidays['dayTypes']).toEqual({
      MON_TUE_WED_THU_FRI_SAT: days.slice(0, 6),
      SUN_PH: ['SUN', 'PUBLIC_HOLIDAY'],
    });
  });

  const sold = (...times: unknown[]) => {
    const tariff = (time: unknown, at: number) => ({
      type: `T${at}`,
      rates: [{ unitPrice: `0.${at + 1}` }],
      timeVariations: [time],
    });
    const fit = find(componentsOf(cdrPlan({ solarFeedInTariff: [{ timeVaryingTariffs: times.map(tariff) }] })), 'FIT');
    return ratesOf(fit).map(({ code }) => code);
  };
  it.each<[what: string, times: unknown[], codes: string[]]>([
    ['the whole week leaves nothing', [cdrTimes('00:00', '12:00'), cdrTimes('12:00', '24:00')], ['T0', 'T1']],
    ['an evening leaves the rest', [cdrTimes('16:00', '21:00')], ['T0', 'OTHER']],
    ['a first hour is missing', [cdrTimes('01:00', '24:00')], ['T0', 'OTHER']],
    ['a last hour is missing', [cdrTimes('00:00', '23:00')], ['T0', 'OTHER']],
    ['an hour between is missing', [cdrTimes('00:00', '11:00'), cdrTimes('12:00', '24:00')], ['T0', 'T1', 'OTHER']],
    ['a day is missing', [cdrTimes('00:00', '24:00', days.slice(1))], ['T0', 'OTHER']],
  ])('of solar: %s', (_, times, codes) => {
    expect(sold(...times)).toEqual(codes);
  });
});
