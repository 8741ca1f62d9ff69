import { describe, expect, it } from 'vitest';
import { readPlan } from '../../src/tariffs/plan.ts';
import { formatRate } from '../../src/units/rate.ts';
import { instant } from '../../src/units/time.ts';
import { day, flat, planDocument, rateSketch, seriesOf, supplyPerDay } from './fixtures.ts';

const kWh = 1_000_000;
const may = { zone: 'Australia/Brisbane', from: '2025-05-01', to: '2025-06-01' };
const tax = 'GST';
const everyKind = planDocument({
  components: [
    flat('0.2'),
    { ...flat('0.1', 'SOLAR'), optional: true },
    { kind: 'feedIn', code: 'FIT', rates: [{ code: 'ALL', unitPrice: '0.05' }], scheme: 'Sunny Roofs' },
    supplyPerDay('1'),
    { kind: 'supply', code: 'METER', description: 'Meter', amount: '3', per: 'MONTH', tax },
    { kind: 'greenPower', code: 'GREEN', percentOfKwh: '0.2', unitPrice: '0.05', tax },
    { kind: 'passThrough', code: 'NET', rates: [{ code: 'ALL', unitPrice: '0.01' }], tax },
    {
      ...{
        kind: 'demand',
        code: 'POWER',
        quantity: 'KW',
        chargePeriod: 'MONTH',
        tax,
        windows: [{ from: '07:00', to: '19:00' }],
      },
      tiers: [{ upTo: '10', unitPrice: '5' }, { unitPrice: '4' }],
    },
    {
      ...{ kind: 'hoursUse', code: 'HOURS', demand: 'POWER', tax, windows: [{ from: '07:00', to: '19:00' }] },
      tiers: [
        { upToHours: '20', unitPrice: '0.1' },
        { upToHours: '40', tiers: [{ upTo: '100', unitPrice: '0.09' }, { unitPrice: '0.08' }] },
        { unitPrice: '0.05' },
      ],
    },
    { kind: 'coincident', code: 'PEAK', events: 'SYSTEM', unitPrice: '2', tax },
  ],
  fees: [
    { code: 'LATE', description: 'Reminder', trigger: 'EVENT', amount: '12' },
    { code: 'PAPER', description: 'Paper bill', trigger: 'MONTHLY', amount: '2.20', tax, taxBasis: 'INCLUSIVE' },
    { code: 'YEAR', description: 'Licence', trigger: 'ANNUAL', amount: '73' },
    { code: 'CARD', description: 'Card', trigger: 'PERCENT_OF_BILL', rate: '0.01', taxBasis: 'INCLUSIVE' },
  ],
  minimum: { amount: '10000', period: 'P1M', appliesTo: ['USAGE'] },
  discounts: [{ methodUType: 'percentOfUse', category: 'DIRECT_DEBIT', type: 'GUARANTEED', rate: '0.1' }],
  concessionsEligible: [
    {
      code: 'LOW',
      displayName: 'Low income',
      discountType: 'FIXED_AMOUNT',
      appliedTo: ['INVOICE'],
      perBill: '1',
      order: 'AFTER_TAX',
    },
  ],
  payableRounding: { increment: '1.00' },
});

