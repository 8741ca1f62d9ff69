import { describe, expect, it } from 'vitest';
import { arithmeticOf } from '../../src/tariffs/amount.ts';
import { readPlan } from '../../src/tariffs/plan.ts';
import { rate } from '../../src/tariffs/rate.ts';
import { secondOpinion } from '../../src/tariffs/second-opinion.ts';
import { microKwh } from '../../src/units/energy.ts';
import { formatCents } from '../../src/units/money.ts';
import { parseRate } from '../../src/units/rate.ts';
import {
  day,
  flat,
  onPaper,
  planDocument,
  rateSketch,
  refusalOf,
  requestOf,
  type Sketch,
  seriesOf,
  supplyPerDay,
  versionOf,
} from './fixtures.ts';

const kWh = 1_000_000;
// No clock is changed in Brisbane, and April has 30 days.
const april = { zone: 'Australia/Brisbane', from: '2025-04-01', to: '2025-05-01' };
const perDay = (energy: number) => ({
  IMPORT: seriesOf(april.from, april.to, april.zone, ({ minute }) => (minute === 720 ? energy * kWh : 0)),
});
const once = (microKwh: number) => ({
  IMPORT: seriesOf(april.from, april.to, april.zone, ({ slot }) => (slot === 600 ? microKwh : 0)),
});
const tiered = (tiers: unknown[], terms: Record<string, unknown>) => ({
  ...{ kind: 'energy', code: 'USE', register: 'IMPORT', tax: 'GST', ...terms },
  rates: [{ code: 'ALL', tiers }],
});

/** The bill's lines, which the second opinion must find as well. */
function linesOf(sketch: Sketch): string[] {
  const request = requestOf(sketch);
  const bill = rate(request);
  expect(secondOpinion(request, bill)).toEqual([]);
  return bill.lines.map(onPaper);
}

describe('tiers with a flat amount each: 4 up to 8 kWh and 1, 3 up to 12 and 2, 1 beyond and 5', () => {
  const steps = [
    { upTo: '8', unitPrice: '4', flat: '1' },
    { upTo: '12', unitPrice: '3', flat: '2' },
    { unitPrice: '1', flat: '5' },
  ];
  it.each`
    energy        | graduated  | allUnits   | why
    ${0}          | ${'1.00'}  | ${'1.00'}  | ${'the first tier is entered by being there'}
    ${1_000_000}  | ${'5.00'}  | ${'5.00'}  | ${'4 + 1'}
    ${8_000_000}  | ${'33.00'} | ${'33.00'} | ${'a bound belongs to the tier it closes'}
    ${8_500_000}  | ${'36.50'} | ${'27.50'} | ${'no hole between 8 and 9: 33 + 0.5 × 3 + 2, or 8.5 × 3 + 2'}
    ${12_000_000} | ${'47.00'} | ${'38.00'} | ${'33 + 12 + 2, or 36 + 2'}
    ${12_001_000} | ${'52.00'} | ${'17.00'} | ${'47 + 0.001 + 5, or 12.001 + 5'}
    ${20_000_000} | ${'60.00'} | ${'25.00'} | ${'47 + 8 + 5, or 20 + 5'}
  `('$energy micro-kWh come to $graduated graduated and $allUnits all at one price: $why', sample => {
    const totalOf = (tierMode: string) => {
      const sketch = { ...april, registers: once(sample.energy) };
      const plan = planDocument({ components: [tiered(steps, { tierPeriod: 'BILL', tierMode })] });
      const lines = rateSketch({ ...sketch, plan }).lines;
      linesOf({ ...sketch, plan });
      return formatCents(lines.reduce((sum, line) => sum + line.amount, 0n) as never);
    };
    expect([totalOf('GRADUATED'), totalOf('ALL_UNITS')]).toEqual([sample.graduated, sample.allUnits]);
  });
});

