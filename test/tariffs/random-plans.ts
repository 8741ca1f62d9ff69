import fc from 'fast-check';
import type { EarlierEnergy } from '../../src/tariffs/facts.ts';
import { microKwh } from '../../src/units/energy.ts';
import { parseRate } from '../../src/units/rate.ts';
import { addDays, type Day } from '../../src/units/time.ts';
import { day, planDocument, type Sketch, seriesOf, versionOf } from './fixtures.ts';

// Random plans with everything a rate can have: tiers of every period, scope, mode and proration, dials, netting, loss factors, seasons
// that begin inside the bill; and with every rule about the whole bill. Two bills of five cross a price change.

const price = fc.integer({ min: -20_000, max: 90_000 }).map(units => (units / 100_000).toFixed(5));
const money = fc.integer({ min: 0, max: 9_999 }).map(cents => (cents / 100).toFixed(2));
const share = fc.integer({ min: 0, max: 40 }).map(percent => (percent / 100).toFixed(2));

const tiersOf = (flat: boolean) =>
  fc
    .tuple(
      fc.uniqueArray(fc.integer({ min: 1, max: 90_000 }), { minLength: 0, maxLength: 3 }),
      fc.array(fc.tuple(price, money), { minLength: 4, maxLength: 4 }),
    )
    .map(([bounds, prices]) =>
      [...bounds.sort((a, b) => a - b), undefined].map((bound, at) => ({
        // From 0.012 to 1080 kWh, with three decimals, so that shares by days leave a rest.
        ...(bound !== undefined && { upTo: (bound * 0.012).toFixed(3) }),
        unitPrice: prices[at]![0],
        ...(flat && { flat: prices[at]![1] }),
      })),
    );

const clock = fc
  .tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 11, max: 23 }))
  .map(hours => hours.map(hour => `${String(hour).padStart(2, '0')}:00`) as [string, string]);

const tierTerms = fc.oneof(
  fc.record({ tierPeriod: fc.constant('P1D'), tierAllowance: fc.constantFrom('EACH', 'POOLED') }),
  fc.record({
    tierPeriod: fc.constantFrom('P1M', 'P3M', 'P1Y', 'BILL'),
    tierProration: fc.constantFrom('BY_DAYS', 'NONE'),
  }),
);

/** Three rates by time, in the summer another hour of the day; or two dials. */
const energy = (code: string, kind: string, register: string) =>
  fc
    .record({
      tiers: fc.tuple(tiersOf(false), tiersOf(false), tiersOf(false)),
      hours: clock,
      seasonal: fc.boolean(),
      dials: fc.boolean(),
      terms: tierTerms,
      tierScope: fc.constantFrom('RATE', 'COMPONENT'),
      tierMode: fc.constantFrom('GRADUATED', 'ALL_UNITS', 'TABLE_BY_TOTAL'),
      net: fc.constantFrom('GROSS', 'PER_INTERVAL'),
      lossFactor: fc.constantFrom(null, 'DLF', 'DLF*MLF'),
      tax: fc.constantFrom('GST', 'NONE'),
    })
    .map(
      ({ tiers: [a, b, c], hours: [from, to], seasonal, dials, terms, tierScope, tierMode, net, lossFactor, tax }) => {
        const windows = seasonal
          ? ['HOT', 'COLD'].map((season, at) => ({ season, from: at ? '00:00' : from, to }))
          : [{ from, to }];
        const byDial = dials && register === 'IMPORT' && kind === 'energy';
        const rates = byDial
          ? [
              { code: 'DAY', register: 'IMPORT', tiers: a },
              { code: 'NIGHT', register: 'E2', tiers: b },
            ]
          : [
              { code: 'PEAK', windows, tiers: a },
              { code: 'LATE', windows: [{ from: to, to: '24:00' }], tiers: b },
              { code: 'REST', tiers: c },
            ];
        const tiered = rates.some(rate => rate.tiers.length > 1);
        const scope = byDial && tierMode === 'GRADUATED' ? 'RATE' : tierScope;
        return {
          ...{ kind, code, register, rates, optional: register !== 'IMPORT' },
          ...(tiered && { ...terms, tierScope: scope, tierMode }),
          ...(kind === 'energy' && !byDial && register === 'IMPORT' && { net }),
          ...(kind !== 'feedIn' && { lossFactor, tax }),
        };
      },
    );

