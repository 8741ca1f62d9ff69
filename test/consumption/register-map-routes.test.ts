import { beforeEach, describe, expect, it } from 'vitest';
import { registerTable } from '../../src/billing/usage-tables.ts';
import { registerPeriod } from '../../src/consumption/register-period.ts';
import { decide } from '../../src/readings/decide.ts';
import { parseInstant, type Zone } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';
import { kWh } from './register-map-fixture.ts';

const zone = 'Europe/London' as Zone;
let test: TestHouse;
let authorization: string;

beforeEach(async () => {
  test = await testHouse({ at: '2026-06-01T12:00:00Z', zone });
  authorization = test.authorization();
  const register = { kind: 'register', code: '01', flow: 'from-grid' };
  await send('POST', '/v1/meter-points', { identifier: 'p-1', series: [register, { ...register, code: '02' }] });
});

async function send(method: 'GET' | 'PUT' | 'POST', url: string, payload?: object) {
  const answer = await test.app.inject({ method, url, headers: { authorization }, ...(payload && { payload }) });
  return { status: answer.statusCode, body: answer.json() };
}

function read(...values: [day: string, value: string][]) {
  return send(
    'POST',
    '/v1/readings',
    values.map(([day, value]) => ({ meterPoint: 'p-1', register: '01', at: `${day}T00:00:00`, value })),
  );
}

function consumption(from: string, to: string) {
  return send('GET', `/v1/meter-points/p-1/consumption?from=${from}T00:00:00&to=${to}T00:00:00&group=day`);
}

function billed(from: string, to: string) {
  const { id } = test.house.meterPoints.get('p-1');
  const period = { from: parseInstant(`${from}T00:00:00`, zone)!, to: parseInstant(`${to}T00:00:00`, zone)! };
  return registerTable(test.house.consumption.energyOf(id, period)).find(({ code }) => code === '01');
}

it('what was known at a time is counted with what had been told of the register then', async () => {
  await read(['2026-03-01', '100'], ['2026-04-01', '110']);
  const then = new Date(test.clock.now()).toISOString();
  test.clock.advance(60_000);
  const told = { register: '01', from: '2026-01-01', multiplier: '40' };
  expect(await send('PUT', '/v1/meter-points/p-1/register-map', told)).toMatchObject({ body: { outcome: 'new' } });
  const energyAt = async (query: string) => {
    const url = `/v1/meter-points/p-1/consumption?from=2026-03-01T00:00:00&to=2026-04-01T00:00:00&group=day${query}`;
    return (await send('GET', url)).body.data.find(({ code }: { code: string }) => code === '01').energy;
  };
  expect(await energyAt('')).toBe('400');
  expect(await energyAt(`&as_known_at=${then}`)).toBe('10');
  expect(await energyAt(`&as_known_at=${new Date(test.clock.now()).toISOString()}`)).toBe('400');
});

