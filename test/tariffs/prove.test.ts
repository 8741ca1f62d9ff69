import { describe, expect, it } from 'vitest';
import { components } from '../../src/tariffs/components/index.ts';
import { readPlan } from '../../src/tariffs/plan.ts';
import { embeddedNetwork, flat, planDocument, refusalOf } from './fixtures.ts';

const week = { WD: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WE: ['SAT', 'SUN'] };
const halves = { SUMMER: ['12-01', '03-31'], REST: ['04-01', '11-30'] };

type WindowText = [days: string, from: string, to: string, season?: string];

/** A plan of one energy component: "PEAK" → its windows; null is a catch-all. */
function plan(rates: Record<string, WindowText[] | null>, calendar: Record<string, unknown> = { dayTypes: week }) {
  return planDocument({
    ...calendar,
    components: [
      {
        ...flat('0'),
        rates: Object.entries(rates).map(([code, windows]) => ({
          code,
          unitPrice: '0.30',
          ...(windows && {
            windows: windows.map(([days, from, to, season]) => ({
              ...(days !== '*' && { days }),
              ...(season && { season }),
              from,
              to,
            })),
          }),
        })),
      },
    ],
  });
}

const kinds = components.map(({ kind }) => kind).join(', ');

const problemsOf = (document: unknown) =>
  refusalOf(() => readPlan(document)).fields.map(({ pointer, message }) => `${pointer}: ${message}`);

