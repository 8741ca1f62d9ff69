import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { billCaseSchema } from '../../src/billing/bill-case.ts';
import { judgeBillCase } from '../../src/billing/judge-bill-case.ts';
import { runBillCase } from '../../src/billing/run-bill-case.ts';
import type { ImportOptions } from '../../src/tariffs/foreign/import-report.ts';
import { importCdr } from '../../src/tariffs/import-cdr.ts';
import { readPlan } from '../../src/tariffs/plan.ts';
import { refusalOf } from './fixtures.ts';
import { cdrPeriod, cdrPlan, cdrRate, cdrSingle, cdrTimes, cdrTou } from './foreign-plans.ts';

const weekdays = ['MON', 'TUE', 'WED', 'THU', 'FRI'];
const weekend = ['SAT', 'SUN'];

/** Imported, and proved as it would be on saving. */
function taken(contract: Record<string, unknown>, options?: ImportOptions) {
  const result = importCdr(cdrPlan(contract), options);
  readPlan(result.document);
  return result;
}

function component(contract: Record<string, unknown>, code: string, options?: ImportOptions) {
  const { components } = taken(contract, options).document as { components: Record<string, unknown>[] };
  return components.find(component => component['code'] === code);
}

const touPlan = (...rates: unknown[]) => ({ tariffPeriod: [cdrPeriod(cdrTou(...rates))] });

