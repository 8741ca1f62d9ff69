import { describe, expect, it } from 'vitest';
import { contractSegments } from '../../src/tariffs/contracts.ts';
import { rate } from '../../src/tariffs/rate.ts';
import { planSegments, type Segment } from '../../src/tariffs/segments.ts';
import {
  agreedBill,
  day,
  flat,
  planDocument,
  refusalOf,
  requestOf,
  seriesOf,
  supplyPerDay,
  versionOf,
  zone,
} from './fixtures.ts';

const april = { zone: 'Australia/Brisbane', from: '2025-04-01', to: '2025-05-01' };
const components = [supplyPerDay('1')];
const version = (number: number, parts: Record<string, unknown> = {}) =>
  versionOf(planDocument({ components, ...parts }), number);

describe('the days of a bill', () => {
  const request = requestOf({ ...april, plan: planDocument({ components }), registers: {} });
  const of = (...days: [from: string, to: string][]) =>
    rate({
      ...request,
      segments: days.map(([from, to]): Segment => ({ from: day(from), to: day(to), version: version(1) })),
    });

  it('follow each other', () => {
    const bill = of(['2025-04-01', '2025-04-11'], ['2025-04-11', '2025-05-01']);
    expect(bill).toMatchObject({
      from: '2025-04-01',
      to: '2025-04-30',
      days: 30,
      currency: 'AUD',
      taxBasis: 'EXCLUSIVE',
    });
    expect(bill.lines.map(line => `${line.from} ${line.to}`)).toEqual([
      '2025-04-01 2025-04-10',
      '2025-04-11 2025-04-30',
    ]);
  });

  it.each<[string, [string, string][], string]>([
    ['none', [], 'a bill has at least one segment'],
    [
      'a gap',
      [
        ['2025-04-01', '2025-04-10'],
        ['2025-04-11', '2025-05-01'],
      ],
      'without gap or overlap',
    ],
    [
      'an overlap',
      [
        ['2025-04-01', '2025-04-12'],
        ['2025-04-11', '2025-05-01'],
      ],
      'without gap or overlap',
    ],
    [
      'no day',
      [
        ['2025-04-01', '2025-04-01'],
        ['2025-04-01', '2025-05-01'],
      ],
      'without gap or overlap',
    ],
    [
      'days backwards',
      [
        ['2025-04-11', '2025-04-01'],
        ['2025-04-01', '2025-05-01'],
      ],
      'without gap or overlap',
    ],
  ])('are the promise of whoever calls: %s is no bill', (_, days, message) => {
    expect(() => of(...days)).toThrow(message);
  });

  it.each([
    ['currency', { currency: 'NZD' }, 'from 2025-04-11 prices are in NZD EXCLUSIVE of tax, before in AUD EXCLUSIVE'],
    [
      'tax basis',
      { taxBasis: 'INCLUSIVE' },
      'from 2025-04-11 prices are in AUD INCLUSIVE of tax, before in AUD EXCLUSIVE',
    ],
  ])('are of one %s', (_, other, message) => {
    const plan = [version(1), version(2, { effectiveFrom: '2025-04-11', ...other })];
    const refusal = refusalOf(() => rate(requestOf({ ...april, plan, registers: {} })));
    expect([refusal.code, refusal.message]).toEqual(['plans-differ', message]);
  });
});

