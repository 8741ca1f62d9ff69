import { describe, expect, it } from 'vitest';
import { billingPeriodOf, billRun } from '../../src/billing/bill-run.ts';
import { readPlan } from '../../src/tariffs/plan.ts';
import type { Day, Month } from '../../src/units/time.ts';
import { testHouse } from '../open-house.ts';
import { embeddedNetwork, flat, planDocument, supplyPerDay } from '../tariffs/fixtures.ts';

const month = '2025-07' as Month;
const halfHours = 31 * 48;

interface Sketch {
  leftOut?: (slot: number) => boolean;
  minutes?: number;
}

/** A house whose customer 1 has a meter point that was read in every half-hour of July but `left out`, and is on plan BAD. */
async function customer({ leftOut = () => false, minutes = 30 }: Sketch = {}) {
  const { house, app, authorization } = await testHouse({ at: '2025-08-02T00:00:00Z', zone: 'UTC' });
  const headers = { authorization: authorization() };
  const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload, headers });
  const series = [{ kind: 'channel', code: 'E1', flow: 'from-grid', intervalMinutes: minutes }];
  await post('/v1/meter-points', { identifier: 'm-1', series });
  await post('/v1/accounts', { number: '1', name: 'Shop 1' });
  expect(
    (await post('/v1/accounts/1/supplies', { meterPoint: 'm-1', plan: 'BAD', from: '2025-07-01' })).statusCode,
  ).toBe(201);
  const start = Date.parse('2025-07-01T00:00:00Z') / 1000;
  const readings = Array.from({ length: (halfHours * 30) / minutes }, (_, slot) => slot)
    .filter(slot => !leftOut(slot))
    .map(slot => ({ meterPoint: 'm-1', start: start + slot * minutes * 60, energy: '0.5' }));
  for (let at = 0; at < readings.length; at += 1000)
    expect((await post('/v1/readings', readings.slice(at, at + 1000))).json()).toMatchObject({ rejected: 0 });
  const problems = async () => {
    const [bill] = await billRun(house, billingPeriodOf(month));
    return bill?.verdict === 'parked' ? bill.problems : [bill?.verdict];
  };
  return { house, post, problems };
}

const window = (from: string, to: string) => [{ from, to }];
const use = (parts: object) => planDocument({ planCode: 'BAD', components: [{ ...flat('0.3'), ...parts }] });
const rates = (...list: object[]) =>
  use({ rates: list.map((rate, at) => ({ code: `R${at}`, unitPrice: '0.3', ...rate })) });

describe('a plan that cannot be right is refused with its place, and nothing is billed by it', () => {
  it.each([
    ['a hole', rates({ windows: window('00:00', '21:00') }), '/components/0/rates', '21:00–24:00 has no rate'],
    [
      'an overlap',
      rates({ windows: window('00:00', '13:00') }, { windows: window('12:00', '24:00') }),
      '/components/0/rates/1/windows/0',
      '12:00–13:00 has two rates, R0 and R1',
    ],
    [
      'a window of nothing',
      rates({ windows: window('07:00', '07:00') }, {}),
      '/components/0/rates/0/windows/0/to',
      'the same time',
    ],
    [
      'a season nobody named',
      rates({ windows: [{ season: 'HOT', from: '00:00', to: '24:00' }] }, {}),
      '/components/0/rates/0/windows/0/season',
      'HOT',
    ],
    ['an unknown zone', { ...use({}), timeZone: 'Mars/Olympus' }, '/timeZone', 'must be LOCAL, AEST or a time zone'],
    [
      'a price in words',
      use({ rates: [{ code: 'ALL', unitPrice: 'cheap' }] }),
      '/components/0/rates/0/unitPrice',
      'decimal',
    ],
    [
      'a price that is a number',
      use({ rates: [{ code: 'ALL', unitPrice: 0.3 }] }),
      '/components/0/rates/0/unitPrice',
      'string',
    ],
    [
      'a price with an exponent',
      use({ rates: [{ code: 'ALL', unitPrice: '3e-1' }] }),
      '/components/0/rates/0/unitPrice',
      'decimal',
    ],
    [
      'tiers that descend',
      use({
        tierPeriod: 'P1M',
        rates: [
          {
            code: 'ALL',
            tiers: [{ upTo: '200', unitPrice: '0.3' }, { upTo: '100', unitPrice: '0.2' }, { unitPrice: '0.1' }],
          },
        ],
      }),
      '/components/0/rates/0/tiers/1/upTo',
      'must ascend',
    ],
    ['a field nobody bills', use({ surcharge: '1' }), '/components/0/surcharge', '"surcharge" is not a field'],
    ['another currency', { ...use({}), currency: 'NZD' }, '/currency', 'must be AUD'],
  ])('%s', async (_, document, pointer, says) => {
    const { post, problems } = await customer({ leftOut: () => true });
    const answer = await post('/v1/plans', document);
    expect([answer.statusCode, answer.json().code]).toEqual([
      422,
      pointer === '/currency' ? 'plan-currency' : 'plan-invalid',
    ]);
    expect(answer.json().errors).toContainEqual({ pointer, message: expect.stringContaining(says) });
    expect(await problems()).toEqual(['m-1: there is no plan BAD']);
  });
});