describe('a register behind a transformer that passes its end', () => {
  it('is refused while nobody said how many digits it has, and billed to the unit once somebody did', async () => {
    expect((await read(['2026-03-01', '99990'], ['2026-04-01', '00020'])).body).toMatchObject({
      accepted: 1,
      rejected: 1,
    });
    const told = await send('PUT', '/v1/meter-points/p-1/register-map', {
      ...{ register: '01', from: '2026-01-01', multiplier: '40', digits: 5, quantity: 'AI', timePattern: '00001' },
    });
    expect(told).toMatchObject({ status: 200, body: { outcome: 'new' } });
    expect((await read(['2026-04-01', '20'])).body).toMatchObject({ accepted: 1 });

    const { body } = await consumption('2026-03-01', '2026-04-01');
    const register = body.data.find(({ code }: { code: string }) => code === '01');
    expect(register).toMatchObject({
      startValue: '99990',
      endValue: '20',
      energy: '1200',
      dial: {
        multiplier: '40',
        digits: 5,
        arithmetic: '(20 − 99990 + 100000) × 40',
        apportionment: 'straight-line',
        advances: [{ energy: '1200', arithmetic: '(20 − 99990 + 100000) × 40 = 1200 kWh' }],
      },
    });
    const days: { energy: string }[] = register.groups;
    expect(days).toHaveLength(31);
    expect(days.reduce((sum, { energy }) => sum + Math.round(Number(energy) * 1e6), 0)).toBe(1_200_000_000);

    expect(billed('2026-03-01', '2026-04-01')).toMatchObject({
      startValue: '99990',
      endValue: '20',
      usage: '1200',
      multiplier: '40',
      digits: 5,
      arithmetic: '(20 − 99990 + 100000) × 40',
    });
  });

  it('counts the same for who asks in the words of the power consumption API', async () => {
    await send('PUT', '/v1/meter-points/p-1/register-map', {
      ...{ register: '01', from: '2026-01-01', multiplier: '40', digits: 5 },
    });
    await read(['2026-03-01', '99990'], ['2026-03-31', '20']);
    const { id } = test.house.meterPoints.get('p-1');
    const register = test.house.meterPoints.findSeries(id, 'register', '01')!;
    const at = (day: string) => parseInstant(`${day}T00:00:00Z`, zone)!;
    const counted = registerPeriod(test.house.index, register, { from: at('2026-03-11'), to: at('2026-04-05') })!;
    // Ten days of thirty, less an hour of summer time: 10.01 of the 30 units, and then as far as anybody read.
    expect(counted.start).toEqual({ at: at('2026-03-11'), value: kWh(0.013908) });
    expect(counted.end.value).toBe(kWh(20));
    expect(counted).toMatchObject({ consumption: 799_443_672, estimated: true });
  });

  it('is billed with its multiplier', async () => {
    const plan = {
      ...{ planCode: 'FLAT', displayName: 'Flat', currency: 'AUD', taxBasis: 'EXCLUSIVE', effectiveFrom: '2026-01-01' },
      taxes: { GST: { name: 'GST', percent: '10' } },
      components: [
        { kind: 'energy', code: 'USE', register: 'IMPORT', rates: [{ code: 'ALL', unitPrice: '0.25' }], tax: 'GST' },
      ],
    };
    expect((await send('POST', '/v1/plans', plan)).status).toBe(201);
    await send('POST', '/v1/accounts', { number: 'A-1', name: 'Bakery' });
    await send('POST', '/v1/meter-points', {
      identifier: 'p-2',
      series: [{ kind: 'register', code: '01', flow: 'from-grid' }],
    });
    await send('POST', '/v1/accounts/A-1/supplies', { meterPoint: 'p-2', plan: 'FLAT', from: '2026-03-01' });
    await send('PUT', '/v1/meter-points/p-2/register-map', {
      ...{ register: '01', from: '2026-01-01', multiplier: '40', digits: 5 },
    });
    const readings = [
      { meterPoint: 'p-2', register: '01', at: '2026-03-01T00:00:00', value: '99990' },
      { meterPoint: 'p-2', register: '01', at: '2026-04-01T00:00:00', value: '20' },
    ];
    await send('POST', '/v1/readings', readings);
    const { body } = await send('POST', '/v1/bill-runs', { month: '2026-03' });
    // 1200 kWh × 0.25 and a tenth of it.
    expect(body.bills).toMatchObject([{ account: 'A-1', verdict: 'issued', totalDue: '330.00' }]);
    const { document } = test.house.invoices.get(body.bills[0].number);
    expect(document.supplies[0]!.registers).toMatchObject([
      { startValue: '99990', endValue: '20', digits: 5, multiplier: '40', arithmetic: '(20 − 99990 + 100000) × 40' },
    ]);
  });

  it('shows on the bill which end nobody read', async () => {
    await send('PUT', '/v1/meter-points/p-1/register-map', { register: '01', from: '2026-01-01', multiplier: '2' });
    await read(['2026-03-01', '100'], ['2026-03-21', '140']);
    expect(billed('2026-03-11', '2026-03-21')).toMatchObject({
      ...{ startValue: '120', startEstimated: true, endValue: '140', usage: '40', quality: 'estimated' },
      ...{ multiplier: '2', arithmetic: '(140 − 120) × 2' },
    });
    expect(billed('2026-03-11', '2026-03-21')).not.toHaveProperty('endEstimated');
  });
});