describe('a CDR plan becomes a plan document', () => {
  it('with its own name, the day on the market’s clock, and prices without GST', () => {
    expect(taken({}).document).toMatchObject({
      planCode: 'LAN100001MRE1-EME',
      displayName: 'Lantern Home',
      customerType: 'RESIDENTIAL',
      source: { kind: 'CDR', id: 'LAN100001MRE1@EME' },
      currency: 'AUD',
      taxBasis: 'EXCLUSIVE',
      jurisdiction: 'AU-NSW',
      effectiveFrom: '2026-07-01',
      timeZone: 'LOCAL',
      components: [
        {
          kind: 'energy',
          code: 'USE',
          rates: [{ code: 'ALL', description: 'Any time', unitPrice: '0.3' }],
          tax: 'GST',
        },
        { kind: 'supply', code: 'SUPPLY', amount: '1.2', per: 'DAY', tax: 'GST' },
      ],
    });
  });

  it('that says of each field with words alone that it is not part of the prices', () => {
    const { notes } = taken({ terms: 'Prices may change.', incentives: [{ displayName: 'A cap', category: 'GIFT' }] });
    const words = notes.map(({ message }) => message).join('; ');
    for (const field of ['terms', 'incentives', 'brandName', 'includedPostcodes']) expect(words).toContain(field);
  });

  it.each([
    ['20:59', '21:00', 'the last minute that counts'],
    ['21:00', '21:00', 'the end itself'],
    ['20:59:59', '21:00', 'with seconds'],
    ['2059', '21:00', 'without a colon'],
  ])('an end of %s is %s: %s', (end, to) => {
    const use = component(
      touPlan(cdrRate('PEAK', '0.5', cdrTimes('16:00', end)), {
        ...cdrRate('OFF_PEAK', '0.2', cdrTimes('21:00', '23:59'), cdrTimes('00:00', '15:59')),
      }),
      'USE',
    );
    expect(use).toMatchObject({ rates: [{ windows: [{ from: '16:00', to }] }, {}] });
  });

  it.each([
    ['23:59', '23:59 is the end of the day'],
    ['00:00', '00:00 is the end of the day'],
  ])('a day that ends at %s', end => {
    const use = component(touPlan(cdrRate('PEAK', '0.5', cdrTimes('00:00', end))), 'USE');
    expect(use).toMatchObject({ rates: [{ code: 'PEAK', unitPrice: '0.5' }] });
    expect(use).not.toHaveProperty('rates.0.windows');
  });

  it('each minute is asked on its own date: a window over midnight is cut there', () => {
    const use = component(
      touPlan(
        cdrRate('SHOULDER', '0.25', cdrTimes('21:00', '10:59')),
        cdrRate('OFF_PEAK', '0.1', cdrTimes('11:00', '15:59')),
        cdrRate('PEAK', '0.4', cdrTimes('16:00', '20:59')),
      ),
      'USE',
    );
    expect(use).toMatchObject({
      rates: [
        {
          windows: [
            { from: '00:00', to: '11:00' },
            { from: '21:00', to: '24:00' },
          ],
        },
        {},
        {},
      ],
    });
  });

  it('days that are priced alike are one day type; holidays follow the distributor’s state', () => {
    const { document } = taken(
      touPlan(
        cdrRate('PEAK', '0.5', cdrTimes('07:00', '22:59', weekdays)),
        cdrRate(
          'OFF_PEAK',
          '0.2',
          cdrTimes('00:00', '06:59', weekdays),
          cdrTimes('23:00', '23:59', weekdays),
          cdrTimes('00:00', '23:59', [...weekend, 'PUBLIC_HOLIDAYS']),
        ),
      ),
    );
    expect(document).toMatchObject({
      holidayCalendar: 'AU-NSW',
      dayTypes: { WD: weekdays, WE: [...weekend, 'PUBLIC_HOLIDAY'] },
    });
    const use = (document['components'] as Record<string, unknown>[])[0];
    expect(use).toMatchObject({
      rates: [
        { code: 'PEAK', windows: [{ days: 'WD', from: '07:00', to: '23:00' }] },
        {
          code: 'OFF_PEAK',
          windows: [
            { days: 'WD', from: '00:00', to: '07:00' },
            { days: 'WD', from: '23:00', to: '24:00' },
            { days: 'WE', from: '00:00', to: '24:00' },
          ],
        },
      ],
    });
  });

  it('periods of the year are seasons, February whole, and a price in both stays one rate', () => {
    const evening = cdrTimes('16:00', '20:59');
    const rest = [cdrTimes('21:00', '23:59'), cdrTimes('00:00', '15:59')];
    const { document } = taken({
      tariffPeriod: [
        cdrPeriod({
          startDate: '11-01',
          endDate: '02-28',
          ...cdrTou(cdrRate('PEAK', '0.6', evening), cdrRate('OFF_PEAK', '0.2', ...rest)),
        }),
        cdrPeriod({
          startDate: '03-01',
          endDate: '10-31',
          ...cdrTou(cdrRate('PEAK', '0.5', evening), cdrRate('OFF_PEAK', '0.2', ...rest)),
        }),
      ],
    });
    expect(document['seasons']).toEqual({ MAR_OCT: ['03-01', '10-31'], NOV_FEB: ['11-01', '02-29'] });
    expect(document['components']).toMatchObject([
      {
        rates: [
          { code: 'PEAK', windows: [{ season: 'NOV_FEB', from: '16:00', to: '21:00' }], unitPrice: '0.6' },
          {
            code: 'OFF_PEAK',
            windows: [
              { from: '00:00', to: '16:00' },
              { from: '21:00', to: '24:00' },
            ],
          },
          { code: 'PEAK_MAR_OCT', windows: [{ season: 'MAR_OCT' }], unitPrice: '0.5' },
        ],
      },
      { code: 'SUPPLY' },
    ]);
  });

  it('a year from July to June is no season', () => {
    const { document } = taken({
      tariffPeriod: [cdrPeriod({ startDate: '07-01', endDate: '06-30', ...cdrSingle([{ unitPrice: '0.3' }]) })],
    });
    expect(document['seasons']).toEqual({});
  });

  it('volumes are widths of blocks: their sums are the bounds of tiers', () => {
    const rates = [{ unitPrice: '0.20', volume: 10.5 }, { unitPrice: '0.25', volume: 4.25 }, { unitPrice: '0.30' }];
    const use = component({ tariffPeriod: [cdrPeriod(cdrSingle(rates, { period: 'P1M' }))] }, 'USE');
    expect(use).toMatchObject({
      tierPeriod: 'P1M',
      rates: [
        { tiers: [{ upTo: '10.5', unitPrice: '0.2' }, { upTo: '14.75', unitPrice: '0.25' }, { unitPrice: '0.3' }] },
      ],
    });
  });

  const plainBlocks = {
    tariffPeriod: [cdrPeriod(cdrSingle([{ unitPrice: '0.2', volume: 10 }, { unitPrice: '0.3' }], { period: 'P1D' }))],
  };
  const freeAtNoon = touPlan(
    {
      ...cdrRate('SHOULDER', '0', cdrTimes('11:00', '13:59')),
      rates: [{ unitPrice: '0.00', volume: 24 }, { unitPrice: '0.25' }],
      period: 'P1D',
    },
    cdrRate('OFF_PEAK', '0.25', cdrTimes('14:00', '23:59'), cdrTimes('00:00', '10:59')),
  );

  it.each([
    ['blocks of a day without windows', plainBlocks, 'POOLED'],
    ['a free cap inside a window', freeAtNoon, 'EACH'],
  ])('%s are taken as %s, and asked for', (_, contract, chosen) => {
    expect(component(contract, 'USE')).toMatchObject({ tierPeriod: 'P1D', tierAllowance: chosen });
    expect(taken(contract).questions).toMatchObject([{ id: 'USE.tierAllowance', chosen, choices: ['POOLED', 'EACH'] }]);
    const other = chosen === 'EACH' ? 'POOLED' : 'EACH';
    const answered = component(contract, 'USE', { answers: { 'USE.tierAllowance': other } });
    expect(answered).toMatchObject({ tierAllowance: other });
  });

  it('without a time zone the clock is AEST, with a warning', () => {
    const { document, notes } = taken({ timeZone: undefined });
    expect(document['timeZone']).toBe('AEST');
    expect(notes.find(({ pointer }) => pointer.endsWith('/timeZone'))?.message).toContain('AEST');
  });

  it('controlled load reads its own register and has its own supply charge', () => {
    const load = {
      displayName: 'Hot water',
      rateBlockUType: 'singleRate',
      singleRate: { displayName: 'Hot water', dailySupplyCharge: '0.05', rates: [{ unitPrice: '0.15' }] },
    };
    const contract = { pricingModel: 'SINGLE_RATE_CONT_LOAD', controlledLoad: [load] };
    expect(component(contract, 'CL')).toMatchObject({ register: 'CONTROLLED_LOAD', optional: false });
    expect(component(contract, 'CL_SUPPLY')).toMatchObject({ amount: '0.05', per: 'DAY' });
    const free = { ...load, singleRate: { ...load.singleRate, dailySupplyCharge: '0.00' } };
    expect(component({ controlledLoad: [free] }, 'CL')).toMatchObject({ optional: true });
    expect(component({ controlledLoad: [free] }, 'CL_SUPPLY')).toBeUndefined();
  });

  it('feed-in tariffs of retailer and government are paid beside each other', () => {
    const { document } = taken({
      solarFeedInTariff: [
        {
          displayName: 'Ours',
          scheme: 'OTHER',
          payerType: 'RETAILER',
          tariffUType: 'timeVaryingTariffs',
          timeVaryingTariffs: [
            {
              type: 'PEAK',
              rates: [{ unitPrice: '0.10' }],
              timeVariations: [cdrTimes('16:00', '20:59')],
            },
          ],
        },
        {
          displayName: 'State scheme',
          scheme: 'PREMIUM',
          payerType: 'GOVERNMENT',
          tariffUType: 'singleTariff',
          singleTariff: { rates: [{ unitPrice: '0.44' }] },
        },
      ],
    });
    const feedIns = (document['components'] as Record<string, unknown>[]).filter(({ kind }) => kind === 'feedIn');
    expect(feedIns).toMatchObject([
      {
        code: 'FIT',
        optional: true,
        rates: [
          { code: 'PEAK', unitPrice: '0.1' },
          { code: 'OTHER', unitPrice: '0' },
        ],
      },
      { code: 'FIT_2', rates: [{ code: 'ALL', unitPrice: '0.44' }] },
    ]);
  });

  const demandCharge = (parts: Record<string, unknown>) => ({
    tariffPeriod: [
      {
        ...cdrPeriod(cdrSingle([{ unitPrice: '0.3' }])),
        demandCharges: [
          {
            displayName: 'Evening demand',
            amount: '0.35',
            measureUnit: 'KW',
            ...cdrTimes('15:00', '20:59', weekdays),
            measurementPeriod: 'MONTH',
            chargePeriod: 'DAY',
            ...parts,
          },
        ],
      },
    ],
  });

  it('a demand charge has its windows, half-hours and periods', () => {
    expect(component(demandCharge({}), 'DEM')).toMatchObject({
      kind: 'demand',
      quantity: 'KW',
      interval: 'PT30M',
      windows: [{ days: 'WD', from: '15:00', to: '21:00' }],
      measurementPeriod: 'MONTH',
      chargePeriod: 'DAY',
      unitPrice: '0.35',
    });
    expect(component(demandCharge({ minDemand: '3' }), 'DEM')).toMatchObject({ min: '3' });
    const free = component(demandCharge({ minDemand: '3' }), 'DEM', { answers: { 'DEM.minDemand': 'FREE' } });
    expect(free).toMatchObject({ free: '3' });
  });

  it('fees include GST; a yearly one is charged by itself, a card fee with the payment', () => {
    const contract = {
      fees: [
        { type: 'MEMBERSHIP', term: 'ANNUAL', amount: '120.00', description: 'Membership' },
        { type: 'DD_DISHONOUR', term: 'FIXED', amount: '15.00' },
        { type: 'CC_PROCESSING', term: 'PERCENT_OF_BILL', rate: '0.006' },
      ],
    };
    const { document, notes } = taken(contract);
    const fees = (document['components'] as Record<string, unknown>[]).filter(({ kind }) => kind === 'fee');
    expect(fees).toMatchObject([
      { code: 'FEE_MEMBERSHIP', trigger: 'ANNUAL', amount: '120', tax: 'GST', taxBasis: 'INCLUSIVE' },
      { code: 'FEE_DD_DISHONOUR', trigger: 'EVENT', amount: '15', taxBasis: 'INCLUSIVE' },
    ]);
    expect(notes.map(({ message }) => message).join()).toContain('CC_PROCESSING');
  });

  it('discounts keep their method, condition and last day', () => {
    const discount = {
      displayName: 'Pay on time',
      type: 'CONDITIONAL',
      category: 'PAY_ON_TIME',
      methodUType: 'percentOfBill',
      percentOfBill: { rate: '0.03' },
      endDate: '2027-06-30',
    };
    expect(taken({ discounts: [discount] }).document['discounts']).toEqual([
      {
        code: 'DISCOUNT_1',
        displayName: 'Pay on time',
        methodUType: 'percentOfBill',
        category: 'PAY_ON_TIME',
        type: 'CONDITIONAL',
        rate: '0.03',
        to: '2027-07-01',
      },
    ]);
  });

  it('green power is chosen by a person', () => {
    const contract = {
      greenPowerCharges: [
        {
          displayName: 'Green',
          scheme: 'GREENPOWER',
          type: 'FIXED_PER_UNIT',
          tiers: [
            { percentGreen: '0.20', amount: '0.055' },
            { percentGreen: '1.00', amount: '0.050' },
          ],
        },
      ],
    };
    expect(component(contract, 'GREEN_1')).toBeUndefined();
    const chosen = component(contract, 'GREEN_1', { answers: { 'GREEN_1.percent': '0.2' } });
    expect(chosen).toMatchObject({ kind: 'greenPower', percentOfKwh: '0.2', unitPrice: '0.055' });
  });
});

