// Rates one site in several zones and prints the bills: host-zone.test.ts runs it under several TZ values and compares the bytes.
import { bytesOf, embeddedNetwork, planDocument, rateSketch, seriesOf, supplyPerDay } from './fixtures.ts';

/** Tiers by day and by month, seasons that begin inside the bill, and rules about the whole of it. */
const tiered = planDocument({
  seasons: { HOT: ['10-01', '04-05'], COLD: ['04-06', '09-30'] },
  components: ['P1D', 'P1M'].map(tierPeriod => ({
    ...{ kind: 'energy', code: tierPeriod, register: 'IMPORT', tax: 'GST', tierPeriod },
    ...(tierPeriod === 'P1D' && { tierAllowance: 'EACH' }),
    rates: ['HOT', 'COLD'].map(season => ({
      code: season,
      windows: [{ season, from: '00:00', to: '24:00' }],
      tiers: [{ upTo: '9.5', unitPrice: '0.1' }, { unitPrice: '0.3' }],
    })),
  })),
  minimum: { amount: '100', period: 'P1M', appliesTo: ['USAGE'] },
  payableRounding: { increment: '0.05' },
});
/** Demand in windows: the mean of four days' peaks with a ratchet, in tiers, and a highest kW a day. */
const demanding = planDocument({
  planCode: 'DEMAND',
  dayTypes: { WEEKDAY: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WEEKEND: ['SAT', 'SUN'] },
  components: [
    {
      ...{ kind: 'demand', code: 'MEAN', tax: 'GST', peak: { fn: 'AVG_OF_N', n: 4, isolation: 'PER_DAY' } },
      ...{ measurementPeriod: 'MONTH', chargePeriod: 'MONTH', dayBasis: '12/365.25', ratchet: { percent: '0.80' } },
      windows: [{ days: 'WEEKDAY', from: '15:00', to: '21:00' }],
      tiers: [{ upTo: '1', unitPrice: '5' }, { unitPrice: '8' }],
    },
    {
      ...{ kind: 'demand', code: 'DAILY', tax: 'GST', unitPrice: '0.31', interval: 'PT30M' },
      ...{ measurementPeriod: 'DAY', chargePeriod: 'DAY', windows: [{ from: '22:00', to: '03:00' }] },
    },
  ],
});
const plans = [
  embeddedNetwork,
  { ...tiered, components: [...(tiered['components'] as unknown[]), supplyPerDay('1')] },
  demanding,
];

for (const zone of [
  'Australia/Adelaide',
  'Australia/Lord_Howe',
  'Europe/London',
  'America/New_York',
  'Asia/Kathmandu',
]) {
  for (const [from, to] of [
    ['2025-03-01', '2025-04-10'],
    ['2025-09-20', '2025-11-05'],
  ] as const) {
    const energy = ({ minute, weekday, slot }: { minute: number; weekday: number; slot: number }) =>
      ((slot * 7_919) % 1_000_003) + minute * weekday;
    const series = seriesOf(from, to, zone, energy);
    const site = { zone, from, to, registers: { IMPORT: series, SOLAR: series }, facts: { peaks: [] } };
    for (const plan of plans) console.log(bytesOf(rateSketch({ plan, ...site })));
  }
}