describe('the version in force', () => {
  const cut = (...versions: ReturnType<typeof version>[]) =>
    planSegments(versions, day(april.from), day(april.to)).map(
      ({ from, to, version }) => `${from} ${to} v${version.version}`,
    );

  it('is the later correction of two that begin on one day, whichever comes first', () => {
    const two = [version(1), version(2)];
    expect(cut(...two)).toEqual(['2025-04-01 2025-05-01 v2']);
    expect(cut(...two.toReversed())).toEqual(['2025-04-01 2025-05-01 v2']);
  });

  it('is not cut by a discount of another version, though it has one itself', () => {
    const discount = (from: string) => ({
      discounts: [{ methodUType: 'percentOfBill', category: 'X', type: 'GUARANTEED', rate: '0.1', from }],
    });
    expect(
      cut(version(1, discount('2025-04-06')), version(2, { effectiveFrom: '2025-04-21', ...discount('2025-04-16') })),
    ).toEqual(['2025-04-01 2025-04-06 v1', '2025-04-06 2025-04-21 v1', '2025-04-21 2025-05-01 v2']);
  });

  it('ends on the day after its last one, and no older one returns', () => {
    const ending = version(2, { effectiveFrom: '2025-04-11', effectiveTo: '2025-04-21' });
    expect(refusalOf(() => cut(version(1), ending)).message).toBe('plan TEST-1 version 2 ended before 2025-04-21');
    expect(refusalOf(() => cut(version(1, { effectiveFrom: '2025-04-02' }))).message).toBe(
      'no version of the plan is in force on 2025-04-01',
    );
  });
});

describe('the trace of a line', () => {
  const registers = { IMPORT: seriesOf(april.from, april.to, april.zone, () => 500_000) };
  const plan = versionOf(
    planDocument({
      components: [flat('0.40')],
      fees: [{ code: 'CARD', description: 'Card', trigger: 'PERCENT_OF_BILL', rate: '0.01' }],
      minimum: { amount: '1000', period: 'BILL', appliesTo: ['USAGE'] },
    }),
  );
  const contract = (from: string, to: string | undefined, is?: string) => ({
    from: day(from),
    to: to === undefined ? undefined : day(to),
    versions: [plan],
    ...(is && { changes: [{ at: '/components/0/rates/0/unitPrice', was: '0.40', is }] }),
  });
  const traces = (...contracts: ReturnType<typeof contract>[]) =>
    rate({
      segments: contractSegments(contracts, day(april.from), day(april.to)),
      zone: zone(april.zone),
      registers: new Map(Object.entries(registers)),
      holidayCalendars: [],
    }).lines.map(({ code, trace }) => [code, trace.segment.from, trace.segment.to, trace.override?.[0]?.is]);

  it('has the days of its version and what the contract changed in it, for a share of those days too', () => {
    expect(traces(contract('2025-01-01', '2025-04-11', '0.30'), contract('2025-04-11', undefined))).toEqual([
      ['USE.ALL', '2025-04-01', '2025-04-11', '0.30'],
      ['USE.ALL', '2025-04-11', '2025-05-01', undefined],
      ['CARD', '2025-04-01', '2025-04-11', '0.30'],
      ['CARD', '2025-04-11', '2025-05-01', undefined],
      ['MINIMUM', '2025-04-01', '2025-05-01', undefined],
    ]);
  });

  it('of a rule about the whole bill names no change of a part of it', () => {
    const parts = [contract('2025-01-01', '2025-04-11', '0.30'), contract('2025-04-11', undefined, '0.35')];
    expect(traces(...parts).map(([code, , , is]) => [code, is])).toEqual([
      ['USE.ALL', '0.30'],
      ['USE.ALL', '0.35'],
      ['CARD', '0.30'],
      ['CARD', '0.35'],
      ['MINIMUM', undefined],
    ]);
    expect(traces(contract('2025-01-01', undefined, '0.30')).map(([code, , , is]) => [code, is])).toEqual([
      ['USE.ALL', '0.30'],
      ['CARD', '0.30'],
      ['MINIMUM', '0.30'],
    ]);
  });

  it('names the state of the readings when it is known, and is silent when not', () => {
    const request = requestOf({ ...april, plan: planDocument({ components }), registers: {} });
    expect(rate({ ...request, dataRevision: 'r7' }).lines[0]?.trace.dataRevision).toBe('r7');
    expect(rate(request).lines[0]?.trace).not.toHaveProperty('dataRevision');
  });

  it('a tax of its own stands on a line only where the plan takes tax by line', () => {
    const line = (taxMode: string) =>
      agreedBill({ ...april, plan: planDocument({ components, taxMode }), registers: {} }).lines[0];
    expect(line('LINE')?.tax).toBe(300n);
    expect(line('TOTAL')).not.toHaveProperty('tax');
  });
});