describe('an allowance of 2 kWh a day', () => {
  const allowance = (tierAllowance: string) =>
    planDocument({
      components: [
        tiered([{ upTo: '2', unitPrice: '0' }, { unitPrice: '0.25' }], { tierPeriod: 'P1D', tierAllowance }),
      ],
    });
  // 5 kWh on each of the first ten days of April, nothing after.
  const registers = {
    IMPORT: seriesOf(april.from, april.to, april.zone, ({ day, minute }) =>
      minute === 0 && day <= '2025-04-10' ? 5 * kWh : 0,
    ),
  };

  it('of each day is lost when it is not used: 20 kWh free, 30 paid', () => {
    expect(linesOf({ ...april, plan: allowance('EACH'), registers })).toEqual([
      'USE.ALL.T1 20 kWh 0 0.00',
      'USE.ALL.T2 30 kWh 0.25 7.50',
    ]);
  });

  it('pooled over the bill is 60 kWh: all is free', () => {
    expect(linesOf({ ...april, plan: allowance('POOLED'), registers })).toEqual(['USE.ALL.T1 50 kWh 0 0.00']);
    const { lines } = rateSketch({ ...april, plan: allowance('POOLED'), registers: perDay(5) });
    expect(lines.map(line => line.description)).toEqual(['From grid, first 60 kWh', 'From grid, over 60 kWh']);
  });

  it('is one for a day of 23 and of 25 hours', () => {
    const sydney = { zone: 'Australia/Sydney', from: '2025-10-04', to: '2025-10-07' };
    const every = { IMPORT: seriesOf(sydney.from, sydney.to, sydney.zone, () => kWh) };
    expect(linesOf({ ...sydney, plan: allowance('EACH'), registers: every })).toEqual([
      'USE.ALL.T1 6 kWh 0 0.00',
      'USE.ALL.T2 136 kWh 0.25 34.00',
    ]);
  });
});

describe('two rates by time', () => {
  const halves = (terms: Record<string, unknown>, upTo: string) =>
    planDocument({
      components: [
        {
          ...{ kind: 'energy', code: 'USE', register: 'IMPORT', tax: 'GST', ...terms },
          rates: [
            {
              code: 'AM',
              windows: [{ from: '00:00', to: '12:00' }],
              tiers: [{ upTo, unitPrice: '0.10' }, { unitPrice: '0.20' }],
            },
            { code: 'PM', tiers: [{ upTo, unitPrice: '0.30' }, { unitPrice: '0.40' }] },
          ],
        },
      ],
    });
  const every = { IMPORT: seriesOf(april.from, april.to, april.zone, () => kWh) };

  it('fill the same tiers in the order in which the energy flowed', () => {
    // 10 × 30 days = 300 kWh: six days of 48, and 12 kWh of the seventh morning.
    const plan = halves({ tierPeriod: 'P1D', tierAllowance: 'POOLED', tierScope: 'COMPONENT' }, '10');
    expect(linesOf({ ...april, plan, registers: every })).toEqual([
      'USE.AM.T1 156 kWh 0.1 15.60',
      'USE.AM.T2 564 kWh 0.2 112.80',
      'USE.PM.T1 144 kWh 0.3 43.20',
      'USE.PM.T2 576 kWh 0.4 230.40',
    ]);
  });

  it.each([
    [
      'a row of the table by the total of 1440',
      'TABLE_BY_TOTAL',
      ['USE.AM.T2 720 kWh 0.2 144.00', 'USE.PM.T2 720 kWh 0.4 288.00'],
    ],
    ['each by its own 720', 'ALL_UNITS', ['USE.AM.T1 720 kWh 0.1 72.00', 'USE.PM.T1 720 kWh 0.3 216.00']],
  ])('are priced by %s', (_, tierMode, expected) => {
    expect(linesOf({ ...april, plan: halves({ tierPeriod: 'P1M', tierMode }, '1000'), registers: every })).toEqual(
      expected,
    );
  });
});

describe('a price change in the middle of a bound', () => {
  const steps = (first: string) => [{ upTo: '300', unitPrice: first }, { unitPrice: '1' }];
  const versions = (tierProration: string) => [
    versionOf(planDocument({ components: [tiered(steps('0.10'), { tierPeriod: 'BILL', tierProration })] })),
    versionOf(
      planDocument({
        effectiveFrom: '2025-04-11',
        components: [tiered(steps('0.20'), { tierPeriod: 'BILL', tierProration })],
      }),
      2,
    ),
  ];

  it('gives each price its share by days: 100 and 200 of 300', () => {
    expect(linesOf({ ...april, plan: versions('BY_DAYS'), registers: perDay(12) })).toEqual([
      'USE.ALL.T1 100 kWh 0.1 10.00',
      'USE.ALL.T2 20 kWh 1 20.00',
      'USE.ALL.T1 200 kWh 0.2 40.00',
      'USE.ALL.T2 40 kWh 1 40.00',
    ]);
  });

  it('or one bound that the earlier days have used', () => {
    expect(linesOf({ ...april, plan: versions('NONE'), registers: perDay(12) })).toEqual([
      'USE.ALL.T1 120 kWh 0.1 12.00',
      'USE.ALL.T1 180 kWh 0.2 36.00',
      'USE.ALL.T2 60 kWh 1 60.00',
    ]);
  });
});