describe('what stands beside the amount', () => {
  const registers = {
    IMPORT: seriesOf(may.from, may.to, may.zone, ({ minute }) => (minute < 720 ? kWh : 6 * kWh)),
    SOLAR: seriesOf(may.from, may.to, may.zone, () => kWh),
    EXPORT: seriesOf(may.from, may.to, may.zone, () => kWh),
  };
  const noon = Date.parse('2025-05-06T12:00+10:00') / 1000;
  const facts = {
    events: [{ name: 'SYSTEM', periods: [{ from: instant(noon), to: instant(noon + 1800) }] }],
    fees: [{ code: 'LATE', on: day('2025-05-03') }],
    concessions: [{ code: 'LOW', from: day('2020-01-01') }],
  };
  const lines = () => rateSketch({ ...may, plan: everyKind, registers, facts }).lines;

  it('of every line: kind, code, group, category, tax, unit', () => {
    expect(
      lines().map(line =>
        [line.kind, line.code, line.group, line.category, `${line.taxCode} ${line.taxBasis}`, line.unit].join(', '),
      ),
    ).toEqual([
      'energy, USE.ALL, grid, USAGE, GST EXCLUSIVE, kWh',
      'energy, SOLAR.ALL, solar, USAGE, GST EXCLUSIVE, kWh',
      'feedIn, FIT.ALL, feed-in, FEED_IN, NONE EXCLUSIVE, kWh',
      'supply, SUPPLY, supply, SUPPLY, GST EXCLUSIVE, day',
      'supply, METER, supply, SUPPLY, GST EXCLUSIVE, month',
      'greenPower, GREEN, other, GREEN, GST EXCLUSIVE, kWh',
      'passThrough, NET.ALL, grid, NETWORK, GST EXCLUSIVE, kWh',
      'demand, POWER.T1, grid, DEMAND, GST EXCLUSIVE, kW',
      'demand, POWER.T2, grid, DEMAND, GST EXCLUSIVE, kW',
      'hoursUse, HOURS.B1, grid, USAGE, GST EXCLUSIVE, kWh',
      'hoursUse, HOURS.B2.T1, grid, USAGE, GST EXCLUSIVE, kWh',
      'hoursUse, HOURS.B2.T2, grid, USAGE, GST EXCLUSIVE, kWh',
      'hoursUse, HOURS.B3, grid, USAGE, GST EXCLUSIVE, kWh',
      'coincident, PEAK, grid, DEMAND, GST EXCLUSIVE, kW',
      'fee, LATE, other, FEE, NONE EXCLUSIVE, each',
      'fee, PAPER, other, FEE, GST INCLUSIVE, month',
      'fee, YEAR, other, FEE, NONE EXCLUSIVE, each',
      'percentFee, CARD, other, FEE, NONE INCLUSIVE, each',
      'minimum, MINIMUM, other, MINIMUM, GST EXCLUSIVE, each',
      'discount, DISCOUNT.DIRECT_DEBIT, other, DISCOUNT, GST EXCLUSIVE, each',
      'concession, CONCESSION.LOW, other, CONCESSION, NONE EXCLUSIVE, each',
      'payableRounding, ROUNDING, other, ROUNDING, NONE EXCLUSIVE, each',
    ]);
  });

  it('the days: those of the bill, or the one on which a fee fell due', () => {
    const days = new Map(lines().map(line => [line.code, `${line.from} ${line.to}`]));
    expect(days.get('LATE')).toBe('2025-05-03 2025-05-03');
    days.delete('LATE');
    expect([...new Set(days.values())]).toEqual(['2025-05-01 2025-05-31']);
  });

  it('the hours, where the price depends on them', () => {
    expect(
      lines()
        .filter(line => line.when !== '')
        .map(line => `${line.code}: ${line.when}`),
    ).toEqual([
      'POWER.T1: Every day 07:00 to 19:00',
      'POWER.T2: Every day 07:00 to 19:00',
      'HOURS.B1: Every day 07:00 to 19:00',
      'HOURS.B2.T1: Every day 07:00 to 19:00',
      'HOURS.B2.T2: Every day 07:00 to 19:00',
      'HOURS.B3: Every day 07:00 to 19:00',
    ]);
  });

  it('the words', () => {
    expect(lines().map(line => line.description)).toEqual([
      'From grid',
      'Rooftop solar',
      'Solar feed-in, Sunny Roofs',
      'Supply charge',
      'Meter',
      'Green power',
      'Network charge',
      'Demand charge, first 10 kW: 12 kW on 1 May 2025, 12:00 to 12:30, the first of 434 equal peaks',
      'Demand charge, over 10 kW: 12 kW on 1 May 2025, 12:00 to 12:30, the first of 434 equal peaks',
      'Hours of use, first 20 h of 12 kW',
      'Hours of use, 20 to 40 h of 12 kW, first 100 kWh',
      'Hours of use, 20 to 40 h of 12 kW, over 100 kWh',
      'Hours of use, over 40 h of 12 kW',
      'Coincident peak: 12 kW on 6 May 2025, 12:00 to 12:30',
      'Reminder',
      'Paper bill',
      'Licence',
      'Card',
      'Top-up to the minimum of 10000.00',
      'Discount: Direct debit',
      'Low income',
      'Rounding',
    ]);
  });
});

it('a plan says its prices in words, before anything is charged', () => {
  const prices = readPlan(everyKind).components.flatMap(component => component.prices);
  expect(
    prices.map(({ description, when, unitPrice, per, taxCode }) =>
      [description, when, formatRate(unitPrice), per, taxCode].join('; '),
    ),
  ).toEqual([
    'From grid; ; 0.2; kWh; GST',
    'Rooftop solar; ; 0.1; kWh; GST',
    'Solar feed-in, Sunny Roofs; ; 0.05; kWh; NONE',
    'Supply charge; ; 1; day; GST',
    'Meter; ; 3; month; GST',
    'Green power; ; 0.05; kWh; GST',
    'Network charge; ; 0.01; kWh; GST',
    'Demand charge, first 10 kW; Every day 07:00 to 19:00; 5; kW and month; GST',
    'Demand charge, over 10 kW; Every day 07:00 to 19:00; 4; kW and month; GST',
    'Hours of use, first 20 h; Every day 07:00 to 19:00; 0.1; kWh; GST',
    'Hours of use, 20 to 40 h, first 100 kWh; Every day 07:00 to 19:00; 0.09; kWh; GST',
    'Hours of use, 20 to 40 h, over 100 kWh; Every day 07:00 to 19:00; 0.08; kWh; GST',
    'Hours of use, over 40 h; Every day 07:00 to 19:00; 0.05; kWh; GST',
    'Coincident peak; ; 2; kW; GST',
  ]);
});

it('bands of a supply charge are prices of their own', () => {
  const bands = [{ upTo: '10', amount: '0.5' }, { amount: '0.8' }];
  const plan = planDocument({ components: [{ kind: 'supply', code: 'S', bands, bandsBy: 'DAYS', per: 'DAY', tax }] });
  const [supply] = readPlan(plan).components;
  expect(supply?.prices.map(({ unitPrice, per }) => `${formatRate(unitPrice)} ${per}`)).toEqual(['0.5 day', '0.8 day']);
});