describe('what cannot be billed is refused by its name and place', () => {
  const contract = '/data/electricityContract';
  const single = (parts: Record<string, unknown>) => ({
    tariffPeriod: [cdrPeriod(cdrSingle([{ unitPrice: '0.3' }], parts))],
  });
  const cases: [string, Record<string, unknown>, string, RegExp][] = [
    ['an unknown field', { surcharge: '0.02' }, `${contract}/surcharge`, /not known/],
    ['an unknown field inside', single({ loading: 1 }), `${contract}/tariffPeriod/0/singleRate/loading`, /not known/],
    [
      'a quota plan',
      { pricingModel: 'QUOTA', ...single({ generalUnitPrice: '0.33' }) },
      `${contract}/tariffPeriod/0/singleRate/generalUnitPrice`,
      /including GST/,
    ],
    [
      'a price per day where kWh are priced',
      { tariffPeriod: [cdrPeriod(cdrSingle([{ unitPrice: '0.3', measureUnit: 'DAYS' }]))] },
      `${contract}/tariffPeriod/0/singleRate/rates/0/measureUnit`,
      /per DAYS/,
    ],
    [
      'a block without a volume before the last',
      { tariffPeriod: [cdrPeriod(cdrSingle([{ unitPrice: '0.3' }, { unitPrice: '0.4' }], { period: 'P1M' }))] },
      `${contract}/tariffPeriod/0/singleRate/rates/0/volume`,
      /last block/,
    ],
    [
      'blocks that do not say what they are for',
      { tariffPeriod: [cdrPeriod(cdrSingle([{ unitPrice: '0.3', volume: 5 }, { unitPrice: '0.4' }]))] },
      `${contract}/tariffPeriod/0/singleRate`,
      /USE\.tierPeriod/,
    ],
    [
      'two clocks',
      {
        tariffPeriod: [
          cdrPeriod({ endDate: '06-30', timeZone: 'AEST', ...cdrSingle([{ unitPrice: '0.3' }]) }),
          cdrPeriod({ startDate: '07-01', timeZone: 'LOCAL', ...cdrSingle([{ unitPrice: '0.3' }]) }),
        ],
      },
      `${contract}/tariffPeriod/1/timeZone`,
      /one clock/,
    ],
    [
      'two prices for the same days',
      {
        tariffPeriod: [cdrPeriod(cdrSingle([{ unitPrice: '0.3' }])), cdrPeriod(cdrSingle([{ unitPrice: '0.4' }]))],
      },
      `${contract}/tariffPeriod/1/startDate`,
      /same days/,
    ],
    [
      'a supply charge by season',
      {
        tariffPeriod: [
          cdrPeriod({ endDate: '06-30', ...cdrSingle([{ unitPrice: '0.3' }]) }),
          cdrPeriod({ startDate: '07-01', dailySupplyCharge: '1.30', ...cdrSingle([{ unitPrice: '0.3' }]) }),
        ],
      },
      `${contract}/tariffPeriod/1/dailySupplyCharge`,
      /season/,
    ],
    [
      'a discount of 5 for 5 %',
      {
        discounts: [{ displayName: 'D', type: 'GUARANTEED', methodUType: 'percentOfUse', percentOfUse: { rate: '5' } }],
      },
      `${contract}/discounts/0/percentOfUse/rate`,
      /fraction/,
    ],
    ['a fee for a week', { fees: [{ type: 'OTHER', term: 'WEEKLY', amount: '1' }] }, `${contract}/fees/0/term`, /week/],
  ];

  it.each(cases)('%s', (_, parts, pointer, message) => {
    const refusal = refusalOf(() => importCdr(cdrPlan(parts)));
    expect(refusal.code).toBe('plan-import-refused');
    expect(refusal.fields.find(field => field.pointer === pointer)?.message).toMatch(message);
  });

  it('gas, and an answer to a question that nobody asked', () => {
    const gas = refusalOf(() => importCdr(cdrPlan({}, { gasContract: { timeZone: 'LOCAL' }, fuelType: 'DUAL' })));
    expect(gas.fields.map(({ pointer }) => pointer)).toEqual(['/data/gasContract', '/data/fuelType']);
    const answered = refusalOf(() => importCdr(cdrPlan({}), { answers: { 'USE.tierAllowance': 'EACH' } }));
    expect(answered.fields[0]?.message).toContain('USE.tierAllowance');
  });

  it('an unknown field that says nothing is no matter', () => {
    expect(() => taken({ surcharge: '', loadings: [], extra: { a: null } })).not.toThrow();
  });
});

