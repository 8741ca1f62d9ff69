import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/kernel/ids.ts';
import { secondOpinion } from '../../src/tariffs/second-opinion.ts';
import { taxProfiles } from '../../src/tariffs/taxes.ts';
import { formatCents } from '../../src/units/money.ts';
import {
  embeddedNetwork,
  flat,
  onPaper,
  planDocument,
  rateSketch,
  requestOf,
  type Sketch,
  seriesOf,
  supplyPerDay,
  type Wall,
} from './fixtures.ts';

const july = { zone: 'Australia/Sydney', from: '2021-07-01', to: '2021-08-01' };
const julySeries = (energy: (wall: Wall) => number) => seriesOf(july.from, july.to, july.zone, energy);

describe("the embedded network's bill (P2-15, P2-17)", () => {
  // A shop: 0.8 kWh a half-hour in the evening, 0.7 while it is open, 0.481375 otherwise; the roof gives most at noon.
  const shop = ({ minute, weekday }: Wall) => {
    if (minute >= 1020 && minute < 1260) return 800_000;
    return weekday <= 5 && minute >= 420 && minute < 1020 ? 700_000 : 481_375;
  };
  const roof = ({ minute, day }: Wall) => {
    if (minute < 600 || minute >= 960) return 0;
    // 395.88 kWh: 372 half-hours of 1.064 and 36 of them 0.002 more.
    return 1_064_000 + (minute < 720 && day <= '2021-07-09' ? 2_000 : 0);
  };
  const sketch: Sketch = {
    ...july,
    plan: embeddedNetwork,
    registers: { IMPORT: julySeries(shop), SOLAR: julySeries(roof) },
  };

  it('comes to 439.63 with the lines, the tax and the supply of the published invoice', () => {
    const bill = rateSketch(sketch);
    expect(bill.lines.map(onPaper)).toEqual([
      'USE.PEAK 198.4 kWh 0.4 79.36',
      'USE.SHOULDER 308 kWh 0.295 90.86',
      'USE.OFF_PEAK 385.1 kWh 0.21 80.87',
      'SOLAR.ALL 395.88 kWh 0.25 98.97',
      'SUPPLY 31 day 1.6 49.60',
    ]);
    const grid = bill.lines.filter(line => line.group === 'grid').reduce((sum, line) => sum + line.amount, 0n);
    expect(grid).toBe(25109n);
    expect([bill.chargesExTax, bill.tax, bill.total].map(formatCents)).toEqual(['399.66', '39.97', '439.63']);
    expect(bill.days).toBe(31);
  });

  it('tells each line in words and by its half-hours', () => {
    const lines = rateSketch(sketch).lines;
    expect(lines.map(({ description, when }) => `${description} | ${when}`)).toEqual([
      'From grid: Peak | Every day 17:00 to 21:00',
      'From grid: Shoulder | Mon to Fri 07:00 to 17:00',
      'From grid: Off peak | Every day 21:00 to 07:00; Sat and Sun 07:00 to 17:00',
      'Rooftop solar | ',
      'Supply charge | ',
    ]);
    expect(lines[0]).toMatchObject({ from: '2021-07-01', to: '2021-07-31', group: 'grid', kind: 'energy' });
    expect(lines[0]?.trace).toEqual({
      planCode: 'IO_CI_01',
      planVersion: 1,
      planVersionId: 1,
      planSha256: sha256(JSON.stringify(embeddedNetwork)),
      segment: { from: '2021-07-01', to: '2021-08-01' },
      measured: {
        register: 'IMPORT',
        bucket: 0,
        slots: 248,
        firstSlot: Date.parse('2021-07-01T17:00:00+10:00') / 1000,
        lastSlot: Date.parse('2021-07-31T20:30:00+10:00') / 1000,
        qualities: { actual: 248 },
      },
    });
    expect(lines[4]?.trace.measured).toBeUndefined();
  });

  it('bills a tenant without a share of the roof for the grid alone', () => {
    const { lines } = rateSketch({ ...sketch, registers: { IMPORT: julySeries(shop) } });
    expect(lines.map(line => line.code)).toEqual(['USE.PEAK', 'USE.SHOULDER', 'USE.OFF_PEAK', 'SUPPLY']);
  });

  it('bills each of the 168 hours of a week once (B08b: the predecessor billed 176 or 201)', () => {
    const week = { from: '2021-07-05', to: '2021-07-12', zone: july.zone };
    const { lines } = rateSketch({
      ...week,
      plan: embeddedNetwork,
      registers: { IMPORT: seriesOf(week.from, week.to, week.zone, () => 1_000_000, 3600) },
    });
    expect(lines.slice(0, 3).map(onPaper)).toEqual([
      'USE.PEAK 28 kWh 0.4 11.20',
      'USE.SHOULDER 50 kWh 0.295 14.75',
      'USE.OFF_PEAK 90 kWh 0.21 18.90',
    ]);
  });

  it('finds nothing to object to on second thought, and objects when a cent or a line is changed', () => {
    const bill = rateSketch(sketch);
    const request = requestOf(sketch);
    expect(secondOpinion(request, bill)).toEqual([]);
    const [peak, ...others] = bill.lines;
    const dearer = { ...bill, lines: [{ ...peak!, amount: (peak!.amount + 1n) as typeof bill.total }, ...others] };
    expect(secondOpinion(request, dearer)).toEqual([
      'USE.PEAK from 2021-07-01: 7937 cents on the bill, 7936 in the second opinion',
    ]);
    expect(secondOpinion(request, { ...bill, lines: others })).toEqual([
      'USE.PEAK from 2021-07-01: only in the second opinion',
    ]);
    expect(secondOpinion(request, { ...bill, total: bill.tax })[0]).toContain('total: 3997 cents on the bill, 43963');
  });
});

