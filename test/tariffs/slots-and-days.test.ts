import { describe, expect, it } from 'vitest';
import { qualityCode } from '../../src/readings/reading.ts';
import { planSegments } from '../../src/tariffs/segments.ts';
import { day, onPaper, planDocument, rateSketch, refusalOf, seriesOf, supplyPerDay, versionOf } from './fixtures.ts';

const dayTypes = { WEEKDAY: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WEEKEND: ['SAT', 'SUN', 'PUBLIC_HOLIDAY'] };
const use = (rates: object[]) => ({ kind: 'energy', code: 'USE', register: 'IMPORT', tax: 'GST', rates });

describe('the hours after midnight', () => {
  // Friday the 4th to Sunday the 6th of July 2025, half a kWh in each half-hour.
  const weekend = { zone: 'Australia/Sydney', from: '2025-07-04', to: '2025-07-07' };
  const plan = planDocument({
    ...{ dayTypes, holidayCalendar: 'NSW' },
    components: [
      use([
        {
          ...{ code: 'NIGHT', unitPrice: '0.1' },
          windows: [
            { days: 'WEEKEND', from: '12:00', to: '13:00' },
            { days: 'WEEKDAY', from: '22:00', to: '02:00' },
          ],
        },
        { code: 'MORNING', unitPrice: '0.2', windows: [{ from: '07:00', to: '09:00' }] },
        { code: 'REST', unitPrice: '0.3' },
      ]),
    ],
  });
  const holidays = (from: string) => [{ name: 'NSW', from: day(from), to: day('2025-07-07'), days: [] }];
  const registers = { IMPORT: seriesOf(weekend.from, weekend.to, weekend.zone, () => 500_000) };

  it('belong to the evening in which their window began, whatever stands beside it', () => {
    // Night: Thursday's and Friday's until 02:00, Friday's from 22:00, and two noons. 12 + 4 half-hours.
    expect(rateSketch({ ...weekend, plan, registers, holidays: holidays('2025-07-03') }).lines.map(onPaper)).toEqual([
      'USE.NIGHT 8 kWh 0.1 0.80',
      'USE.MORNING 6 kWh 0.2 1.20',
      'USE.REST 58 kWh 0.3 17.40',
    ]);
  });

  it('ask whether the day before was a holiday, and a calendar that begins later cannot say', () => {
    const refusal = refusalOf(() => rateSketch({ ...weekend, plan, registers, holidays: holidays('2025-07-04') }));
    expect(refusal.code).toBe('holidays-unknown');
    expect(refusal.message).toContain('covers 2025-07-04 up to 2025-07-07, not 2025-07-03');
  });
});

it('each line counts the quality of its own intervals', () => {
  const site = { zone: 'Australia/Sydney', from: '2025-07-01', to: '2025-07-02' };
  const series = seriesOf(site.from, site.to, site.zone, () => 1_000_000);
  series.quality.fill(qualityCode('estimated'), 0, 10);
  series.quality.fill(qualityCode('final'), 20, 25);
  const plan = planDocument({
    components: [
      use([
        { code: 'EARLY', unitPrice: '0.1', windows: [{ from: '00:00', to: '06:00' }] },
        { code: 'NOON', unitPrice: '0.2', windows: [{ from: '06:00', to: '12:00' }] },
        { code: 'LATE', unitPrice: '0.3' },
      ]),
    ],
  });
  const { lines } = rateSketch({ ...site, plan, registers: { IMPORT: series } });
  expect(lines.map(({ code, trace }) => [code, trace.measured?.qualities])).toEqual([
    ['USE.EARLY', { estimated: 10, actual: 2 }],
    ['USE.NOON', { actual: 8, final: 4 }],
    ['USE.LATE', { actual: 23, final: 1 }],
  ]);
});

describe('a period is cut', () => {
  const version = (number: number, effectiveFrom: string, discount?: object) =>
    versionOf(
      planDocument({
        ...{ effectiveFrom, components: [supplyPerDay('1')] },
        discounts: discount
          ? [{ methodUType: 'percentOfBill', category: 'OTHER', type: 'GUARANTEED', rate: '0.1', ...discount }]
          : [],
      }),
      number,
    );
  const cut = (versions: ReturnType<typeof version>[], from = '2025-07-01', to = '2025-08-01') =>
    planSegments(versions, day(from), day(to)).map(segment => [segment.from, segment.to, segment.version.version]);

  it('in the order of the days, whatever the order of the versions', () => {
    const versions = [version(3, '2025-07-20'), version(1, '2025-01-01'), version(2, '2025-07-10')];
    const expected = [
      ['2025-07-01', '2025-07-10', 1],
      ['2025-07-10', '2025-07-20', 2],
      ['2025-07-20', '2025-08-01', 3],
    ];
    expect(cut(versions)).toEqual(expected);
    expect(cut(versions.toReversed())).toEqual(expected);
  });

  it('where its own discount begins and ends, not where another version’s does', () => {
    const own = version(1, '2025-01-01', { from: '2025-07-05', to: '2025-07-12' });
    expect(cut([own])).toEqual([
      ['2025-07-01', '2025-07-05', 1],
      ['2025-07-05', '2025-07-12', 1],
      ['2025-07-12', '2025-08-01', 1],
    ]);
    const later = version(2, '2025-07-20', { from: '2025-07-05', to: '2025-07-25' });
    expect(cut([version(1, '2025-01-01'), later])).toEqual([
      ['2025-07-01', '2025-07-20', 1],
      ['2025-07-20', '2025-07-25', 2],
      ['2025-07-25', '2025-08-01', 2],
    ]);
    expect(cut([version(1, '2025-07-01', { from: '2025-07-01', to: '2025-08-01' })])).toEqual([
      ['2025-07-01', '2025-08-01', 1],
    ]);
  });
});