describe('the published cases of CDR plans, told as CDR tells them, bill what they should', () => {
  const ergon = touPlan(
    cdrRate('PEAK', '0.41556', cdrTimes('16:00', '20:59')),
    cdrRate('SHOULDER', '0.25486', cdrTimes('21:00', '10:59')),
    cdrRate('OFF_PEAK', '0.20618', cdrTimes('11:00', '15:59')),
  ).tariffPeriod[0];
  const withSupply = { tariffPeriod: [{ ...ergon, dailySupplyCharge: '1.3530' }] };
  const withoutSupply = { tariffPeriod: [{ ...ergon, dailySupplyCharge: '0.00' }] };
  const sharer = {
    tariffPeriod: [
      {
        ...cdrPeriod(
          cdrTou(
            cdrRate('PEAK', '0.40', cdrTimes('17:00', '20:59')),
            cdrRate('EV', '0.1519', cdrTimes('00:00', '05:59')),
            {
              ...cdrRate('FREE', '0', cdrTimes('11:00', '13:59')),
              rates: [{ unitPrice: '0.00', volume: 24 }, { unitPrice: '0.2534' }],
              period: 'P1D',
            },
            cdrRate(
              'OFF_PEAK',
              '0.2534',
              cdrTimes('06:00', '10:59'),
              cdrTimes('14:00', '16:59'),
              cdrTimes('21:00', '23:59'),
            ),
          ),
        ),
        dailySupplyCharge: '1.6363',
      },
    ],
  };

  it.each([
    ['B47-free-window-with-cap', sharer],
    ['B52-window-over-midnight', withSupply],
    ['B52-clock-aest', { ...withoutSupply, timeZone: undefined }],
    ['B52-clock-local', withoutSupply],
  ])('%s', (name, contract) => {
    const text = readFileSync(join(import.meta.dirname, `../bill-cases/${name}.json`), 'utf8');
    const { document } = taken(contract, { effectiveFrom: '2000-01-01' });
    const billCase = billCaseSchema.parse({ ...JSON.parse(text), plans: [document] });
    expect(judgeBillCase(billCase.expected, runBillCase(billCase, noFile))).toEqual([]);
  });
});

function noFile(name: string): string {
  throw new Error(`no case here reads ${name}`);
}
