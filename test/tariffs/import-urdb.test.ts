import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type BillCase, billCaseSchema } from '../../src/billing/bill-case.ts';
import { runBillCase } from '../../src/billing/run-bill-case.ts';
import type { ImportOptions } from '../../src/tariffs/foreign/import-report.ts';
import { importUrdb } from '../../src/tariffs/import-urdb.ts';
import { readPlan } from '../../src/tariffs/plan.ts';
import { refusalOf } from './fixtures.ts';
import { urdbRate, urdbYear } from './foreign-plans.ts';

function taken(parts: Record<string, unknown>, options?: ImportOptions) {
  const result = importUrdb(urdbRate(parts), options);
  readPlan(result.document);
  return result;
}

function component(parts: Record<string, unknown>, code: string, options?: ImportOptions) {
  const { components } = taken(parts, options).document as { components: Record<string, unknown>[] };
  return components.find(component => component['code'] === code);
}

const isSummer = (month: number) => month >= 6 && month <= 9;
const isAfternoon = (hour: number) => hour >= 14 && hour < 19;

describe('a URDB rate becomes a plan document', () => {
  it('with its label, its day, and dollars outside tax', () => {
    expect(taken({}).document).toMatchObject({
      planCode: '64f0a1',
      displayName: 'Harbour General Service',
      source: { kind: 'URDB', id: '64f0a1' },
      currency: 'USD',
      taxes: {},
      effectiveFrom: '2024-01-01',
      timeZone: 'LOCAL',
      components: [
        { kind: 'energy', code: 'USE', net: 'GROSS', rates: [{ code: 'PERIOD_1', unitPrice: '0.1' }] },
        { kind: 'supply', code: 'SUPPLY', amount: '12.5', per: 'MONTH' },
      ],
    });
    expect(importUrdb({ items: [urdbRate()], version: 8 }).document).toMatchObject({ planCode: '64f0a1' });
  });

  it('schedules are windows: hours in a row, months alike as seasons, days alike as one type', () => {
    const { document } = taken({
      energyratestructure: [[{ rate: 0.08 }], [{ rate: 0.21, adj: 0.015 }], [{ rate: 0.12 }]],
      energyweekdayschedule: urdbYear((month, hour) => (!isAfternoon(hour) ? 0 : isSummer(month) ? 1 : 2)),
      energyweekendschedule: urdbYear(() => 0),
    });
    expect(document).toMatchObject({
      seasons: { JUN_SEP: ['06-01', '09-30'], OCT_MAY: ['10-01', '05-31'] },
      dayTypes: { WD: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WE: ['SAT', 'SUN'] },
      components: [
        {
          rates: [
            {
              windows: [
                { days: 'WD', from: '00:00', to: '14:00' },
                { days: 'WD', from: '19:00', to: '24:00' },
                { days: 'WE', from: '00:00', to: '24:00' },
              ],
              unitPrice: '0.08',
            },
            { windows: [{ season: 'JUN_SEP', days: 'WD', from: '14:00', to: '19:00' }], unitPrice: '0.225' },
            { windows: [{ season: 'OCT_MAY', days: 'WD', from: '14:00', to: '19:00' }], unitPrice: '0.12' },
          ],
        },
        {},
      ],
    });
  });

  it.each([
    ['kWh', { tierPeriod: 'P1M', tierScope: 'COMPONENT' }],
    ['kWh daily', { tierPeriod: 'P1D', tierAllowance: 'POOLED', tierScope: 'COMPONENT' }],
  ])('tiers in %s', (unit, terms) => {
    const tiers = [
      { rate: 0.1, max: 500, unit },
      { rate: 0.2, adj: -0.01, unit },
    ];
    expect(component({ energyratestructure: [tiers] }, 'USE')).toMatchObject({
      ...terms,
      rates: [{ tiers: [{ upTo: '500', unitPrice: '0.1' }, { unitPrice: '0.19' }] }],
    });
  });

  it('blocks of kWh/kW are hours of use of the demand, with the steps of kWh inside them', () => {
    const parts = {
      energyratestructure: [
        [
          { rate: 0.03, max: 200, unit: 'kWh/kW' },
          { rate: 0.13, max: 3000, unit: 'kWh' },
          { rate: 0.12, unit: 'kWh' },
          { rate: 0.01, unit: 'kWh/kW' },
        ],
      ],
      demandratestructure: [[{ rate: 0 }]],
    };
    expect(component(parts, 'HOURS')).toMatchObject({
      kind: 'hoursUse',
      demand: 'DEM',
      tiers: [
        { upToHours: '200', tiers: [{ upTo: '3000', unitPrice: '0.13' }, { unitPrice: '0.12' }] },
        { unitPrice: '0.01' },
      ],
    });
    expect(component(parts, 'DEM')).toMatchObject({ kind: 'demand', unitPrice: '0' });
    expect(component(parts, 'USE')).toBeUndefined();
  });

  it('demand by the clock has one peak per period, flat demand one per month', () => {
    const parts = {
      demandwindow: 30,
      demandratestructure: [[{ rate: 8, max: 50 }, { rate: 6 }], [{ rate: 15 }]],
      demandweekdayschedule: urdbYear((_, hour) => (isAfternoon(hour) ? 1 : 0)),
      demandweekendschedule: urdbYear(() => 0),
      flatdemandstructure: [[{ rate: 3 }], [{ rate: 5 }]],
      flatdemandmonths: [0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0],
    };
    expect(component(parts, 'DEM')).toMatchObject({
      interval: 'PT30M',
      tiers: [{ upTo: '50', unitPrice: '8' }, { unitPrice: '6' }],
    });
    expect(component(parts, 'DEM_2')).toMatchObject({
      windows: [{ days: 'WD', from: '14:00', to: '19:00' }],
      unitPrice: '15',
    });
    expect(component(parts, 'DEM_FLAT')).toMatchObject({
      windows: [{ season: 'OCT_MAY', from: '00:00', to: '24:00' }],
    });
    expect(component(parts, 'DEM_FLAT_2')).toMatchObject({ unitPrice: '5' });
  });

  it.each([
    [{ lookbackrange: 6 }, { percent: '0.8', lookbackMonths: 6 }],
    [
      { lookbackmonths: [0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0] },
      { percent: '0.8', months: [6, 7, 8, 9], lookbackMonths: 11 },
    ],
  ])('a ratchet that looks back %j', (parts, ratchet) => {
    const demand = { flatdemandstructure: [[{ rate: 5 }]], lookbackpercent: 0.8, ...parts };
    expect(component(demand, 'DEM_FLAT')).toMatchObject({ ratchet });
  });

  it.each([
    ['Buy All Sell All', 'GROSS'],
    ['Net Billing Instantaneous', 'PER_INTERVAL'],
    ['Net Metering', 'PER_INTERVAL'],
  ])('%s is %s, and what is sold is fed in', (dgrules, net) => {
    const parts = { dgrules, energyratestructure: [[{ rate: 0.2, sell: 0.05 }]] };
    expect(component(parts, 'USE')).toMatchObject({ net });
    expect(component(parts, 'FIT')).toMatchObject({ kind: 'feedIn', optional: true, rates: [{ unitPrice: '0.05' }] });
  });

  it.each([
    [{ mincharge: 25, minchargeunits: '$/month' }, 'P1M', '25'],
    [{ annualmincharge: 240 }, 'P1Y', '240'],
  ])('a minimum: %j', (parts, period, amount) => {
    const { document } = taken(parts);
    expect(document['minimum']).toMatchObject({ amount, period, appliesTo: ['USAGE', 'SUPPLY', 'DEMAND'] });
  });

  it('coincident peaks need a list of events', () => {
    const parts = {
      coincidentratestructure: [[{ rate: 0 }], [{ rate: 9 }]],
      coincidentrateschedule: urdbYear(month => (isSummer(month) ? 1 : 0)),
    };
    const { document, notes } = taken(parts);
    expect(document['components']).toContainEqual(
      expect.objectContaining({ kind: 'coincident', events: 'CP_2', unitPrice: '9' }),
    );
    expect(notes.map(({ message }) => message).join()).toContain('list of events');
  });
});

