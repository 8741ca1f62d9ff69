import { describe, expect, it } from 'vitest';
import type { ImportOptions } from '../../src/tariffs/foreign/import-report.ts';
import { importPlan } from '../../src/tariffs/import-plan.ts';
import { refusalOf } from './fixtures.ts';
import { cdrPeriod, cdrPlan, cdrRate, cdrSingle, cdrTimes, cdrTou, urdbRate, urdbYear } from './foreign-plans.ts';

/** The places that were refused, each with a sentence. */
function placesOf(source: unknown, options: ImportOptions = {}): string[] {
  const refusal = refusalOf(() => importPlan(JSON.parse(JSON.stringify(source)), undefined, options));
  expect(refusal.code).toBe('plan-import-refused');
  for (const { message } of refusal.fields) expect(message).toMatch(/\w+ \w+/);
  expect(refusal.message).toContain(`${refusal.fields[0]?.pointer}: ${refusal.fields[0]?.message}`);
  return refusal.fields.map(({ pointer }) => pointer.replace('/data/electricityContract', '…'));
}

const flatPeriod = cdrPeriod(cdrSingle([{ unitPrice: '0.3' }]));
const year = (parts: Record<string, unknown>) => ({ tariffPeriod: [{ ...flatPeriod, ...parts }] });
const rates = (...list: unknown[]) => year(cdrSingle(list, { period: 'P1M' }));
const tou = (...list: unknown[]) => year({ ...cdrTou(...list), singleRate: undefined });
const load = (parts: Record<string, unknown>) => ({ controlledLoad: [{ displayName: 'Hot water', ...parts }] });
const power = (...list: Record<string, unknown>[]) =>
  year({ demandCharges: list.map(each => ({ measureUnit: 'KW', amount: '1', ...each })) });
const discount = (parts: Record<string, unknown>) => ({
  discounts: [{ type: 'GUARANTEED', methodUType: 'percentOfUse', percentOfUse: { rate: '0.1' }, ...parts }],
});
const fee = (parts: Record<string, unknown>) => ({ fees: [{ type: 'OTHER', term: 'FIXED', ...parts }] });
const sold = (parts: Record<string, unknown>) => ({ solarFeedInTariff: [{ payerType: 'RETAILER', ...parts }] });
const green = (parts: Record<string, unknown>) => ({
  greenPowerCharges: [{ type: 'FIXED_PER_DAY', tiers: [{ percentGreen: '1', amount: '1' }], ...parts }],
});
const halves = (first: Record<string, unknown>, second: Record<string, unknown>) => ({
  tariffPeriod: [
    { ...flatPeriod, endDate: '06-30', ...first },
    { ...flatPeriod, startDate: '07-01', ...second },
  ],
});
const bands = (...list: unknown[]) => year({ dailySupplyCharge: undefined, bandedDailySupplyCharges: list });

