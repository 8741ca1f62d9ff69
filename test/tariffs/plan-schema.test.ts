import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importCdr } from '../../src/tariffs/import-cdr.ts';
import { importPlan } from '../../src/tariffs/import-plan.ts';
import { importUrdb } from '../../src/tariffs/import-urdb.ts';
import { planSchema } from '../../src/tariffs/plan-schema.ts';
import { testHouse } from '../open-house.ts';
import { embeddedNetwork, flat, planDocument, supplyPerDay } from './fixtures.ts';
import { cdrPeriod, cdrPlan, cdrRate, cdrSingle, cdrTimes, cdrTou, urdbRate } from './foreign-plans.ts';

const validate = new Ajv2020({ strict: false, allErrors: true }).compile(planSchema());
const why = (document: unknown) => (validate(document) ? [] : (validate.errors ?? []));

const caseFolder = join(import.meta.dirname, '../bill-cases');
const cases = readdirSync(caseFolder).filter(name => name.endsWith('.json'));

describe('the published JSON Schema of plan documents', () => {
  it.each(cases)('admits the plans of %s', name => {
    const { plans } = JSON.parse(readFileSync(join(caseFolder, name), 'utf8')) as { plans: unknown[] };
    expect(plans.flatMap(why)).toEqual([]);
  });

  it('admits the plans of other tests, and what the importers write', () => {
    const blocks = cdrSingle([{ unitPrice: '0.2', volume: 10 }, { unitPrice: '0.3' }], { period: 'P1D' });
    const documents = [
      embeddedNetwork,
      importCdr(cdrPlan({ tariffPeriod: [cdrPeriod(blocks)] })).document,
      importUrdb(urdbRate({ flatdemandstructure: [[{ rate: 4 }]], mincharge: 10 })).document,
    ];
    expect(documents.flatMap(why)).toEqual([]);
  });

  it.each([
    ['a field nobody can bill', { ...flat('0.3'), surcharge: '1' }],
    ['a price as a JSON number', { ...flat('0.3'), rates: [{ code: 'ALL', unitPrice: 0.3 }] }],
    ['a component of an unknown kind', { ...supplyPerDay('1'), kind: 'magic' }],
    ['a rate without a code', { ...flat('0.3'), rates: [{ unitPrice: '0.3' }] }],
  ])('refuses %s', (_, component) => {
    expect(why(planDocument({ components: [component] }))).not.toEqual([]);
  });

  it('is what the API publishes, and what it takes back', async () => {
    const { app, authorization } = await testHouse();
    const headers = { authorization: authorization(['plans:read', 'plans:write']) };
    const published = await app.inject({ url: '/v1/plans/schema', headers });
    expect(published.headers['content-type']).toContain('application/schema+json');
    expect(published.json()).toEqual(planSchema());
    const source = cdrPlan({});
    const dry = await app.inject({
      method: 'POST',
      url: '/v1/plans/import',
      headers,
      payload: { source, dryRun: true },
    });
    expect(dry.statusCode).toBe(200);
    expect(dry.json()).toMatchObject({ plan: null, document: { planCode: 'LAN100001MRE1-EME' } });
    const done = await app.inject({ method: 'POST', url: '/v1/plans/import', headers, payload: { source } });
    expect(done.statusCode).toBe(201);
    expect(done.json()).toMatchObject({ plan: { planCode: 'LAN100001MRE1-EME', version: 1 } });
    const kept = await app.inject({ url: '/v1/plans/LAN100001MRE1-EME/versions/1', headers });
    expect(why(kept.json().document)).toEqual([]);
    const refused = await app.inject({
      method: 'POST',
      url: '/v1/plans/import',
      headers,
      payload: { source: cdrPlan({ surcharge: 1 }) },
    });
    expect(refused.statusCode).toBe(422);
    expect(refused.json().errors[0].pointer).toBe('/data/electricityContract/surcharge');
  });

  it('whatever stands in one place of a source, an importer answers or refuses', () => {
    importPlan(rich);
    const sources = [rich, urdbRate({ flatdemandstructure: [[{ rate: 4, max: 5 }, { rate: 3 }]], mincharge: 10 })];
    fc.assert(
      fc.property(fc.constantFrom(...sources), fc.nat(), fc.jsonValue({ maxDepth: 3 }), (source, place, value) => {
        const changed: Record<string, unknown> = structuredClone(source);
        const places = placesIn(changed);
        const { parent, key } = places[place % places.length]!;
        parent[key] = value;
        try {
          importPlan(changed);
        } catch (error) {
          expect((error as Error).name).toBe('Refusal');
        }
      }),
      { numRuns: 400 },
    );
  });
});

const rich = cdrPlan({
  tariffPeriod: [
    {
      ...cdrPeriod(
        cdrTou(cdrRate('PEAK', '0.5', cdrTimes('16:00', '20:59')), cdrRate('OFF', '0.2', cdrTimes('21:00', '15:59'))),
      ),
      demandCharges: [
        { displayName: 'D', amount: '1', measurementPeriod: 'MONTH', chargePeriod: 'DAY', minDemand: '1' },
      ],
    },
  ],
  controlledLoad: [{ displayName: 'CL', rateBlockUType: 'singleRate', singleRate: { rates: [{ unitPrice: '0.1' }] } }],
  solarFeedInTariff: [
    { displayName: 'F', tariffUType: 'singleTariff', singleTariff: { rates: [{ unitPrice: '0.1' }] } },
  ],
  fees: [{ type: 'MEMBERSHIP', term: 'ANNUAL', amount: '10' }],
  discounts: [{ displayName: 'D', type: 'GUARANTEED', methodUType: 'percentOfUse', percentOfUse: { rate: '0.1' } }],
  greenPowerCharges: [{ displayName: 'G', type: 'FIXED_PER_UNIT', tiers: [{ percentGreen: '0.2', amount: '0.05' }] }],
});

type Place = { parent: Record<string, unknown>; key: string };

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap(key => [{ parent, key }, ...placesIn(parent[key])]);
}