describe('a bound of a month', () => {
  it('is shared by days where the bill has parts of two', () => {
    const part = { zone: april.zone, from: '2025-04-16', to: '2025-05-16' };
    const registers = { IMPORT: seriesOf(part.from, part.to, part.zone, ({ minute }) => (minute === 0 ? 5 * kWh : 0)) };
    const plan = planDocument({
      components: [tiered([{ upTo: '100', unitPrice: '0.10' }, { unitPrice: '0.20' }], { tierPeriod: 'P1M' })],
    });
    // 100 × 15 / 30 and 100 × 15 / 31 = 48.387097.
    expect(linesOf({ ...part, plan, registers })).toEqual([
      'USE.ALL.T1 50 kWh 0.1 5.00',
      'USE.ALL.T2 25 kWh 0.2 5.00',
      'USE.ALL.T1 48.387097 kWh 0.1 4.84',
      'USE.ALL.T2 26.612903 kWh 0.2 5.32',
    ]);
  });

  it('begins on the day on which the months of the contract do', () => {
    const part = { zone: april.zone, from: '2025-04-07', to: '2025-05-07', monthStartsOn: 7 };
    const registers = { IMPORT: seriesOf(part.from, part.to, part.zone, ({ minute }) => (minute === 0 ? 5 * kWh : 0)) };
    const plan = planDocument({
      components: [tiered([{ upTo: '100', unitPrice: '0.10' }, { unitPrice: '0.20' }], { tierPeriod: 'P1M' })],
    });
    expect(linesOf({ ...part, plan, registers })).toEqual([
      'USE.ALL.T1 100 kWh 0.1 10.00',
      'USE.ALL.T2 50 kWh 0.2 10.00',
    ]);
  });
});

describe('a bound of a year', () => {
  const plan = planDocument({
    components: [
      tiered([{ upTo: '1000', unitPrice: '0.10' }, { unitPrice: '0.20' }], {
        tierPeriod: 'P1Y',
        tierProration: 'NONE',
      }),
    ],
  });
  const known = (from: string, to: string, energy: number) => ({
    code: 'USE.ALL',
    from: day(from),
    to: day(to),
    energy: microKwh(energy * kWh),
  });

  it('knows what the year has used: 900 of 1000 before April', () => {
    const facts = { energies: [known('2025-01-01', '2025-02-01', 400), known('2025-02-01', '2025-04-01', 500)] };
    expect(linesOf({ ...april, plan, registers: perDay(12), facts })).toEqual([
      'USE.ALL.T1 100 kWh 0.1 10.00',
      'USE.ALL.T2 260 kWh 0.2 52.00',
    ]);
  });

  it.each([
    ['nothing is known', []],
    ['February is not', [known('2025-01-01', '2025-02-01', 400), known('2025-03-01', '2025-04-01', 500)]],
  ])('is refused when %s of the year', (_, energies) => {
    const refusal = refusalOf(() => rateSketch({ ...april, plan, registers: perDay(12), facts: { energies } }));
    expect(refusal.code).toBe('fact-missing');
    expect(refusal.message).toContain('the tiers of USE.ALL count from 2025-01-01');
  });
});

describe('a season that begins inside the bill', () => {
  it('has its own share of an allowance per day', () => {
    const plan = planDocument({
      seasons: { WARM: ['10-01', '04-10'], COLD: ['04-11', '09-30'] },
      components: [
        {
          ...{
            kind: 'energy',
            code: 'USE',
            register: 'IMPORT',
            tax: 'GST',
            tierPeriod: 'P1D',
            tierAllowance: 'POOLED',
          },
          rates: [
            {
              code: 'WARM',
              windows: [{ season: 'WARM', from: '00:00', to: '24:00' }],
              tiers: [{ upTo: '10', unitPrice: '0.1' }, { unitPrice: '0.3' }],
            },
            {
              code: 'COLD',
              windows: [{ season: 'COLD', from: '00:00', to: '24:00' }],
              tiers: [{ upTo: '20', unitPrice: '0.1' }, { unitPrice: '0.3' }],
            },
          ],
        },
      ],
    });
    // 12 kWh a day: 100 of 120 in the ten warm days, all 240 (of 400) in the twenty cold ones.
    expect(linesOf({ ...april, plan, registers: perDay(12) })).toEqual([
      'USE.WARM.T1 100 kWh 0.1 10.00',
      'USE.WARM.T2 20 kWh 0.3 6.00',
      'USE.COLD.T1 240 kWh 0.1 24.00',
    ]);
  });
});