const supply = fc
  .record({
    amount: money,
    price: fc.constantFrom(
      { per: 'DAY' },
      { per: 'MONTH' },
      { per: 'MONTH', dayBasis: '12/365.25' },
      { per: 'YEAR' },
      { per: 'YEAR', dayBasis: '365' },
      { per: 'YEAR', dayBasis: 'CALENDAR_MONTH' },
    ),
    bands: fc.constantFrom(undefined, 'DAYS', 'KWH_PER_DAY'),
    each: fc.boolean(),
  })
  .map(({ amount, price, bands, each }) => ({
    ...{ kind: 'supply', code: 'SUPPLY', tax: 'GST' },
    ...price,
    ...(bands
      ? { bandsBy: bands, bands: [{ upTo: '4', amount }, { upTo: '30', amount: '2' }, { amount: '3' }] }
      : { amount }),
    ...(each && { each: { quantity: 'CONTRACT_KW', unit: 'kW' } }),
  }));

const wholeBill = fc.record({
  minimum: fc.option(
    fc.record({
      amount: fc.constantFrom('1.00', '250.00'),
      period: fc.constantFrom('P1D', 'P1M', 'P1Y', 'BILL'),
      prorate: fc.boolean(),
      appliesTo: fc.constantFrom(['USAGE'], ['USAGE', 'SUPPLY', 'FEED_IN']),
      tax: fc.constantFrom('GST', 'NONE'),
    }),
    { nil: undefined },
  ),
  discounts: fc
    .tuple(
      fc.constantFrom('percentOfUse', 'percentOfBill'),
      share,
      fc.constantFrom('GUARANTEED', 'CONDITIONAL'),
      money,
      fc.constantFrom(undefined, '2025-04-07'),
    )
    .map(([methodUType, rate, type, amount, from]) => [
      { methodUType, category: 'PAY_ON_TIME', type, rate, ...(from && { from }) },
      { methodUType: 'fixedAmount', category: 'ONLINE_ACCOUNT', type: 'GUARANTEED', amount, tax: 'GST' },
      { methodUType: 'percentOverThreshold', category: 'OTHER', type: 'GUARANTEED', rate, usageAmount: amount },
    ]),
  concessionsEligible: fc
    .tuple(share, money, fc.constantFrom('INVOICE', 'USAGE'), money)
    .map(([percent, amount, appliedTo, cap]) => [
      {
        code: 'LOW',
        displayName: 'Low income',
        discountType: 'FIXED_PERCENTAGE',
        appliedTo: [appliedTo],
        percent,
        order: 'BEFORE_TAX',
        tax: 'GST',
        cap: { amount: cap, per: 'QUARTER' },
      },
      {
        code: 'AGED',
        displayName: 'Age',
        discountType: 'FIXED_AMOUNT',
        appliedTo: ['INVOICE'],
        perYear: amount,
        order: 'AFTER_TAX',
        from: '2025-01-03',
      },
    ]),
  fees: fc.tuple(money, share).map(([amount, rate]) => [
    { code: 'CARD', description: 'Card', trigger: 'PERCENT_OF_BILL', rate, tax: 'GST', taxBasis: 'INCLUSIVE' },
    { code: 'YEARLY', description: 'Membership', trigger: 'ANNUAL', amount, on: '04-06' },
    { code: 'MONTHLY', description: 'Paper', trigger: 'MONTHLY', amount, tax: 'GST' },
    { code: 'LATE', description: 'Reminder', trigger: 'EVENT', amount },
  ]),
  payableRounding: fc.constantFrom(undefined, { increment: '0.05' }, { increment: '1.00' }),
  taxMode: fc.constantFrom('TOTAL', 'LINE'),
  taxBasis: fc.constantFrom('EXCLUSIVE', 'INCLUSIVE'),
  jurisdiction: fc.constantFrom('AU', 'NZ'),
});