describe('what cannot be billed is refused by its name and place', () => {
  it.each([
    ['an unknown field', { standbycharge: 3 }, '/standbycharge'],
    [
      'an unknown field of a tier',
      { energyratestructure: [[{ rate: 0.1, floor: 2 }]] },
      '/energyratestructure/0/0/floor',
    ],
    ['reactive power', { demandreactivepowercharge: 0.3 }, '/demandreactivepowercharge'],
    ['a monthly ratchet', { demandratchetpercentage: new Array(12).fill(0.5) }, '/demandratchetpercentage'],
    ['a fuel adjustment', { fueladjustmentsmonthly: [0.01] }, '/fueladjustmentsmonthly'],
    ['two minima', { minmonthlycharge: 5, annualmincharge: 50 }, '/annualmincharge'],
    ['a period without a price', { energyweekdayschedule: urdbYear(() => 1) }, '/energyratestructure'],
    ['a short schedule', { energyweekdayschedule: [[0]] }, '/energyweekdayschedule'],
    ['horse power', { flatdemandstructure: [[{ rate: 1 }]], demandunits: 'hp' }, '/demandunits'],
    ['no day', { startdate: null }, '/startdate'],
  ])('%s', (_, parts, pointer) => {
    const refusal = refusalOf(() => importUrdb(urdbRate(parts)));
    expect(refusal.code).toBe('plan-import-refused');
    expect(refusal.fields.map(field => field.pointer)).toContain(pointer);
  });

  it('but zeros, and nothing, are how many writers say that there is none', () => {
    const zeros = { demandratchetpercentage: new Array(12).fill(0), demandreactivepowercharge: 0, standbycharge: null };
    expect(() => taken(zeros)).not.toThrow();
  });
});

