import { expect, it } from 'vitest';
import { weekPictures } from '../../src/tariffs/week-picture.ts';
import { formatClockTime } from '../../src/tariffs/windows.ts';
import { embeddedNetwork, flat, planDocument, versionOf } from './fixtures.ts';

/** "MON B 00:00 A 17:00 …": each stretch by its letter and start. */
function rowsOf(document: Record<string, unknown>, season = '') {
  const [picture] = weekPictures(versionOf(document).plan, season);
  return picture!.days.map(
    ({ name, runs }) =>
      `${name} ${runs.map(({ from, rate }) => `${picture!.rates[rate]!.letter} ${formatClockTime(from)}`).join(' ')}`,
  );
}

it('draws each day by its own windows, and names the dearest rate A', () => {
  const weekday = 'C 00:00 B 07:00 A 17:00 C 21:00';
  expect(rowsOf(embeddedNetwork)).toEqual([
    ...['MON', 'TUE', 'WED', 'THU', 'FRI'].map(day => `${day} ${weekday}`),
    ...['SAT', 'SUN'].map(day => `${day} C 00:00 A 17:00 C 21:00`),
  ]);
  const [use, solar] = weekPictures(versionOf(embeddedNetwork).plan, '');
  expect(use!.rates.map(({ letter, rank, when }) => [letter, rank, when])).toEqual([
    ['A', 2, 'Every day 17:00 to 21:00'],
    ['B', 1, 'Mon to Fri 07:00 to 17:00'],
    ['C', 0, 'Every day 21:00 to 07:00; Sat and Sun 07:00 to 17:00'],
  ]);
  expect(solar).toMatchObject({ code: 'SOLAR', rates: [{ letter: 'A', when: 'at all times' }] });
});

const seasonal = planDocument({
  seasons: { SUMMER: ['11-01', '03-31'], REST: ['04-01', '10-31'] },
  dayTypes: { WD: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WE: ['SAT', 'SUN', 'PUBLIC_HOLIDAY'] },
  holidayCalendar: 'AU-SA',
  components: [
    {
      ...flat('0.2'),
      rates: [
        { code: 'NIGHT', unitPrice: '0.1', windows: [{ season: 'SUMMER', days: 'WD', from: '22:00', to: '06:00' }] },
        { code: 'REST', unitPrice: '0.3' },
      ],
    },
  ],
});

it('draws one season, public holidays apart, and a night into the morning after', () => {
  expect(rowsOf(seasonal, 'SUMMER')).toEqual([
    'MON A 00:00 B 22:00',
    ...['TUE', 'WED', 'THU', 'FRI'].map(day => `${day} B 00:00 A 06:00 B 22:00`),
    'SAT B 00:00 A 06:00',
    'SUN A 00:00',
    'PUBLIC_HOLIDAY B 00:00 A 06:00',
  ]);
  expect(rowsOf(seasonal, 'REST')).toEqual(
    ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN', 'PUBLIC_HOLIDAY'].map(day => `${day} A 00:00`),
  );
});

it('every minute of every day is drawn once, and tiers stand together', () => {
  const tiered = planDocument({
    components: [
      {
        ...flat('0.2'),
        tierPeriod: 'P1M',
        rates: [{ code: 'ALL', tiers: [{ upTo: '100', unitPrice: '0.1' }, { unitPrice: '0.4' }] }],
      },
      { ...flat('0.1', 'E2'), rates: [{ code: 'DAY', register: 'E2', unitPrice: '0.1' }] },
    ],
  });
  for (const document of [embeddedNetwork, seasonal, tiered])
    for (const { days } of weekPictures(versionOf(document).plan, 'SUMMER'))
      for (const { runs } of days)
        expect(runs.map(({ from, to }) => to - from).reduce((sum, minutes) => sum + minutes)).toBe(1440);
  const pictures = weekPictures(versionOf(tiered).plan, '');
  expect(pictures.map(({ code }) => code)).toEqual(['USE']);
  expect(pictures[0]!.rates[0]!.prices).toHaveLength(2);
});
