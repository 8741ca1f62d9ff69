import { expect, it } from 'vitest';
import { testHouse } from '../open-house.ts';

const nmi = '6001000017';
const days = Array.from({ length: 32 }, (_, at) => new Date(Date.UTC(2025, 0, 31 + at)).toISOString().slice(0, 10));
const plan = {
  ...{
    planCode: 'P',
    displayName: 'P',
    currency: 'AUD',
    taxBasis: 'EXCLUSIVE',
    taxes: {},
    effectiveFrom: '2020-01-01',
  },
  components: [
    {
      ...{ kind: 'energy', code: 'USE', register: 'IMPORT', tax: 'NONE' },
      rates: [
        { code: 'EVENING', unitPrice: '1', windows: [{ from: '16:00', to: '24:00' }] },
        { code: 'REST', unitPrice: '0' },
      ],
    },
  ],
};

/** What became of the bill of February 2025 by `minutes` long intervals of market time, 1 kWh in each. */
async function billed(zone: string, minutes: number) {
  const { app, authorization } = await testHouse({ at: '2025-03-10T00:00:00Z', zone });
  const headers = { authorization: authorization() };
  const post = async (url: string, payload: object | string) => {
    const type = typeof payload === 'string' ? 'application/octet-stream' : 'application/json';
    const answer = await app.inject({ method: 'POST', url, headers: { ...headers, 'content-type': type }, payload });
    expect(answer.statusCode, answer.body).toBeLessThan(300);
    return answer.json();
  };
  const ones = Array.from({ length: 1440 / minutes }, () => 1).join(',');
  const rows = days.map(day => `300,${day.replaceAll('-', '')},${ones},A,,,20250305000000,`);
  const channel = `200,${nmi},E1,1,E1,,METER1,KWH,${minutes},`;
  await post(
    '/v1/imports?wait=true',
    ['100,NEM12,202503020000,MDP,RETAILER', channel, ...rows, '900', ''].join('\r\n'),
  );
  await post('/v1/accounts', { number: 'A1', name: 'A shop' });
  await post('/v1/plans', plan);
  await post('/v1/accounts/A1/supplies', { meterPoint: nmi, plan: 'P', from: '2025-02-01' });
  return (await post('/v1/bill-runs', { month: '2025-02' })).bills[0];
}

it.each([
  { zone: 'Australia/Sydney', minutes: 480, from: '2025-01-31T14:00:00Z' },
  { zone: 'Australia/Adelaide', minutes: 60, from: '2025-01-31T14:00:00Z' },
  { zone: 'Asia/Kathmandu', minutes: 30, from: '2025-01-31T18:30:00Z' },
])(
  'intervals of $minutes minutes with a midnight of $zone inside are not billed by a guess',
  async ({ zone, minutes, from }) => {
    const says = `the interval of E1 from ${from} is none of ${minutes} minutes, counted from midnight at the meter point`;
    expect(await billed(zone, minutes)).toMatchObject({ verdict: 'parked', problems: [`${nmi}: ${says}`] });
  },
);

it.each([
  { zone: 'Australia/Sydney', minutes: 60, due: '224.00' },
  { zone: 'Australia/Adelaide', minutes: 30, due: '448.00' },
  { zone: 'Asia/Kathmandu', minutes: 15, due: '896.00' },
])('those of $minutes minutes that begin at a midnight of $zone are', async ({ zone, minutes, due }) => {
  expect(await billed(zone, minutes)).toMatchObject({ verdict: 'issued', totalDue: due });
});