describe('energy that is not simply read', () => {
  const at = (energies: [used: number, sent: number][]) => ({
    IMPORT: seriesOf(april.from, april.to, april.zone, ({ slot }) => energies[slot]?.[0] ?? 0),
    EXPORT: seriesOf(april.from, april.to, april.zone, ({ slot }) => energies[slot]?.[1] ?? 0),
  });

  it('is netted inside each interval, never across them', () => {
    const registers = at([
      [600_000, 200_000],
      [100_000, 700_000],
      [300_000, 0],
    ]);
    const plan = (net: string) => planDocument({ components: [{ ...flat('1'), net }] });
    expect(linesOf({ ...april, plan: plan('PER_INTERVAL'), registers })).toEqual(['USE.ALL 0.7 kWh 1 0.70']);
    expect(linesOf({ ...april, plan: plan('GROSS'), registers })).toEqual(['USE.ALL 1 kWh 1 1.00']);
  });

  it('cannot be netted against longer intervals', () => {
    const registers = { ...at([]), EXPORT: seriesOf(april.from, april.to, april.zone, () => 0, 3600) };
    const plan = planDocument({ components: [{ ...flat('1'), net: 'PER_INTERVAL' }] });
    expect(refusalOf(() => rateSketch({ ...april, plan, registers })).code).toBe('intervals-misaligned');
  });

  it('is counted by dials for day and night, whatever the clock says', () => {
    const plan = planDocument({
      components: [
        {
          ...{ kind: 'energy', code: 'USE', register: 'IMPORT', tax: 'GST' },
          rates: [
            { code: 'DAY', register: 'R1', unitPrice: '0.30' },
            { code: 'NIGHT', register: 'R2', unitPrice: '0.12' },
          ],
        },
      ],
    });
    const registers = {
      R1: seriesOf(april.from, april.to, april.zone, () => kWh),
      R2: seriesOf(april.from, april.to, april.zone, () => 500_000),
    };
    expect(linesOf({ ...april, plan, registers })).toEqual([
      'USE.DAY 1440 kWh 0.3 432.00',
      'USE.NIGHT 720 kWh 0.12 86.40',
    ]);
    const refusal = refusalOf(() => rateSketch({ ...april, plan, registers: { R1: registers.R1 } }));
    expect(refusal.message).toBe('plan TEST-1 prices register R2 from 2025-04-01, and the site has R1');
  });

  it('is a controlled load on its own register', () => {
    const plan = planDocument({ components: [flat('0.30'), { ...flat('0.15', 'CONTROLLED_LOAD'), optional: true }] });
    const registers = { ...once(10 * kWh), CONTROLLED_LOAD: once(4 * kWh).IMPORT };
    const { lines } = rateSketch({ ...april, plan, registers });
    expect(lines.map(line => `${line.category} ${line.description} ${onPaper(line)}`)).toEqual([
      'USAGE From grid USE.ALL 10 kWh 0.3 3.00',
      'CONTROLLED_LOAD Controlled load CONTROLLED_LOAD.ALL 4 kWh 0.15 0.60',
    ]);
  });
});

describe('network charges passed through', () => {
  const through = (lossFactor: string | null) =>
    planDocument({ components: [{ ...flat('0.05'), kind: 'passThrough', code: 'NUOS', lossFactor }] });
  const facts = { lossFactors: { DLF: parseRate('1.05')!, MLF: parseRate('0.98')! } };

  it.each([
    [null, '1000 kWh × 0.05 = 50.00'],
    ['DLF', '1000 kWh × 0.05 × DLF 1.05 = 52.50'],
    ['MLF', '1000 kWh × 0.05 × MLF 0.98 = 49.00'],
    ['DLF*MLF', '1000 kWh × 0.05 × DLF 1.05 × MLF 0.98 = 51.45'],
  ])('multiply the price, not the metered quantity, by losses %s', (lossFactor, sum) => {
    const sketch = { ...april, plan: through(lossFactor), registers: once(1000 * kWh), facts };
    expect(rateSketch(sketch).lines.map(arithmeticOf)).toEqual([sum]);
    linesOf(sketch);
  });

  it('are refused while the site’s loss factor is unknown', () => {
    const refusal = refusalOf(() => rateSketch({ ...april, plan: through('DLF'), registers: once(0), facts: {} }));
    expect([refusal.code, refusal.message]).toEqual(['fact-missing', "the plan needs the site's loss factor DLF"]);
  });
});