const shared = join(import.meta.dirname, '../../../shared/data/billing');
const isHere = existsSync(join(shared, 'tariffs'));
if (!isHere) console.warn('SKIPPED: ../shared/data/billing is not there, so no published rate was imported and billed');

describe('published rates, imported, bill what their publishers say', () => {
  const hourly = { 'DEM.interval': 'PT60M' };
  it.skipIf(!isHere).each([
    ['B09-residential-tou-year', 'ssc_residential_tou', 771.8, 0.1, {}],
    ['B10a-net-per-interval', 'ssc_residential_tou', 441.4, 0.1, {}],
    ['B10d-buy-all-sell-all', 'ssc_residential_tou_sell', -157.0, 0.1, {}],
    ['B11-pooled-allowance-shared', 'ssc_residential_tou_tiers_daily', 1839.7, 0.1, {}],
    ['B12-two-demands-in-tiers', 'ssc_commercial_demand', 104614.5, 0.1, hourly],
    ['B14a-hours-use', 'ssc_commercial_kwh_per_kw', 16774.68, 0.01, hourly],
  ])('%s on %s is %d', (name, rate, total, tolerance, answers) => {
    const source: Record<string, unknown> = JSON.parse(readFileSync(join(shared, `tariffs/${rate}.urdb.json`), 'utf8'));
    // The case of gross metering is the rate of net billing under another rule.
    if (name.startsWith('B10d')) source['dgrules'] = 'Buy All Sell All';
    const { document } = importUrdb(source, { effectiveFrom: '2000-01-01', answers });
    const bills = runBillCase(caseWith(name, document), file => readFileSync(join(shared, 'intervals', file), 'utf8'));
    expect(Math.abs(Number(bills.total) - total)).toBeLessThanOrEqual(tolerance);
  });
});

/** Our own case of this name, billed on another plan. */
function caseWith(name: string, plan: Record<string, unknown>): BillCase {
  const text = readFileSync(join(import.meta.dirname, `../bill-cases/${name}.json`), 'utf8');
  return billCaseSchema.parse({ ...JSON.parse(text), plans: [plan] });
}