describe('a flat plan with feed-in (case B01)', () => {
  const period = { zone: 'Australia/Melbourne', from: '2022-06-15', to: '2022-07-16' };
  const slots = 31 * 48;
  // 325.2 kWh and 150 kWh in half-hours that are whole micro-kWh: the first slots take the remainder.
  const spread = (total: number) => (wall: Wall) => Math.floor(total / slots) + (wall.slot < total % slots ? 1 : 0);
  const series = (total: number) => seriesOf(period.from, period.to, period.zone, spread(total));
  const plan = planDocument({
    components: [
      flat('0.3968'),
      { kind: 'feedIn', code: 'FIT', rates: [{ code: 'ALL', unitPrice: '0.09' }] },
      supplyPerDay('0.9803'),
    ],
  });

  it('credits the export outside tax: 161.87', () => {
    const bill = rateSketch({
      ...period,
      plan,
      registers: { IMPORT: series(325_200_000), EXPORT: series(150_000_000) },
    });
    expect(bill.lines.map(onPaper)).toEqual([
      'USE.ALL 325.2 kWh 0.3968 129.04',
      'FIT.ALL -150 kWh 0.09 -13.50',
      'SUPPLY 31 day 0.9803 30.39',
    ]);
    expect(bill.lines.map(line => line.taxCode)).toEqual(['GST', 'NONE', 'GST']);
    expect(bill.taxes).toMatchObject([{ code: 'GST', name: 'GST', taxable: 15943n, amount: 1594n }]);
    expect([bill.chargesExTax, bill.tax, bill.total].map(formatCents)).toEqual(['145.93', '15.94', '161.87']);
  });

  it('charges for export when the price is below zero', () => {
    const below = planDocument({
      components: [{ kind: 'feedIn', code: 'FIT', rates: [{ code: 'ALL', unitPrice: '-0.02' }] }],
    });
    const bill = rateSketch({ ...period, plan: below, registers: { EXPORT: series(150_000_000) } });
    expect(bill.lines.map(onPaper)).toEqual(['FIT.ALL -150 kWh -0.02 3.00']);
    expect(bill.total).toBe(300n);
  });

  it('says in which hours an export is worth more', () => {
    const evening = planDocument({
      components: [
        {
          kind: 'feedIn',
          code: 'FIT',
          rates: [
            { code: 'EVENING', unitPrice: '0.15', windows: [{ from: '16:00', to: '21:00' }] },
            { code: 'OTHER', unitPrice: '0.03' },
          ],
        },
      ],
    });
    const bill = rateSketch({
      ...period,
      plan: evening,
      registers: { EXPORT: seriesOf(period.from, period.to, period.zone, () => 100_000) },
    });
    expect(bill.lines.map(onPaper)).toEqual(['FIT.EVENING -31 kWh 0.15 -4.65', 'FIT.OTHER -117.8 kWh 0.03 -3.53']);
    expect(bill.lines.map(line => line.when)).toEqual(['Every day 16:00 to 21:00', 'all other times']);
  });
});