describe('a sound plan that does not fit the customer parks the bill', () => {
  const sound = use({});
  it.each<[string, object, Sketch, unknown]>([
    [
      'missing readings',
      sound,
      { leftOut: (slot: number) => slot === 700 || slot > 1480 },
      'm-1: IMPORT lacks 8 of 1488 intervals, the first from 2025-07-15T14:00:00+00:00',
    ],
    [
      'no reading at all',
      sound,
      { leftOut: () => true },
      'm-1: IMPORT lacks 1488 of 1488 intervals, the first from 2025-07-01T00:00:00+00:00',
    ],
    [
      'a register that the site lacks',
      planDocument({ planCode: 'BAD', components: [flat('0.1', 'CONTROLLED_LOAD')] }),
      {},
      'm-1: plan BAD prices register CONTROLLED_LOAD from 2025-07-01, and the site has IMPORT',
    ],
    [
      'intervals too long for the windows',
      {
        ...embeddedNetwork,
        planCode: 'BAD',
        components: [
          {
            ...flat('0'),
            rates: [
              { code: 'A', unitPrice: '1', windows: window('00:00', '07:30') },
              { code: 'B', unitPrice: '2' },
            ],
          },
        ],
      },
      { minutes: 60 },
      expect.stringMatching(/^m-1: .*07:00/),
    ],
    [
      'a plan that begins later',
      { ...sound, effectiveFrom: '2025-07-10' },
      {},
      expect.stringMatching(/^m-1: no version of the plan is in force on 2025-07-01/),
    ],
    [
      'a plan that has ended',
      { ...sound, effectiveTo: '2025-07-20' },
      {},
      expect.stringMatching(/^m-1: plan BAD version 1 ended before 2025-07-20/),
    ],
    [
      'a fact nobody told',
      planDocument({ planCode: 'BAD', components: [{ ...flat('0.1'), kind: 'passThrough', lossFactor: 'DLF' }] }),
      {},
      expect.stringMatching(/^m-1: .*DLF/),
    ],
    [
      'holidays nobody told',
      planDocument({
        planCode: 'BAD',
        holidayCalendar: 'AU-SA',
        dayTypes: { WORK: ['MON', 'TUE', 'WED', 'THU', 'FRI'], FREE: ['SAT', 'SUN', 'PUBLIC_HOLIDAY'] },
        components: [
          {
            ...flat('0'),
            rates: [
              { code: 'A', unitPrice: '1', windows: [{ days: 'WORK', from: '00:00', to: '24:00' }] },
              { code: 'B', unitPrice: '2', windows: [{ days: 'FREE', from: '00:00', to: '24:00' }] },
            ],
          },
        ],
      }),
      {},
      expect.stringMatching(/^m-1: .*AU-SA/),
    ],
  ])('%s', async (_, document, readings, problem) => {
    const { post, problems } = await customer(readings);
    expect((await post('/v1/plans', document)).statusCode).toBe(201);
    expect(await problems()).toEqual([problem]);
  });

  it('a plan in another currency that was saved before CURRENCY said so', async () => {
    const { house, problems } = await customer();
    const document = JSON.stringify({ ...sound, currency: 'NZD', components: [flat('0.3'), supplyPerDay('1')] });
    house.database
      .prepare(
        `INSERT INTO plan_version (plan_code, version, effective_from, document, sha256, created_at)
         VALUES ('BAD', 1, @from, @document, 'x', 0)`,
      )
      .run({ from: '2000-01-01' as Day, document });
    expect(await problems()).toEqual(['m-1: plan BAD is in NZD, and the books are kept in AUD']);
  });
});