describe('an exchange of the meter', () => {
  it('resets the register, and both dials are billed', async () => {
    await send('PUT', '/v1/meter-points/p-1/register-map', { register: '01', from: '2026-01-01', digits: 5 });
    await read(['2026-03-01', '48000']);
    const exchange = {
      ...{ register: '01', at: '2026-03-16T10:20:00', finalValue: '48150.5', firstValue: '3', digits: 6 },
      multiplier: '2',
    };
    expect((await send('POST', '/v1/meter-points/p-1/exchanges', exchange)).status).toBe(201);
    expect((await read(['2026-04-01', '103'])).body).toMatchObject({ accepted: 1 });
    expect((await read(['2026-04-10', '102'])).body).toMatchObject({ rejected: 1 });
    const bill = billed('2026-03-01', '2026-04-01')!;
    // The multiplier was first told with the exchange, so it held before as well.
    expect(bill.arithmetic).toBe('(48150.5 − 48000) × 2 + (103 − 3) × 2');
    expect(bill.usage).toBe('501');
    const { body } = await consumption('2026-03-01', '2026-04-01');
    expect(body.data[0].dial.advances).toHaveLength(1);
  });

  it.each([
    ['fits the readings that came before', '48150.5', '3', undefined],
    ['has a final value below one that came before', '47999', '3', { at: '2026-03-01T00:00:00', value: '48000' }],
    ['has a first value above one that came before', '48150.5', '6', { at: '2026-04-01T00:00:00', value: '5' }],
  ])('that %s says so', async (_what, finalValue, firstValue, contradicted) => {
    await send('POST', '/v1/meter-points/p-1/exchanges', {
      ...{ register: '01', at: '2026-03-15T10:20:00', finalValue: '50000', firstValue: '0' },
    });
    await read(['2026-03-01', '48000']);
    expect((await read(['2026-04-01', '5'])).body).toMatchObject({ accepted: 1 });
    const exchange = { register: '01', at: '2026-03-15T10:20:00', finalValue, firstValue };
    const { status, body } = await send('POST', '/v1/meter-points/p-1/exchanges', exchange);
    expect(status).toBe(201);
    if (!contradicted) expect(body).not.toHaveProperty('contradicted');
    else expect(body.contradicted).toEqual({ at: expect.stringContaining(contradicted.at), value: contradicted.value });
  });

  it('of meters with serials of their own loses nothing of the half-hour it fell into', async () => {
    const { meterPoints, index, journal, consumption: counted } = test.house;
    const point = meterPoints.get('p-1');
    const values: [serial: string, at: string, value: number][] = [
      ['OLD', '2026-03-01T00:00:00', 500],
      ['OLD', '2026-03-11T10:10:00', 600],
      ['NEW', '2026-03-11T10:20:00', 7],
      ['NEW', '2026-03-21T00:00:00', 107],
    ];
    for (const [serial, at, value] of values) {
      const series =
        meterPoints.findSeries(point.id, 'register', 'S', serial) ??
        meterPoints.addSeries(
          {
            ...{ meterPointId: point.id, serial, kind: 'register', code: 'S', flow: 'from-grid', unit: 'kWh' },
            intervalMinutes: 30,
          },
          0,
        );
      const plain = { minutes: 0, quality: 'actual', source: 1, line: 0, versionAt: 0 } as const;
      const reading = { ...plain, at: parseInstant(at, zone)!, value: kWh(value) };
      expect(decide({ index, journal }, series, reading, test.clock.now() / 1000).outcome).toBe('accepted');
    }
    const period = { from: parseInstant('2026-03-01T00:00:00', zone)!, to: parseInstant('2026-03-21T00:00:00', zone)! };
    const usage = registerTable(counted.energyOf(point.id, period))
      .filter(({ code }) => code === 'S')
      .map(({ serial, usage: sum }) => `${serial} ${sum}`);
    expect(usage).toEqual(['OLD 100', 'NEW 100']);
  });
});

it('is shown with the meter point, telling by telling', async () => {
  await send('PUT', '/v1/meter-points/p-1/register-map', { register: '02', from: '2026-01-01', quantity: 'AE' });
  await send('PUT', '/v1/meter-points/p-1/register-map', { register: '02', from: '2026-02-01', multiplier: '0.5' });
  const { body } = await send('GET', '/v1/meter-points/p-1');
  expect(body.series[1]).toMatchObject({
    flow: 'to-grid',
    map: [
      { from: '2026-01-01', quantity: 'AE' },
      { from: '2026-02-01', multiplier: '0.5' },
    ],
  });
});

it.each([
  [{ register: '09', from: '2026-01-01', digits: 5 }, 404, 'series-unknown'],
  [{ register: '01', meter: 'M1', from: '2026-01-01', digits: 5 }, 404, 'series-unknown'],
  [{ register: '01', from: '2026-02-30', digits: 5 }, 422, 'body-invalid'],
  [{ register: '01', from: '2026-01-01' }, 422, 'body-invalid'],
  [{ register: '01', from: '2026-01-01', digits: 10 }, 422, 'body-invalid'],
  [{ register: '01', from: '2026-01-01', multiplier: '0' }, 422, 'body-invalid'],
  [{ register: '01', from: '2026-01-01', multiplier: '-4' }, 422, 'body-invalid'],
  [{ register: '01', from: '2026-01-01', multiplier: '1.0000001' }, 422, 'body-invalid'],
])('%j is refused with %i %s', async (payload, status, code) => {
  expect(await send('PUT', '/v1/meter-points/p-1/register-map', payload)).toMatchObject({ status, body: { code } });
});