describe('tax', () => {
  const oneDay = { zone: 'Australia/Sydney', from: '2025-03-01', to: '2025-03-02' };
  const supplies = (amounts: string[]) =>
    amounts.map((amount, at) => ({ kind: 'supply', code: `S${at}`, amount, per: 'DAY', tax: 'T' }));
  const bill = (amounts: string[], tax: Record<string, string>, taxBasis = 'EXCLUSIVE') =>
    rateSketch({
      ...oneDay,
      plan: planDocument({ taxBasis, taxes: { T: tax }, components: supplies(amounts) }),
      registers: {},
    });

  it.each`
    amounts                     | tax                                                  | expected   | why
    ${['1.05']}                 | ${taxProfiles.AU.GST}                                | ${'0.11'}  | ${'half a cent goes up in Australia (B45)'}
    ${['1.05', '1.05', '1.05']} | ${taxProfiles.AU.GST}                                | ${'0.32'}  | ${'on the sum, not 3 × 0.11 (B45)'}
    ${['-1.05']}                | ${taxProfiles.AU.GST}                                | ${'-0.11'} | ${'a credit mirrors its charge'}
    ${['0.30']}                 | ${taxProfiles.NZ.GST}                                | ${'0.04'}  | ${'4.5 cents go down in New Zealand'}
    ${['-0.30']}                | ${taxProfiles.NZ.GST}                                | ${'-0.04'} | ${'in both directions'}
    ${['3.15']}                 | ${{ name: 'GST', percent: '10', halfCents: 'DOWN' }} | ${'0.31'}  | ${'B45, nz_on_total'}
    ${['10.10']}                | ${taxProfiles.GB.VAT}                                | ${'0.51'}  | ${'50.5 pence cents go up'}
    ${['10.00']}                | ${{ name: 'VAT', percent: '6.25' }}                  | ${'0.63'}  | ${'62.5 cents'}
  `('of $amounts is $expected: $why', ({ amounts, tax, expected }) => {
    expect(formatCents(bill(amounts, tax).tax)).toBe(expected);
  });

  it('is found inside the total of an inclusive plan, once for the document', () => {
    const inclusive = bill(['1.00', '1.00', '1.00'], { name: 'GST', percent: '10' }, 'INCLUSIVE');
    // 3.00 × 10/110 = 0.2727; by line it would be 3 × 0.09.
    expect([inclusive.chargesExTax, inclusive.tax, inclusive.total].map(formatCents)).toEqual(['2.73', '0.27', '3.00']);
    expect(inclusive.taxes[0]?.taxable).toBe(273n);
  });
});

describe('the one rounding, at the line', () => {
  it.each`
    microKwh                 | price                  | amount      | why
    ${1_000_000}             | ${'0.005'}             | ${'0.01'}   | ${'half a cent goes away from zero'}
    ${1_000_000}             | ${'-0.005'}            | ${'-0.01'}  | ${'on both sides'}
    ${1_000_000}             | ${'0.00499999'}        | ${'0.00'}   | ${'just under half stays'}
    ${16_293_000}            | ${'0.41745'}           | ${'6.80'}   | ${'B37: 16.293 kWh, not 17 (7.10)'}
    ${23_376_000}            | ${'0.35695'}           | ${'8.34'}   | ${'B37'}
    ${51_009_000}            | ${'0.26928'}           | ${'13.74'}  | ${'B37'}
    ${1}                     | ${'99999999.99999999'} | ${'100.00'} | ${'a micro-kWh at a price of ten digits stays exact'}
    ${9_007_199_254_740_991} | ${'0.00000001'}        | ${'90.07'}  | ${'the largest energy there is'}
  `('$microKwh micro-kWh at $price is $amount: $why', ({ microKwh, price, amount }) => {
    const [line] = rateSketch({
      zone: 'UTC',
      from: '2025-03-01',
      to: '2025-03-02',
      plan: planDocument({ components: [flat(price)] }),
      registers: { IMPORT: seriesOf('2025-03-01', '2025-03-02', 'UTC', ({ slot }) => (slot === 7 ? microKwh : 0)) },
    }).lines;
    expect(formatCents(line!.amount)).toBe(amount);
    expect(line!.quantity).toBe(microKwh);
  });
});