describe('numbers beyond all measure are refused with a sentence, and the process goes on', () => {
  const days = { from: '2025-07-01', to: '2025-07-02' };
  const preview = (document: object, energy: string, facts?: object) => ({
    plan: { document },
    readings: { zone: 'UTC', registers: { IMPORT: { intervalMinutes: 30, energies: Array(48).fill(energy) } } },
    ...days,
    ...(facts && { facts }),
  });
  const perPiece = planDocument({
    components: [{ ...supplyPerDay('1'), each: { quantity: 'LAMPS', unit: 'each' } }],
  });
  const power = planDocument({
    components: [{ kind: 'demand', code: 'DEM', unitPrice: '5', tax: 'GST', interval: 'PT30M' }],
  });

  it.each([
    [
      'energy that no double adds up exactly',
      preview(use({}), '4000000000'),
      'IMPORT comes to more than nine billion kWh',
    ],
    ['power that no double holds exactly', preview(power, '4503599627.370495'), undefined],
    [
      'half a lamp',
      preview(perPiece, '1', { quantities: { LAMPS: '0.5' } }),
      'LAMPS in pieces, and 0.5 is no whole number',
    ],
  ])('%s', async (_, body, says) => {
    const { app, authorization, failures } = await testHouse();
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/plans/preview',
      payload: body,
      headers: { authorization: authorization(['bills:read']) },
    });
    if (says === undefined) expect(answer.statusCode).toBe(200);
    else
      expect(answer.json()).toMatchObject({
        status: 409,
        code: 'quantity-unbillable',
        detail: expect.stringContaining(says),
      });
    expect(failures).toEqual([]);
  });

  it('parks a bill of absurd readings', async () => {
    const { post, problems } = await customer({ leftOut: slot => slot < 48 });
    expect((await post('/v1/plans', use({}))).statusCode).toBe(201);
    const start = Date.parse('2025-07-01T00:00:00Z') / 1000;
    const absurd = Array.from({ length: 48 }, (_, slot) => ({
      ...{ meterPoint: 'm-1', start: start + slot * 1800, energy: '4000000000' },
    }));
    expect((await post('/v1/readings', absurd)).json()).toMatchObject({ rejected: 0 });
    expect(await problems()).toEqual(['m-1: IMPORT comes to more than nine billion kWh: is a reading wrong?']);
  });

  it('parks a bill whose two channels measure lengths that do not fit into each other', async () => {
    const { house, app, authorization } = await testHouse({ at: '2025-08-02T00:00:00Z', zone: 'UTC' });
    const headers = { authorization: authorization() };
    const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload, headers });
    // A meter's own registration knows lengths that divide each other; a file may bring any.
    const channel = { kind: 'channel', flow: 'from-grid' } as const;
    house.meterPoints.addWithSeries(
      { identifier: 'm-1', address: '', zone: house.config.zone, origin: 'registered' },
      [
        { ...channel, code: 'E1', intervalMinutes: 20 },
        { ...channel, code: 'E2', intervalMinutes: 30 },
      ],
      0,
    );
    await post('/v1/accounts', { number: '1', name: 'Shop 1' });
    await post('/v1/accounts/1/supplies', { meterPoint: 'm-1', plan: 'BAD', from: '2025-07-01' });
    await post('/v1/plans', use({}));
    const start = '2025-07-01T00:00:00Z';
    for (const channel of ['E1', 'E2']) await post('/v1/readings', { meterPoint: 'm-1', channel, start, energy: '1' });
    const [bill] = await billRun(house, billingPeriodOf(month));
    expect(bill).toMatchObject({
      verdict: 'parked',
      problems: [expect.stringContaining('measure 20 and 30 minutes, and these do not fit into each other')],
    });
  });
});

describe('a document larger than any plan is refused before it keeps meters waiting', () => {
  const many = <T>(count: number, each: (at: number) => T) => Array.from({ length: count }, (_, at) => each(at));
  it.each([
    [
      'a price of 40 digits',
      use({ rates: [{ code: 'ALL', unitPrice: '9'.repeat(40) }] }),
      '/components/0/rates/0/unitPrice',
    ],
    [
      'a thousand tiers',
      use({
        tierPeriod: 'P1M',
        rates: [
          { code: 'ALL', tiers: [...many(1000, at => ({ upTo: `${at + 1}`, unitPrice: '1' })), { unitPrice: '2' }] },
        ],
      }),
      '/components/0/rates/0/tiers',
    ],
    [
      'ten thousand windows',
      rates({ windows: many(10_000, () => ({ from: '00:00', to: '24:00' })) }),
      '/components/0/rates/0/windows',
    ],
    [
      'a thousand components',
      planDocument({ components: many(1000, at => ({ ...supplyPerDay('1'), code: `S${at}` })) }),
      '/components',
    ],
    [
      'a season for every day',
      { ...use({}), seasons: Object.fromEntries(many(366, at => [`S${at}`, ['01-01', '12-31']])) },
      '/seasons',
    ],
    ['a name of a thousand letters', { ...use({}), displayName: 'x'.repeat(1000) }, '/displayName'],
    ['a name of spaces', { ...use({}), displayName: '   ' }, '/displayName'],
  ])('%s', (_, document, pointer) => {
    expect(() => readPlan(document)).toThrow(
      expect.objectContaining({
        code: 'plan-invalid',
        fields: expect.arrayContaining([expect.objectContaining({ pointer })]),
      }),
    );
  });
});