const plan = fc
  .record({
    use: energy('USE', 'energy', 'IMPORT'),
    network: energy('NUOS', 'passThrough', 'IMPORT'),
    export: energy('FIT', 'feedIn', 'EXPORT'),
    supply,
    whole: wholeBill,
  })
  .map(({ use, network, export: sent, supply, whole }) => ({
    taxes: { GST: { name: 'GST', percent: '10' } },
    seasons: { HOT: ['04-05', '10-04'], COLD: ['10-05', '04-04'] },
    ...JSON.parse(JSON.stringify(whole)),
    components: [
      use,
      network,
      { ...sent, net: undefined, lossFactor: undefined, tax: undefined },
      supply,
      { kind: 'greenPower', code: 'GREEN', percentOfKwh: '0.20', unitPrice: '0.055', tax: 'GST' },
    ].map(part => JSON.parse(JSON.stringify(part))),
  }));

const places = [
  { zone: 'Australia/Sydney', around: '2025-04-06' },
  { zone: 'Australia/Lord_Howe', around: '2025-10-05' },
  { zone: 'America/St_Johns', around: '2025-03-30' },
  { zone: 'Asia/Kathmandu', around: '2025-01-01' },
];

export const sketch: fc.Arbitrary<Sketch> = fc
  .record({
    plans: fc.tuple(plan, plan),
    change: fc.constantFrom(0, 0, 0, 2, 5),
    place: fc.constantFrom(...places),
    before: fc.integer({ min: 0, max: 5 }),
    days: fc.integer({ min: 6, max: 14 }),
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    monthStartsOn: fc.constantFrom(1, 1, 7),
    facts: fc.boolean(),
  })
  .map(({ plans: [first, second], change, place, before, days, seed, monthStartsOn }) => {
    const from = addDays(day(place.around), -before);
    const to = addDays(from, days);
    const energy =
      (salt: number) =>
      ({ slot }: { slot: number }) =>
        ((slot * 7_919 + seed * salt) * 104_729) % 2_000_003;
    const at = (salt: number) => seriesOf(from, to, place.zone, energy(salt));
    const common = { taxBasis: first.taxBasis, currency: 'AUD' };
    const plan =
      change === 0
        ? [versionOf(planDocument({ ...first, ...common }))]
        : [
            versionOf(planDocument({ ...first, ...common })),
            versionOf(planDocument({ ...second, ...common, effectiveFrom: addDays(from, change) }), 2),
          ];
    return {
      ...{ plan, zone: place.zone, from, to, monthStartsOn },
      registers: { IMPORT: at(1), EXPORT: at(3), E2: at(5) },
      facts: {
        lossFactors: { DLF: parseRate('1.0523')!, MLF: parseRate('0.9871')! },
        quantities: { CONTRACT_KW: 13_250_000 },
        energies: earlier(from, monthStartsOn),
        fees: [
          { code: 'LATE', on: addDays(from, 1) },
          { code: 'LATE', on: addDays(from, 1) },
        ],
        concessions: [
          { code: 'LOW', from: day('2025-01-01') },
          { code: 'AGED', from: addDays(from, 2), to: addDays(to, -1) },
        ],
      },
    };
  });

/** What was used in the year before, month by month, for every name that may ask. */
function earlier(from: Day, startsOn: number): EarlierEnergy[] {
  const names = ['USE', 'NUOS', 'FIT'].flatMap(code => [
    code,
    ...['PEAK', 'LATE', 'REST', 'DAY', 'NIGHT'].map(rate => `${code}.${rate}`),
  ]);
  const firsts = Array.from({ length: 400 }, (_, at) => addDays(from, -at)).filter(
    date => Number(date.slice(8)) === startsOn,
  );
  const months = firsts.map((start, at) => ({ from: start, to: at === 0 ? from : firsts[at - 1]! }));
  return names.flatMap(code =>
    months.filter(({ from, to }) => from < to).map(days => ({ ...days, code, energy: microKwh(31_500_001) })),
  );
}