describe('the proof that every minute has exactly one rate', () => {
  it.each([
    ['a window for the whole day', plan({ ALL: [['*', '00:00', '24:00']] })],
    ['a catch-all alone', plan({ ALL: null })],
    ['a catch-all that takes what the windows leave', plan({ PEAK: [['WD', '17:00', '21:00']], REST: null })],
    ['windows that run past midnight', plan({ DAY: [['*', '07:00', '21:00']], NIGHT: [['*', '21:00', '07:00']] })],
    [
      'a window that ends at 00:00, the next midnight',
      plan({ A: [['*', '00:00', '21:00']], B: [['*', '21:00', '00:00']] }),
    ],
    [
      'off-peak said twice for a weekend night: one rate all the same',
      plan({
        PEAK: [['*', '17:00', '21:00']],
        SHOULDER: [['WD', '07:00', '17:00']],
        OFF_PEAK: [
          ['*', '21:00', '07:00'],
          ['WE', '00:00', '17:00'],
          ['WE', '21:00', '24:00'],
        ],
      }),
    ],
    [
      'a Friday night that reaches into Saturday, which therefore starts at 06:00',
      plan(
        {
          NIGHT: [['FR', '22:00', '06:00']],
          DAY: [
            ['FR', '00:00', '22:00'],
            ['SA', '06:00', '24:00'],
            ['OTHER', '00:00', '24:00'],
          ],
        },
        { dayTypes: { FR: ['FRI'], SA: ['SAT'], OTHER: ['SUN', 'MON', 'TUE', 'WED', 'THU'] } },
      ),
    ],
    ['the embedded network', embeddedNetwork],
  ])('accepts %s', (_, document) => {
    expect(() => readPlan(document)).not.toThrow();
  });

  it.each([
    [
      'a gap, naming season, days and hours',
      plan(
        {
          PEAK: [['WD', '16:00', '21:00', 'SUMMER']],
          BASE: [
            ['WD', '00:00', '16:00', 'SUMMER'],
            ['WD', '22:00', '24:00', 'SUMMER'],
            ['WE', '00:00', '24:00', 'SUMMER'],
            ['*', '00:00', '24:00', 'REST'],
          ],
        },
        { dayTypes: week, seasons: halves },
      ),
      '/components/0/rates: SUMMER WD 21:00–22:00 has no rate',
    ],
    [
      'the predecessor’s plan as its code had it: the weekend evening in two rates',
      plan({
        PEAK: [['*', '17:00', '21:00']],
        SHOULDER: [['WD', '07:00', '17:00']],
        OFF_PEAK: [
          ['*', '21:00', '07:00'],
          ['WE', '00:00', '24:00'],
        ],
      }),
      '/components/0/rates/2/windows/1: WE 17:00–21:00 has two rates, PEAK and OFF_PEAK',
    ],
    [
      'the predecessor’s hour 7, which its other program gave to off-peak and shoulder',
      plan({
        PEAK: [['*', '17:00', '21:00']],
        OFF_PEAK: [
          ['*', '21:00', '08:00'],
          ['WE', '08:00', '17:00'],
        ],
        SHOULDER: [['WD', '07:00', '17:00']],
      }),
      '/components/0/rates/2/windows/0: WD 07:00–08:00 has two rates, OFF_PEAK and SHOULDER',
    ],
    [
      'one minute too few (an end time that was meant to be inclusive)',
      plan({ A: [['*', '00:00', '20:59']], B: [['*', '21:00', '24:00']] }),
      '/components/0/rates: WD 20:59–21:00 has no rate',
    ],
    [
      'a night of weekdays only, which leaves Monday before dawn open',
      plan({
        DAY: [
          ['WD', '06:00', '22:00'],
          ['WE', '00:00', '24:00'],
        ],
        NIGHT: [['WD', '22:00', '06:00']],
      }),
      '/components/0/rates: WD 00:00–06:00 after WE has no rate',
    ],
    [
      'a noon of one Saturday kind, whose day before has nothing to do with it',
      plan(
        {
          NIGHT: [['*', '22:00', '06:00']],
          DAY: [
            ['SA', '06:00', '12:00'],
            ['SA', '13:00', '22:00'],
            ['REST', '06:00', '22:00'],
          ],
        },
        { dayTypes: { SA: ['SAT'], REST: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI'] } },
      ),
      '/components/0/rates: SA 12:00–13:00 has no rate',
    ],
    [
      'a night of summer that reaches into the first day of the rest',
      plan(
        {
          NIGHT: [['*', '22:00', '06:00', 'SUMMER']],
          DAY: [
            ['*', '06:00', '22:00', 'SUMMER'],
            ['*', '00:00', '24:00', 'REST'],
          ],
        },
        { seasons: halves },
      ),
      '/components/0/rates/1/windows/1: REST 00:00–06:00 after SUMMER has two rates, NIGHT and DAY',
    ],
    [
      'holidays that no window takes, though weekdays and weekends are full',
      plan(
        {
          ALL: [
            ['WD', '00:00', '24:00'],
            ['WE', '00:00', '24:00'],
          ],
        },
        { dayTypes: { ...week, PH: ['PUBLIC_HOLIDAY'] }, holidayCalendar: 'AU-SA' },
      ),
      '/components/0/rates: PH 00:00–24:00 has no rate',
    ],
    [
      'two catch-alls',
      plan({ A: null, B: null }),
      '/components/0/rates/1: A and B both lack windows, so both would take what is left',
    ],
    [
      'from equal to to',
      plan({ A: [['*', '07:00', '07:00']], B: null }),
      '/components/0/rates/0/windows/0/to: from and to are the same time; the whole day is 00:00 to 24:00',
    ],
    [
      'a window from 24:00',
      plan({ A: [['*', '24:00', '07:00']], B: null }),
      '/components/0/rates/0/windows/0/from: a window cannot start at 24:00; write 00:00',
    ],
    [
      'a time past 24:00',
      plan({ A: [['*', '07:00', '24:30']], B: null }),
      '/components/0/rates/0/windows/0/to: must be a clock time from 00:00 to 24:00',
    ],
    [
      'a season there is not',
      plan({ A: [['*', '07:00', '09:00', 'WINTR']], B: null }, { seasons: halves }),
      '/components/0/rates/0/windows/0/season: there is no season WINTR; this plan has SUMMER, REST',
    ],
    [
      'a day type there is not',
      plan({ A: [['HOLS', '07:00', '09:00']], B: null }, {}),
      '/components/0/rates/0/windows/0/days: there is no day type HOLS; this plan has none',
    ],
    ['a weekday in no day type', plan({ A: null }, { dayTypes: { WD: week.WD } }), '/dayTypes: SAT is in no day type'],
    [
      'a weekday in two day types',
      plan({ A: null }, { dayTypes: { ...week, SUNDAY: ['SUN'] } }),
      '/dayTypes/SUNDAY: SUN is in WE and in SUNDAY',
    ],
    [
      'public holidays of nowhere',
      plan({ A: null }, { dayTypes: { WD: week.WD, WE: [...week.WE, 'PUBLIC_HOLIDAY'] } }),
      '/holidayCalendar: WE has public holidays: name the calendar that lists them, such as AU-SA',
    ],
    [
      'a year whose 29 February has no season',
      plan({ A: null }, { seasons: { HOT: ['03-01', '11-30'], COLD: ['12-01', '02-28'] } }),
      '/seasons: 02-29 is in no season',
    ],
    [
      'a day in two seasons',
      plan({ A: null }, { seasons: { HOT: ['03-01', '12-01'], COLD: ['12-01', '02-29'] } }),
      '/seasons/COLD: 12-01 is in HOT and in COLD',
    ],
    [
      'a season that starts on 31 June',
      plan({ A: null }, { seasons: { HOT: ['06-31', '06-30'] } }),
      '/seasons/HOT: 06-31 is not a day of the year',
    ],
  ])('refuses %s', (_, document, problem) => {
    expect(problemsOf(document)).toContain(problem);
    expect(refusalOf(() => readPlan(document)).code).toBe('plan-invalid');
  });
});

describe('a plan document', () => {
  const withPart = (part: Record<string, unknown>) => planDocument({ components: [{ ...flat('0.30'), ...part }] });

  it.each([
    [
      'an unknown kind',
      planDocument({ components: [{ kind: 'barter', code: 'GOAT' }] }),
      `/components/0/kind: there is no component kind "barter"; there are ${kinds}`,
    ],
    [
      'an unknown field of a component',
      withPart({ lossFacter: 'DLF' }),
      '/components/0/lossFacter: "lossFacter" is not a field this version of wattledger can bill',
    ],
    [
      'an unknown field of a rate, never dropped',
      withPart({ rates: [{ code: 'A', unitPrice: '0.1', quota: '5' }] }),
      '/components/0/rates/0/quota: "quota" is not a field this version of wattledger can bill',
    ],
    [
      'an unknown field of the plan',
      planDocument({ components: [flat('0.30')], rebates: [] }),
      '/rebates: "rebates" is not a field this version of wattledger can bill',
    ],
    [
      'a price that is a JSON number',
      withPart({ rates: [{ code: 'A', unitPrice: 0.3 }] }),
      '/components/0/rates/0/unitPrice: must be a decimal string such as "0.3729"',
    ],
    [
      'a price of nine decimals',
      withPart({ rates: [{ code: 'A', unitPrice: '0.123456789' }] }),
      '/components/0/rates/0/unitPrice: must be a decimal string of at most eight decimals, such as "0.3729"',
    ],
    [
      'a tax nobody defined',
      withPart({ tax: 'VAT' }),
      "/components/0/tax: VAT is not among the plan's taxes: GST, NONE",
    ],
    [
      'tax on a household’s feed-in credit',
      planDocument({
        components: [{ kind: 'feedIn', code: 'F', rates: [{ code: 'A', unitPrice: '0.1' }], tax: 'GST' }],
      }),
      '/components/0/tax: must be NONE: a household’s feed-in credit is outside tax',
    ],
    [
      'an import register that may be absent',
      withPart({ optional: true }),
      '/components/0/optional: IMPORT cannot be optional: a site without its readings would be billed nothing',
    ],
    [
      'two components of one code',
      planDocument({ components: [flat('0.1'), flat('0.2')] }),
      '/components/1/code: a second component is called USE',
    ],
    [
      'two rates of one code',
      withPart({
        rates: [
          { code: 'A', unitPrice: '1', windows: [{ from: '00:00', to: '12:00' }] },
          { code: 'A', unitPrice: '1' },
        ],
      }),
      '/components/0/rates/1/code: a second rate is called A',
    ],
    [
      'an end before its start',
      planDocument({ components: [flat('0.1')], effectiveTo: '2000-01-01' }),
      '/effectiveTo: must be after effectiveFrom; it is the first day without the plan',
    ],
    [
      'a day that does not exist',
      planDocument({ components: [flat('0.1')], effectiveFrom: '2025-02-30' }),
      '/effectiveFrom: must be a day such as "2025-07-01"',
    ],
    [
      'a zone that does not exist',
      planDocument({ components: [flat('0.1')], timeZone: 'Australia/Nowhere' }),
      '/timeZone: must be LOCAL, AEST or a time zone such as Europe/London',
    ],
    [
      'a currency without cents',
      planDocument({ components: [flat('0.1')], currency: 'JPY' }),
      '/currency: must be a currency code with two decimals, such as AUD',
    ],
  ])('is refused for %s', (_, document, problem) => {
    expect(problemsOf(document)).toContain(problem);
  });

  it('names every fault of every component at once', () => {
    const document = planDocument({
      components: [
        { kind: 'barter', code: 'H' },
        { ...flat('x'), tax: 'VAT' },
      ],
    });
    expect(problemsOf(document).map(problem => problem.split(':')[0])).toEqual([
      '/components/1/tax',
      '/components/0/kind',
      '/components/1/rates/0/unitPrice',
    ]);
  });
});