describe('a CDR plan is refused at the place', () => {
  it.each<[what: string, contract: Record<string, unknown>, places: string[]]>([
    ['without a period', { tariffPeriod: [] }, ['…/tariffPeriod']],
    ['with a clock nobody knows', { timeZone: 'AWST' }, ['…/timeZone']],
    ['with a day no year has', year({ startDate: '02-30' }), ['…/tariffPeriod/0/startDate']],
    ['with an end that is no day', year({ endDate: 'June' }), ['…/tariffPeriod/0/endDate']],
    ['with a block that is not there', year({ rateBlockUType: 'timeOfUseRates' }), ['…/tariffPeriod/0/timeOfUseRates']],
    ['with a block of another kind', year({ rateBlockUType: 'spot' }), ['…/tariffPeriod/0/rateBlockUType']],
    [
      'with both kinds of rates',
      year({ timeOfUseRates: [cdrRate('PEAK', '1', cdrTimes('00:00', '23:59'))] }),
      ['…/tariffPeriod/0/timeOfUseRates'],
    ],
    ['with a rate that has no hours', tou(cdrRate('PEAK', '1')), ['…/tariffPeriod/0/timeOfUseRates/0/timeOfUse']],
    [
      'with an hour that is none',
      tou(cdrRate('PEAK', '1', cdrTimes('25:00', '23:59'))),
      ['…/tariffPeriod/0/timeOfUseRates/0/timeOfUse/0/startTime'],
    ],
    [
      'with a start at the end of the day',
      tou(cdrRate('PEAK', '1', cdrTimes('24:00', '23:59'))),
      ['…/tariffPeriod/0/timeOfUseRates/0/timeOfUse/0/startTime'],
    ],
    [
      'with an end that is none',
      tou(cdrRate('PEAK', '1', cdrTimes('00:00', '12:60'))),
      ['…/tariffPeriod/0/timeOfUseRates/0/timeOfUse/0/endTime'],
    ],
    [
      'with a day that is none',
      tou(cdrRate('PEAK', '1', cdrTimes('00:00', '23:59', ['MON', 'FUNDAY']))),
      ['…/tariffPeriod/0/timeOfUseRates/0/timeOfUse/0/days/1'],
    ],
    ['without a rate', year(cdrSingle([])), ['…/tariffPeriod/0/singleRate/rates']],
    ['without a price', rates({ measureUnit: 'KWH' }), ['…/tariffPeriod/0/singleRate/rates/0/unitPrice']],
    [
      'with a price that is no number',
      rates({ unitPrice: 'cheap' }),
      ['…/tariffPeriod/0/singleRate/rates/0/unitPrice', '…/tariffPeriod/0/singleRate/rates/0/unitPrice'],
    ],
    [
      'with a volume below zero',
      rates({ unitPrice: '1', volume: -5 }, { unitPrice: '2' }),
      ['…/tariffPeriod/0/singleRate/rates/0/volume', '…/tariffPeriod/0/singleRate/rates/0/volume'],
    ],
    ['with an object where a text is', year({ startDate: { month: 1 } }), ['…/tariffPeriod/0/startDate']],
    [
      'with a text where an object is',
      year({ singleRate: 'all' }),
      ['…/tariffPeriod/0/singleRate', '…/tariffPeriod/0/singleRate/rates'],
    ],
    [
      'with blocks for two months',
      year(cdrSingle([{ unitPrice: '1', volume: 1 }, { unitPrice: '2' }], { period: 'P2M' })),
      ['…/tariffPeriod/0/singleRate'],
    ],
    [
      'with blocks for two times',
      tou(
        {
          ...cdrRate('PEAK', '1', cdrTimes('00:00', '11:59')),
          rates: [{ unitPrice: '1', volume: 1 }, { unitPrice: '2' }],
          period: 'P1D',
        },
        {
          ...cdrRate('SHOULDER', '1', cdrTimes('12:00', '23:59')),
          rates: [{ unitPrice: '3', volume: 1 }, { unitPrice: '4' }],
          period: 'P1M',
        },
      ),
      ['…/tariffPeriod/0/timeOfUseRates/0'],
    ],
    [
      'with a load for some days',
      load({ startDate: '01-01', singleRate: { rates: [{ unitPrice: '1' }] } }),
      ['…/controlledLoad/0/startDate'],
    ],
    [
      'with a load until some day',
      load({ endDate: '01-01', singleRate: { rates: [{ unitPrice: '1' }] } }),
      ['…/controlledLoad/0/endDate'],
    ],
    ['with a load without a price', load({}), ['…/controlledLoad/0/singleRate']],
    [
      'with a load that some sites have',
      load({ singleRate: { dailySupplyCharge: '0.05', rates: [{ unitPrice: '1' }] } }),
      ['…/controlledLoad/0'],
    ],
    [
      'with a load of two rates without hours',
      load({
        timeOfUseRates: [
          { type: 'A', rates: [{ unitPrice: '1' }] },
          { type: 'B', rates: [{ unitPrice: '2' }], timeOfUse: [cdrTimes('00:00', '06:59')] },
        ],
      }),
      ['…/controlledLoad/0/timeOfUseRates/0/timeOfUse'],
    ],
    [
      'with a load of two supply charges',
      {
        pricingModel: 'SINGLE_RATE_CONT_LOAD',
        ...load({
          timeOfUseRates: [
            {
              type: 'A',
              dailySupplyCharge: '0.1',
              rates: [{ unitPrice: '1' }],
              timeOfUse: [cdrTimes('07:00', '23:59')],
            },
            {
              type: 'B',
              dailySupplyCharge: '0.2',
              rates: [{ unitPrice: '2' }],
              timeOfUse: [cdrTimes('00:00', '06:59')],
            },
          ],
        }),
      },
      ['…/controlledLoad/0/timeOfUseRates'],
    ],
    ['with power that has no price', power({ amount: undefined }), ['…/tariffPeriod/0/demandCharges/0/amount']],
    ['with power in horses', power({ measureUnit: 'HP' }), ['…/tariffPeriod/0/demandCharges/0/measureUnit']],
    [
      'with power measured by the week',
      power({ measurementPeriod: 'WEEK' }),
      ['…/tariffPeriod/0/demandCharges/0/measurementPeriod'],
    ],
    [
      'with power priced by the week',
      power({ chargePeriod: 'WEEK' }),
      ['…/tariffPeriod/0/demandCharges/0/chargePeriod'],
    ],
    [
      'with power from and up to',
      power({ minDemand: '5', maxDemand: '10' }),
      ['…/tariffPeriod/0/demandCharges/0/maxDemand'],
    ],
    [
      'with a gap between bands of power',
      power({ maxDemand: '10' }, { minDemand: '12' }),
      ['…/tariffPeriod/0/demandCharges/1/minDemand'],
    ],
    [
      'with power that begins above nothing',
      power({ minDemand: '2', maxDemand: '10' }, { minDemand: '10' }),
      ['…/tariffPeriod/0/demandCharges/0/minDemand'],
    ],
    [
      'with a price of power for a season',
      halves({ demandCharges: [{ amount: '1', measureUnit: 'KW', chargePeriod: 'TARIFF_PERIOD' }] }, {}),
      ['…/tariffPeriod/0/demandCharges/0/chargePeriod'],
    ],
    [
      'with supply for half the year',
      halves({}, { dailySupplyCharge: undefined }),
      ['…/tariffPeriod/0/dailySupplyCharge'],
    ],
    [
      'with supply at once flat and in bands',
      { tariffPeriod: [{ ...flatPeriod, bandedDailySupplyCharges: [{ unitPrice: '1' }] }] },
      ['…/tariffPeriod/0/bandedDailySupplyCharges'],
    ],
    [
      'with a band without a price',
      bands({ volume: 5 }, { unitPrice: '1' }),
      ['…/tariffPeriod/0/bandedDailySupplyCharges/0/unitPrice'],
    ],
    [
      'with a band without an end',
      bands({ unitPrice: '1' }, { unitPrice: '2' }),
      ['…/tariffPeriod/0/bandedDailySupplyCharges/0/volume'],
    ],
    [
      'with bands of two units',
      bands({ unitPrice: '1', volume: 1, measureUnit: 'KWH' }, { unitPrice: '2', measureUnit: 'DAYS' }),
      ['…/tariffPeriod/0/bandedDailySupplyCharges'],
    ],
    ['with solar without a price', sold({}), ['…/solarFeedInTariff/0/singleTariff']],
    [
      'with a discount of no kind',
      discount({ methodUType: undefined }),
      ['…/discounts/0/methodUType', '…/discounts/0/percentOfUse'],
    ],
    ['with a discount of no worth', discount({ percentOfUse: undefined }), ['…/discounts/0/percentOfUse']],
    [
      'with a discount without a rate',
      discount({ percentOfUse: { rate: '', x: null, amount: '1' } }),
      ['…/discounts/0/percentOfUse/rate', '…/discounts/0/percentOfUse/amount'],
    ],
    ['with a discount below zero', discount({ percentOfUse: { rate: '-0.1' } }), ['…/discounts/0/percentOfUse/rate']],
    [
      'with a discount without an amount',
      discount({ methodUType: 'fixedAmount', percentOfUse: undefined, fixedAmount: { amount: 'ten' } }),
      ['…/discounts/0/fixedAmount/amount', '…/discounts/0/fixedAmount/amount'],
    ],
    ['with a discount nobody knows is sure', discount({ type: undefined }), ['…/discounts/0/type']],
    ['with a discount of its own kind', discount({ type: 'OTHER' }), ['…/discounts/0/type']],
    ['with a discount until someday', discount({ endDate: 'soon' }), ['…/discounts/0/endDate']],
    ['with a share on a fixed fee', fee({ amount: '1', rate: '0.1' }), ['…/fees/0/rate']],
    ['with a share without a share', fee({ term: 'PERCENT_OF_BILL' }), ['…/fees/0/rate']],
    ['with a share on some bills', fee({ term: 'PERCENT_OF_BILL', rate: '0.1' }), ['…/fees/0']],
  ])('%s', (_, contract, places) => {
    expect(placesOf(cdrPlan(contract))).toEqual(places);
  });

  it.each<[what: string, plan: Record<string, unknown>, places: string[]]>([
    ['without a contract', { electricityContract: undefined }, ['…', '…/tariffPeriod']],
    ['for somebody unknown', { customerType: 'SHIP' }, ['/data/customerType']],
    ['without a name', { planId: '@' }, ['/data/planId']],
    ['without a first day', { effectiveFrom: undefined }, ['/data/effectiveFrom']],
    ['with a first day that is none', { effectiveFrom: 'today' }, ['/data/effectiveFrom']],
    [
      'with a meter whose price is a range',
      { meteringCharges: [{ minimumValue: '1', maximumValue: '2', period: 'P1D' }] },
      ['/data/meteringCharges/0/maximumValue'],
    ],
    [
      'with a meter without a price',
      { meteringCharges: [{ period: 'P1D' }] },
      ['/data/meteringCharges/0/maximumValue'],
    ],
    [
      'with a meter for a week',
      { meteringCharges: [{ minimumValue: '1', period: 'P1W' }] },
      ['/data/meteringCharges/0/period'],
    ],
  ])('%s', (_, plan, places) => {
    expect(placesOf(cdrPlan({}, plan))).toEqual(places);
  });

  it.each<[what: string, contract: Record<string, unknown>, answers: Record<string, string>, places: string[]]>([
    ['an answer that is no choice', green({}), { 'GREEN_1.percent': '0.7' }, ['…/greenPowerCharges/0']],
    [
      'green power without a price',
      green({ tiers: [{ percentGreen: '1' }] }),
      { 'GREEN_1.percent': '1' },
      ['…/greenPowerCharges/0/tiers/0/amount'],
    ],
    [
      'green power by the week',
      green({ type: 'FIXED_PER_WEEK' }),
      { 'GREEN_1.percent': '1' },
      ['…/greenPowerCharges/0/type'],
    ],
    [
      'green power as a share of use',
      green({ type: 'PERCENT_OF_USE', tiers: [{ percentGreen: '1', rate: '0.1' }] }),
      { 'GREEN_1.percent': '1' },
      ['…/greenPowerCharges/0/type'],
    ],
    ['an answer to nothing', {}, { NOBODY: 'ASKED' }, ['']],
  ])('of %s', (_, contract, answers, places) => {
    expect(placesOf(cdrPlan(contract), { answers })).toEqual(places);
  });

  it('whose holidays are priced, when nobody says which days they are', () => {
    const contract = tou(
      cdrRate('PEAK', '1', cdrTimes('00:00', '23:59', ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'])),
      cdrRate('OFF_PEAK', '0.5', cdrTimes('00:00', '23:59', ['PUBLIC_HOLIDAYS'])),
    );
    const source = (...distributors: string[]) => cdrPlan(contract, { geography: { distributors } });
    expect(placesOf(source('Ausgrid', 'Energex'))).toEqual(['…/tariffPeriod']);
    expect(placesOf(source('Somebody'))).toEqual(['…/tariffPeriod']);
    const note = 'public holidays are those of AU-TAS, where the distributor is';
    expect(importPlan(source('TasNetworks')).notes.map(({ message }) => message)).toContain(note);
    expect(importPlan(source('TasNetworks')).document).not.toHaveProperty('jurisdiction');
    const chosen = importPlan(source('Somebody'), 'cdr', { holidayCalendar: 'MINE' });
    expect(chosen.document).toMatchObject({ holidayCalendar: 'MINE' });
  });
});

describe('a URDB rate is refused at the place', () => {
  const tiers = (...list: unknown[]) => ({ energyratestructure: [list] });
  const flatDemand = (parts: Record<string, unknown>) => ({ flatdemandstructure: [[{ rate: 5 }]], ...parts });
  it.each<[what: string, parts: Record<string, unknown>, places: string[]]>([
    ['of tiers that are no list', { energyratestructure: [0.1] }, ['/energyratestructure']],
    ['of a tier that is a number', tiers(0.1), ['/energyratestructure/0/0']],
    ['of an open tier before the last', tiers({ rate: 1 }, { rate: 2 }), ['/energyratestructure/0/0/max']],
    [
      'of tiers in two units',
      tiers({ rate: 1, max: 5 }, { rate: 2, unit: 'kWh daily' }),
      ['/energyratestructure/0/1/unit'],
    ],
    ['of tiers in horses', tiers({ rate: 1, unit: 'hp' }), ['/energyratestructure/0/0/unit']],
    [
      'of hours after kWh',
      tiers({ rate: 1, max: 5, unit: 'kWh' }, { rate: 2, unit: 'kWh/kW' }),
      ['/energyratestructure/0/0/unit'],
    ],
    [
      'of hours without an end',
      tiers({ rate: 1, unit: 'kWh/kW' }, { rate: 2, unit: 'kWh/kW' }),
      ['/energyratestructure/0/0/max'],
    ],
    [
      'of a sell price by tier',
      tiers({ rate: 1, max: 5, sell: 0.1 }, { rate: 2, sell: 0.2 }),
      ['/energyratestructure/0/0/sell'],
    ],
    ['of a rule nobody knows', { dgrules: 'Net Everything' }, ['/dgrules']],
    ['of hours that are not 24', { energyweekdayschedule: new Array(12).fill([0, 0]) }, ['/energyweekdayschedule']],
    ['of weekends that are not 24', { energyweekendschedule: [[0]] }, ['/energyweekendschedule']],
    ['of months that are not twelve', flatDemand({ flatdemandmonths: [0, 0] }), ['/flatdemandmonths']],
    [
      'of a month without a price',
      flatDemand({ flatdemandmonths: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] }),
      ['/flatdemandstructure'],
    ],
    ['of a weekend without a price', { energyweekendschedule: urdbYear(() => 2) }, ['/energyratestructure']],
    ['of power over seven minutes', flatDemand({ demandwindow: 7 }), ['/demandwindow']],
    ['of power in horses', flatDemand({ flatdemandunit: 'hp' }), ['/demandunits']],
    [
      'of a tier of power in horses',
      { flatdemandstructure: [[{ rate: 5, unit: 'hp' }]] },
      ['/flatdemandstructure/0/0/unit'],
    ],
    ['of a share above 1', flatDemand({ lookbackpercent: 80, lookbackrange: 3 }), ['/lookbackpercent']],
    ['of a share of no months', flatDemand({ lookbackpercent: 0.8 }), ['/lookbackrange']],
    [
      'of months that are no months',
      flatDemand({ lookbackpercent: 0.8, lookbackmonths: [1] }),
      ['/lookbackmonths', '/lookbackrange'],
    ],
    [
      'of coincident tiers',
      { coincidentratestructure: [[{ rate: 1, max: 5 }, { rate: 2 }]] },
      ['/coincidentratestructure/0/1/rate'],
    ],
    [
      'of coincident kWh',
      { coincidentratestructure: [[{ rate: 1 }]], coincidentrateunit: 'kWh' },
      ['/coincidentrateunit'],
    ],
    ['of a charge per week', { fixedchargeunits: '$/week' }, ['/fixedchargeunits']],
    ['of a minimum per week', { mincharge: 5, minchargeunits: '$/week' }, ['/minchargeunits']],
    ['of more meters', { fixedchargeeaaddl: 3 }, ['/fixedchargeeaaddl']],
    ['that ends on no day', { enddate: 'never' }, ['/enddate']],
    ['that begins on no day', { startdate: '2024-13-01' }, ['/startdate', '/startdate']],
    ['without a name', { label: undefined, name: '-' }, ['/label']],
  ])('%s', (_, parts, places) => {
    expect(placesOf(urdbRate(parts))).toEqual(places);
  });
  it('that is several', () => {
    expect(placesOf({ items: [urdbRate(), urdbRate()] })[0]).toBe('/items');
  });
});

describe('what it is, the source says itself', () => {
  it('or nobody can', () => {
    for (const source of [null, 7, [], {}, { name: 'A rate' }]) {
      const refusal = refusalOf(() => importPlan(source));
      expect([refusal.code, refusal.message]).toEqual(['plan-import-refused', expect.stringContaining('neither')]);
    }
    expect(refusalOf(() => importPlan({ components: [] }, undefined, { planCode: 'MINE' })).message).toBe(
      'a plan document is taken as it stands: planCode cannot be told',
    );
    expect(refusalOf(() => importPlan([], 'own')).message).toBe('a plan document is a JSON object');
  });
});
