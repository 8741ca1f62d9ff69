/** Plans nobody sells, in the shape in which others publish theirs. */

const week = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'];

export const cdrPeriod = (parts: Record<string, unknown>) => ({
  displayName: 'All year',
  startDate: '01-01',
  endDate: '12-31',
  dailySupplyChargeType: 'SINGLE',
  dailySupplyCharge: '1.20',
  ...parts,
});

export const cdrSingle = (rates: unknown[], parts: Record<string, unknown> = {}) => ({
  rateBlockUType: 'singleRate',
  singleRate: { displayName: 'Any time', rates, ...parts },
});

export const cdrTimes = (startTime: string, endTime: string, days = week) => ({ days, startTime, endTime });

export const cdrRate = (type: string, unitPrice: string, ...timeOfUse: unknown[]) => ({
  type,
  displayName: `${type} usage`,
  rates: [{ unitPrice, measureUnit: 'KWH' }],
  timeOfUse,
});

export const cdrTou = (...timeOfUseRates: unknown[]) => ({ rateBlockUType: 'timeOfUseRates', timeOfUseRates });

/** A plan around its contract; `contract` adds to it or takes its place. */
export function cdrPlan(contract: Record<string, unknown>, plan: Record<string, unknown> = {}) {
  return {
    data: {
      planId: 'LAN100001MRE1@EME',
      effectiveFrom: '2026-06-30T14:00:00Z',
      lastUpdated: '2026-06-30T14:00:00Z',
      displayName: 'Lantern Home',
      type: 'MARKET',
      fuelType: 'ELECTRICITY',
      brand: 'lantern',
      brandName: 'Lantern Energy',
      customerType: 'RESIDENTIAL',
      geography: { distributors: ['Ausgrid'], includedPostcodes: ['2000'] },
      electricityContract: {
        pricingModel: 'SINGLE_RATE',
        timeZone: 'LOCAL',
        isFixed: false,
        paymentOption: ['DIRECT_DEBIT'],
        billFrequency: ['P1M'],
        tariffPeriod: [cdrPeriod(cdrSingle([{ unitPrice: '0.30' }]))],
        ...contract,
      },
      ...plan,
    },
    links: { self: 'https://plans.example/1' },
    meta: {},
  };
}

const hours = (periodOf: (hour: number) => number) => Array.from({ length: 24 }, (_, hour) => periodOf(hour));
export const urdbYear = (periodOf: (month: number, hour: number) => number) =>
  Array.from({ length: 12 }, (_, month) => hours(hour => periodOf(month + 1, hour)));

/** A rate of one price, to which `parts` are added. */
export function urdbRate(parts: Record<string, unknown> = {}) {
  return {
    label: '64f0a1',
    name: 'Harbour General Service',
    utility: 'Harbour Light',
    approved: true,
    startdate: 1704092400,
    energyratestructure: [[{ rate: 0.1 }]],
    energyweekdayschedule: urdbYear(() => 0),
    energyweekendschedule: urdbYear(() => 0),
    fixedchargefirstmeter: 12.5,
    fixedchargeunits: '$/month',
    ...parts,
  };
}