describe('the proof of tiers on save', () => {
  const problemsOf = (component: Record<string, unknown>) =>
    refusalOf(() => readPlan(planDocument({ components: [component, supplyPerDay('1')] }))).fields.map(
      ({ pointer, message }) => `${pointer}: ${message}`,
    );
  const two = (first: string, second: string) => [
    { upTo: first, unitPrice: '1' },
    { upTo: second, unitPrice: '1' },
    { unitPrice: '1' },
  ];
  const dial = (register: string, tiers?: unknown[]) => ({
    code: register,
    register,
    ...(tiers ? { tiers } : { unitPrice: '1' }),
  });

  it.each([
    [
      'descending bounds',
      tiered(two('20', '10'), { tierPeriod: 'BILL' }),
      '/components/0/rates/0/tiers/1/upTo: the bounds of tiers must ascend',
    ],
    [
      'equal bounds',
      tiered(two('20', '20'), { tierPeriod: 'BILL' }),
      '/components/0/rates/0/tiers/1/upTo: the bounds of tiers must ascend',
    ],
    [
      'a bound of nothing',
      tiered(two('0', '20'), { tierPeriod: 'BILL' }),
      '/components/0/rates/0/tiers/0/upTo: the bounds of tiers must ascend from above 0',
    ],
    [
      'a closed last tier',
      tiered([{ upTo: '20', unitPrice: '1' }], { tierPeriod: 'BILL' }),
      '/components/0/rates/0/tiers/0/upTo: the last tier must be open: leave out its upTo',
    ],
    [
      'an open tier before the last',
      tiered([{ unitPrice: '1' }, { unitPrice: '2' }], { tierPeriod: 'BILL' }),
      '/components/0/rates/0/tiers/0/upTo: only the last tier may be open',
    ],
    [
      'a bound with seven decimals',
      tiered([{ upTo: '0.1234567', unitPrice: '1' }, { unitPrice: '2' }], { tierPeriod: 'BILL' }),
      '/components/0/rates/0/tiers/0/upTo: must be a decimal string of at most six decimals, such as "10.5"',
    ],
    [
      'bounds for nobody knows what',
      tiered(two('1', '2'), {}),
      '/components/0/tierPeriod: must say what the bounds of the tiers are for: P1D, P1M, P3M, P1Y or BILL',
    ],
    [
      'a daily bound that could be meant in two ways',
      tiered(two('1', '2'), { tierPeriod: 'P1D' }),
      '/components/0/tierAllowance: must say whether each day has its own bound (EACH) or the days share theirs (POOLED)',
    ],
    [
      'a pooled month',
      tiered(two('1', '2'), { tierPeriod: 'P1M', tierAllowance: 'POOLED' }),
      '/components/0/tierAllowance: only bounds per day (P1D) are EACH or POOLED',
    ],
    [
      'tier fields without tiers',
      { ...flat('1'), tierMode: 'ALL_UNITS' },
      '/components/0/tierMode: no rate of this component has tiers',
    ],
    [
      'both a price and tiers',
      { ...flat('1'), rates: [{ code: 'A', unitPrice: '1', tiers: [{ unitPrice: '1' }] }] },
      '/components/0/rates/0/unitPrice: a rate has either a unitPrice or tiers',
    ],
    [
      'a dial with windows',
      { ...flat('1'), rates: [{ ...dial('R1'), windows: [{ from: '00:00', to: '24:00' }] }] },
      '/components/0/rates/0/windows: a rate that reads its own register has no windows: the dial has decided',
    ],
    [
      'a rate without a dial among dials',
      { ...flat('1'), rates: [dial('R1'), { code: 'B', unitPrice: '1' }] },
      '/components/0/rates/1: B names no register, and other rates do: either all or none',
    ],
    [
      'two rates on one dial',
      { ...flat('1'), rates: [dial('R1'), { ...dial('R1'), code: 'B' }] },
      '/components/0/rates/1/register: R1 and B both read R1: it would be billed twice',
    ],
    [
      'dials that fill the same tiers',
      { ...flat('1'), rates: [dial('R1', two('1', '2')), dial('R2')], tierPeriod: 'BILL', tierScope: 'COMPONENT' },
      '/components/0/tierScope: dials do not tell which of their energy flowed first, so they cannot fill the same tiers',
    ],
    [
      'a flat amount for each day',
      tiered([{ upTo: '1', unitPrice: '1', flat: '1' }, { unitPrice: '1' }], {
        tierPeriod: 'P1D',
        tierAllowance: 'EACH',
      }),
      '/components/0/tierPeriod: a flat amount per tier is not for a day',
    ],
    [
      'netting of anything but import',
      { ...flat('1', 'SOLAR'), net: 'PER_INTERVAL' },
      '/components/0/net: only IMPORT can be netted against what the site sent to the grid',
    ],
  ])('refuses %s', (_, component, problem) => {
    expect(problemsOf(component)).toContain(problem);
  });
});
