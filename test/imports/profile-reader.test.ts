import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portals } from '../../src/imports/profiles/portals.ts';
import { type ProfileInput, profileSchema } from '../../src/imports/profiles/profile.ts';
import { profileFormat } from '../../src/imports/profiles/profile-format.ts';
import { qualities } from '../../src/readings/reading.ts';
import { formatUtc, instant, type Zone } from '../../src/units/time.ts';
import { collectEvents, cutInto, type Events, strict, tolerant } from './collect-events.ts';

const plain: ProfileInput = {
  name: 'plain',
  title: 'Plain',
  tables: [{ header: ['id', 'stamp', 'kWh'], values: [{ column: 'kWh', channel: { code: 'E1', flow: 'from-grid' } }] }],
  meterPoint: { from: 'column', column: 'id' },
  stamp: { column: 'stamp', pattern: 'yyyy-MM-dd HH:mm' },
  zone: 'UTC',
  interval: { minutes: 30 },
};

function read(
  profile: Partial<ProfileInput>,
  file: string | Uint8Array | Iterable<Uint8Array>,
  context = tolerant,
): Events {
  return collectEvents(profileFormat(profileSchema.parse({ ...plain, ...profile })), file, context);
}

/** "2026-01-01T00:00:00Z 0.5", one per interval, in the order they were told. */
function intervals({ runs }: Events): string[] {
  return runs.flatMap(({ startsAt, energies, channel }) =>
    Array.from(
      energies,
      (energy, slot) => `${formatUtc(instant(startsAt + slot * channel.lengthMinutes * 60))} ${energy / 1e6}`,
    ),
  );
}

/** "L3 C12 CSV-4", one per problem. */
function places({ problems }: Events): string[] {
  return problems.map(({ line, column, rule }) => `L${line} C${column} ${rule}`);
}

const head = 'id,stamp,kWh\n';

describe('a CSV read by its profile', () => {
  it('gives runs of consecutive intervals, each with its line', () => {
    const { runs, facts } = read({}, `${head}M1,2026-01-01 00:00,0.5\nM1,2026-01-01 00:30,1\nM1,2026-01-01 02:00,2\n`);
    expect(runs.map(({ energies, line, lineStep }) => [[...energies], line, lineStep])).toEqual([
      [[500_000, 1_000_000], 2, 1],
      [[2_000_000], 4, 0],
    ]);
    expect(facts[0]).toMatchObject({ complete: true, records: 3, errors: 0, warnings: 0 });
  });

  it('keeps meters apart that alternate line by line', () => {
    const rows = ['00:00', '00:30'].flatMap(time =>
      ['A', 'B'].map(id => `${id},2026-01-01 ${time},${id === 'A' ? 1 : 2}`),
    );
    const { runs } = read({}, `${head}${rows.join('\n')}\n`);
    expect(runs.map(({ channel, energies, lineStep }) => [channel.meterPoint, [...energies], lineStep])).toEqual([
      ['A', [1e6, 1e6], 2],
      ['B', [2e6, 2e6], 2],
    ]);
  });

  it('turns a file that begins with the newest row round', () => {
    const { runs } = read({}, `${head}M1,2026-01-01 01:00,3\nM1,2026-01-01 00:30,2\nM1,2026-01-01 00:00,1\n`);
    expect(
      runs.map(({ startsAt, energies, line, lineStep }) => [formatUtc(startsAt), [...energies], line, lineStep]),
    ).toEqual([['2026-01-01T00:00:00Z', [1e6, 2e6, 3e6], 4, -1]]);
  });

  it('takes end stamps back by their interval, and 24:00 for the midnight that ends the day', () => {
    const file = `${head}M1,2026-01-01 00:30,1\nM1,2026-01-01 24:00,2\n`;
    expect(intervals(read({ edge: 'end' }, file))).toEqual(['2026-01-01T00:00:00Z 1', '2026-01-01T23:30:00Z 2']);
  });

  it.each<[what: string, profile: Partial<ProfileInput>, cell: string, kWh: number]>([
    ['decimal comma', { delimiter: ';', decimal: ',' }, '1,25', 1.25],
    ['thousands', { delimiter: ';', decimal: ',', thousands: '.' }, '1.234,5', 1234.5],
    ['blank thousands', { thousands: ' ' }, '1 234.5', 1234.5],
    ['quotation marks', {}, '"0.25"', 0.25],
    ['Excel guard', {}, '="0.25"', 0.25],
    ['blanks', {}, '  0.25 ', 0.25],
    ['no-break space', {}, '\u00a00.25\u00a0', 0.25],
    [
      'Wh',
      {
        tables: [
          { header: ['id'], values: [{ column: 'kWh', unit: 'Wh', channel: { code: 'E1', flow: 'from-grid' } }] },
        ],
      },
      '250',
      0.25,
    ],
    [
      'mean kW',
      {
        tables: [
          { header: ['id'], values: [{ column: 'kWh', unit: 'kW', channel: { code: 'E1', flow: 'from-grid' } }] },
        ],
      },
      '0.5',
      0.25,
    ],
    [
      'inverted',
      {
        tables: [
          { header: ['id'], values: [{ column: 'kWh', sign: 'inverted', channel: { code: 'E1', flow: 'from-grid' } }] },
        ],
      },
      '-0.25',
      0.25,
    ],
    ['a missing word', { missing: ['n.v.'] }, 'N.V.', Number.NaN],
    ['nothing', {}, '', Number.NaN],
  ])('reads %s', (_what, profile, cell, kWh) => {
    const delimiter = profile.delimiter ?? ',';
    const events = read(
      profile,
      `${['id', 'stamp', 'kWh'].join(delimiter)}\n${['M1', '2026-01-01 00:00', cell].join(delimiter)}\n`,
    );
    expect(events.problems).toEqual([]);
    expect(events.runs[0]!.energies[0]! / 1e6).toBe(kWh);
    expect(qualities[events.runs[0]!.qualities[0]!]).toBe(Number.isNaN(kWh) ? 'missing' : 'actual');
  });

  it('takes a mark of thousands only before three digits: 1,5 is not fifteen', () => {
    const events = read(
      { delimiter: ';', thousands: ',' },
      'id;stamp;kWh\nM1;2026-01-01 00:00;1,5\nM1;2026-01-01 00:30;1,500\n',
    );
    expect(intervals(events)).toEqual(['2026-01-01T00:30:00Z 1500']);
    expect(events.problems[0]!.message).toBe('line 2, column 21: "1,5" is not a number of kWh');
  });

  it('gives returned energy to its own channel', () => {
    const values = [
      {
        column: 'kWh',
        sign: 'returned' as const,
        channel: { code: 'E1', flow: 'from-grid' as const },
        returnTo: { code: 'B1', flow: 'to-grid' as const },
      },
    ];
    const { runs } = read(
      { tables: [{ header: ['id'], values }] },
      `${head}M1,2026-01-01 00:00,-0.5\nM1,2026-01-01 00:30,2\n`,
    );
    expect(runs.map(({ channel, energies }) => [channel.suffix, channel.role, ...energies])).toEqual([
      ['E1', 'from-grid', 0, 2e6],
      ['B1', 'to-grid', 500_000, 0],
    ]);
  });

  it('tells a register’s values, and leaves out the days it says nothing', () => {
    const values = [{ column: 'kWh', kind: 'register' as const, channel: { code: '1', flow: 'to-grid' as const } }];
    const profile = { tables: [{ header: ['id'], values }], missing: ['NaN'] };
    const { readings, runs } = read(
      profile,
      `${head}M1,2026-01-01 00:00,100\nM1,2026-01-02 00:00,NaN\nM1,2026-01-03 00:00,103.5\n`,
    );
    expect(runs).toEqual([]);
    expect(readings.map(({ registerId, flow, value, line }) => [registerId, flow, value, line])).toEqual([
      ['1', 'to-grid', 100_000_000, 2],
      ['1', 'to-grid', 103_500_000, 4],
    ]);
  });

  it('takes quality words as the profile says, and refuses those it does not know', () => {
    const quality = { column: 'q', words: [{ word: 'Est', quality: 'estimated' as const }] };
    const events = read(
      { quality },
      'id,stamp,kWh,q\nM1,2026-01-01 00:00,1,est\nM1,2026-01-01 00:30,1,\nM1,2026-01-01 01:00,1,?\n',
    );
    expect(Array.from(events.runs[0]!.qualities, code => qualities[code])).toEqual(['estimated', 'actual']);
    expect(events.runs[0]!.spans.map(({ from, to, flag }) => [from, to, flag])).toEqual([
      [0, 1, 'E'],
      [1, 2, 'A'],
    ]);
    expect(places(events)).toEqual(['L4 C23 CSV-10']);
  });

  it('reads UTF-16 as its profile says, and knows it by its header', () => {
    const text = `\ufeff${head}M1,2026-01-01 00:00,0.5\n`;
    const bytes = Buffer.from(text, 'utf16le');
    const profile = profileSchema.parse({ ...plain, encoding: 'utf-16le' });
    expect(profileFormat(profile).looksLike(bytes)).toBe(true);
    expect(intervals(collectEvents(profileFormat(profile), cutInto(bytes, [1, 2, 3])))).toEqual([
      '2026-01-01T00:00:00Z 0.5',
    ]);
  });

  it('takes the interval’s length from its end, from a column of lengths, or from the same cell', () => {
    const until = read(
      { interval: { until: { column: 'end', pattern: 'HH:mm' } } },
      'id,stamp,end,kWh\nM1,2026-01-01 23:45,00:00,1\n',
    );
    const duration = read(
      { interval: { duration: { column: 's', unit: 'seconds' } } },
      'id,stamp,s,kWh\nM1,2026-01-01 23:45,900,1\n',
    );
    const within = read(
      { interval: { untilAfter: 'to' } },
      'id,stamp,kWh\nM1,2026-01-01 23:45\u00a0to 2026-01-02 00:00,1\n',
    );
    for (const { runs, problems } of [until, duration, within]) {
      expect(problems).toEqual([]);
      expect(runs[0]!.channel.lengthMinutes).toBe(15);
    }
  });
});

describe('whose file it is', () => {
  const nameless = { meterPoint: { from: 'caller' as const } };

  it('is said once, when neither the file nor its importer says it', () => {
    const events = read(nameless, `${head}x,2026-01-01 00:00,1\nx,2026-01-01 00:30,1\n`);
    expect(events.runs).toEqual([]);
    expect(events.problems.map(({ message }) => message)).toEqual([
      'the file names no meter point: say which one it is of (--meter-point), or save a profile that does',
    ]);
  });

  it('comes from the importer', () => {
    const { runs } = read(nameless, `${head}x,2026-01-01 00:00,1\n`, { ...tolerant, meterPoint: '2001000016' });
    expect(runs[0]!.channel.meterPoint).toBe('2001000016');
  });

  it('comes from the profile', () => {
    const { runs } = read({ meterPoint: { from: 'profile', identifier: 'ROOF-1' } }, `${head}x,2026-01-01 00:00,1\n`);
    expect(runs[0]!.channel.meterPoint).toBe('ROOF-1');
  });

  it('comes from a column even when somebody says another, for rows of several may stand in one file', () => {
    const { runs } = read({}, `${head}M1,2026-01-01 00:00,1\n`, { ...tolerant, meterPoint: 'OTHER' });
    expect(runs[0]!.channel.meterPoint).toBe('M1');
  });
});

describe('the days on which clocks change', () => {
  const brussels = { zone: 'Europe/Brussels', interval: { minutes: 60 } };
  const hours = (day: string, list: number[]) =>
    list.map(hour => `M1,${day} ${String(hour).padStart(2, '0')}:00,${hour}\n`).join('');
  const spring = [0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23];
  const autumn = [0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23];

  it('a day of 23 hours is one run without a gap', () => {
    const { runs, problems } = read(brussels, head + hours('2026-03-29', spring));
    expect(problems).toEqual([]);
    expect(runs.map(({ energies }) => energies.length)).toEqual([23]);
  });

  it('a day of 25 hours keeps both hours that the clock showed twice', () => {
    const { runs } = read(brussels, head + hours('2026-10-25', autumn));
    expect(runs.map(({ energies }) => energies.length)).toEqual([24, 1]);
    expect(runs.reduce((sum, { energies }) => sum + energies.reduce((a, b) => a + b, 0), 0)).toBe(278e6);
  });

  it('also newest first', () => {
    const backward = read(brussels, head + hours('2026-10-25', [...autumn].reverse()));
    expect(intervals(backward).sort()).toEqual(intervals(read(brussels, head + hours('2026-10-25', autumn))).sort());
  });

  it('quarter-hours may stand in pairs or pass twice', () => {
    const row = (time: string) => `M1,2026-10-25 ${time},1\n`;
    const times = ['02:00', '02:15', '02:30', '02:45'];
    const quarter = { ...brussels, interval: { minutes: 15 } };
    const twice = intervals(read(quarter, head + row('01:45') + [...times, ...times, '03:00'].map(row).join('')));
    const pairs = intervals(
      read(quarter, head + row('01:45') + [...times.flatMap(time => [time, time]), '03:00'].map(row).join('')),
    );
    expect(twice).toHaveLength(10);
    expect(new Set(twice).size).toBe(10);
    expect(pairs.sort()).toEqual(twice.sort());
  });

  it.each([
    { pattern: 'yyyy-MM-dd', time: '', edge: 'start' as const, days: [29, 30, 31, 1] },
    { pattern: 'yyyy-MM-dd HH:mm', time: ' 00:00', edge: 'start' as const, days: [29, 30, 31, 1] },
    { pattern: 'yyyy-MM-dd HH:mm', time: ' 00:00', edge: 'end' as const, days: [30, 31, 1, 2] },
  ])(
    'a row a day, written $pattern for its $edge, is as long as the day on the clock',
    ({ pattern, time, edge, days }) => {
      const rows = days.map(day => `M1,2025-${day > 2 ? '03' : '04'}-${String(day).padStart(2, '0')}${time},1`);
      const { runs, problems } = read(
        { stamp: { column: 'stamp', pattern }, edge, zone: 'Europe/London', interval: { minutes: 1440 } },
        `${head}${rows.join('\n')}\n`,
      );
      expect(problems).toEqual([]);
      expect(runs.map(({ startsAt, channel }) => [formatUtc(startsAt), channel.lengthMinutes])).toEqual([
        ['2025-03-29T00:00:00Z', 1440],
        ['2025-03-30T00:00:00Z', 1380],
        ['2025-03-30T23:00:00Z', 1440],
        ['2025-03-31T23:00:00Z', 1440],
      ]);
    },
  );

  it('energy at an hour that was never on the clock is refused, an empty row is passed over', () => {
    const events = read(brussels, `${head}M1,2026-03-29 02:00,1\nM1,2026-03-29 02:00,0\n`);
    expect(events.problems.map(({ rule, action }) => `${rule} ${action}`)).toEqual(['CSV-6 rejected', 'CSV-6 ignored']);
    expect(events.runs).toEqual([]);
  });

  const wide = (counted: 'clock' | 'elapsed', columns: number): Partial<ProfileInput> => ({
    zone: 'Europe/Brussels',
    tables: [{ header: ['id', 'day'], values: [{ column: 3, channel: { code: 'E1', flow: 'from-grid' } }] }],
    stamp: { column: 'day', pattern: 'yyyy-MM-dd' },
    day: { columns, minutes: 60, counted },
  });
  const dayRow = (day: string, cells: (number | '')[]) =>
    `id,day${',h'.repeat(cells.length)}\nM1,${day},${cells.join()}\n`;

  it('a row of 24 clock hours: the skipped one must be empty, the repeated one is taken for the first', () => {
    const march = read(
      wide('clock', 24),
      dayRow(
        '2026-03-29',
        Array.from({ length: 24 }, (_, hour) => (hour === 2 ? '' : 1)),
      ),
    );
    expect(march.problems).toEqual([]);
    expect(march.runs.map(({ energies }) => energies.length)).toEqual([23]);
    const october = read(
      wide('clock', 24),
      dayRow(
        '2026-10-25',
        Array.from({ length: 24 }, () => 1),
      ),
    );
    expect(october.problems.map(({ rule, action }) => `${rule} ${action}`)).toEqual(['CSV-6 repaired']);
    expect(intervals(october)).toHaveLength(24);
    const full = read(
      wide('clock', 24),
      dayRow(
        '2026-03-29',
        Array.from({ length: 24 }, () => 1),
      ),
    );
    expect(full.problems.map(({ column, action }) => [column, action])).toEqual([[19, 'rejected']]);
  });

  it('a bad cell of a day row is one problem, and its neighbours are read', () => {
    const cells = Array.from({ length: 24 }, (_, hour) => (hour === 5 ? 'x' : '1'));
    const events = read(wide('clock', 24), `id,day${',h'.repeat(24)}\nM1,2026-06-01,${cells.join()}\n`);
    expect(places(events)).toEqual(['L2 C25 CSV-4']);
    expect(intervals(events)).toHaveLength(23);
  });

  it('an end at 00:00 of the same date is the midnight after it', () => {
    const until = { column: 'day', pattern: 'yyyy-MM-dd', time: { column: 'to', pattern: 'HH:mm' } };
    const stamp = { column: 'day', pattern: 'yyyy-MM-dd', time: { column: 'from', pattern: 'HH:mm' } };
    const { runs, problems } = read(
      { stamp, interval: { until } },
      'id,stamp,day,from,to,kWh\nM1,,2026-06-01,23:45,00:00,1\n',
    );
    expect(problems).toEqual([]);
    expect(runs[0]!.channel.lengthMinutes).toBe(15);
  });

  it('a row of elapsed hours has 23 or 25 of them', () => {
    const cells = (count: number) => Array.from({ length: 25 }, (_, hour): number | '' => (hour < count ? 1 : ''));
    for (const [day, count] of [
      ['2026-03-29', 23],
      ['2026-06-01', 24],
      ['2026-10-25', 25],
    ] as const) {
      const { runs, problems } = read(wide('elapsed', 25), dayRow(day, cells(count)));
      expect(problems).toEqual([]);
      expect(runs.reduce((sum, { energies }) => sum + energies.length, 0)).toBe(count);
    }
    expect(places(read(wide('elapsed', 25), dayRow('2026-06-01', cells(25))))).toEqual(['L2 C63 CSV-6']);
  });

  it('offsets in the stamps need no zone', () => {
    const stamp = { column: 'stamp', pattern: 'yyyy-MM-ddTHH:mm[:ss]XXX' };
    const file = `${head}M1,2026-10-25T02:00:00+02:00,1\nM1,2026-10-25T02:00:00+01:00,2\nM1,2026-10-25T02:00Z,3\n`;
    expect(intervals(read({ zone: 'offset', stamp, interval: { minutes: 60 } }, file))).toEqual([
      '2026-10-25T00:00:00Z 1',
      '2026-10-25T01:00:00Z 2',
      '2026-10-25T02:00:00Z 3',
    ]);
  });
});

describe('what is wrong is said with its place, and the rest is read', () => {
  const good = 'M1,2026-01-01 00:30,1\n';

  it.each<[what: string, row: string, place: string, says: string]>([
    [
      'a date that is none',
      'M1,2026-02-30 00:00,1',
      'L2 C4 CSV-5',
      '"2026-02-30 00:00" is not written as yyyy-MM-dd HH:mm',
    ],
    ['a number that is none', 'M1,2026-01-01 00:00,1x', 'L2 C21 CSV-4', '"1x" is not a number of kWh'],
    ['a negative interval', 'M1,2026-01-01 00:00,-1', 'L2 C21 CSV-4', '"-1" is negative'],
    ['an exponent', 'M1,2026-01-01 00:00,1e999', 'L2 C21 CSV-4', '"1e999" is not a number'],
    ['too large', 'M1,2026-01-01 00:00,99999999999999', 'L2 C21 CSV-4', 'is too large'],
    ['a row too short', 'M1,2026-01-01 00:00', 'L2 C20 CSV-3', 'the row has 2 of the 3 cells it needs'],
    ['an open quotation mark', 'M1,"2026-01-01 00:00,1', 'L2 C4 CSV-1', 'a quotation mark is opened here'],
    ['an embedded NUL', 'M\u00001,2026-01-01 00:00,1', 'L2 C1 CSV-4', '"M·1" is not a meter point'],
    ['a meter point with a blank', 'M 1,2026-01-01 00:00,1', 'L2 C1 CSV-4', '"M 1" is not a meter point'],
    ['a column counted in letters', 'Mé,2026-01-01 00:00,1', 'L2 C1 CSV-4', 'is not a meter point'],
  ])('%s', (_what, row, place, says) => {
    const events = read({}, `${head}${row}\n${good}`);
    expect(places(events)).toEqual([place]);
    expect(events.problems[0]!.message).toContain(says);
    expect(intervals(events)).toEqual(['2026-01-01T00:30:00Z 1']);
  });

  it('a last line without an end: taken with a warning, refused when reading is strict', () => {
    const cutOff = `${head}${good}M1,2026-01-01 01:00,0.3`;
    expect(intervals(read({}, cutOff))).toHaveLength(2);
    expect(places(read({}, cutOff))).toEqual(['L3 C1 X-2']);
    expect(intervals(read({}, cutOff, strict))).toHaveLength(1);
  });

  it('a line of ten megabytes is passed over in the memory of one', () => {
    const file = (function* () {
      yield Buffer.from(head);
      for (let part = 0; part < 160; part++) yield Buffer.alloc(65_536, 'x');
      yield Buffer.from(`\n${good}`);
    })();
    const events = read({}, file);
    expect(places(events)).toEqual(['L2 C1 X-3']);
    expect(intervals(events)).toHaveLength(1);
  });

  it('more decimals than a millionth of a kWh are rounded and told', () => {
    const events = read({}, `${head}M1,2026-01-01 00:00,0.12345650\nM1,2026-01-01 00:30,0.12345651\n`);
    expect(events.runs[0]!.energies).toEqual(Float64Array.of(123_456, 123_457));
    expect(events.problems.map(({ action }) => action)).toEqual(['repaired', 'repaired']);
  });

  it('a file without the headings says which it looked for', () => {
    expect(read({}, 'a,b\n1,2\n').problems.map(({ message }) => message)).toEqual([
      'no row has the headings "id", "stamp", "kWh"',
    ]);
  });

  it('a header without a column of the profile says which', () => {
    const events = read({ quality: { column: 'Q', words: [] } }, head + good);
    expect(events.problems.map(({ message }) => message)).toEqual(['line 1, column 1: the header has no column "Q"']);
  });
});

describe('a profile that cannot be read by is refused', () => {
  it.each<[why: string, change: Partial<ProfileInput>]>([
    ['intervals without a length', { interval: undefined }],
    ['a zone nobody knows', { zone: 'Mars/Olympus' }],
    ['a pattern without a day', { stamp: { column: 'stamp', pattern: 'yyyy-MM' } }],
    [
      'headings without a header',
      { tables: [{ header: [], values: [{ column: 'kWh', channel: { code: 'E1', flow: 'none' } }] }] },
    ],
    ['a channel nobody names', { tables: [{ header: ['id'], values: [{ column: 'kWh' }] }] }],
    [
      'a register of power',
      {
        tables: [
          {
            header: ['id'],
            values: [{ column: 'kWh', kind: 'register', unit: 'kW', channel: { code: '1', flow: 'none' } }],
          },
        ],
      },
    ],
  ])('%s', (_why, change) => {
    expect(profileSchema.safeParse({ ...plain, ...change }).success).toBe(false);
  });
});

describe('whatever the bytes', () => {
  const samples = portals().map(profile => {
    const width = Math.max(...profile.tables[0]!.header.map(() => 1), 8);
    const header = [...profile.tables[0]!.header, ...Array.from({ length: width }, (_, at) => `c${at}`)].join(
      profile.delimiter,
    );
    const cells = ['01.02.2026 00:00:00', '2026-02-01 00:00', '"1,5"', '="7"', 'NaN', '', '12', '00:00'];
    return { profile, text: `sep=${profile.delimiter}\n${header}\n${`${cells.join(profile.delimiter)}\n`.repeat(3)}` };
  });

  it('a reader never throws, and says the same however the bytes were cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 10, 34, 44, 59, 61, 0xc2, 0xa0, 0xff, 48)), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
        ({ profile, text }, changes, lengths) => {
          const bytes = Buffer.from(text, 'utf8');
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
          const context = { ...tolerant, siteZone: 'Europe/Amsterdam' as Zone, meterPoint: 'X1' };
          const whole = collectEvents(profileFormat(profile), bytes, context);
          expect(collectEvents(profileFormat(profile), cutInto(bytes, lengths), context)).toEqual(whole);
          expect(whole.facts).toHaveLength(1);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('no energy is lost or made: what is written comes out, in any order of rows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('A', 'B'), fc.nat(2000), fc.nat(10_000_000)), { maxLength: 60 }),
        rows => {
          const lines = rows.map(([id, slot, micro]) => {
            const at = new Date(Date.UTC(2026, 0, 1) + slot * 1_800_000).toISOString().slice(0, 16).replace('T', ' ');
            return `${id},${at},${(micro / 1e6).toFixed(6)}\n`;
          });
          const { runs } = read({}, head + lines.join(''));
          const sum = runs.reduce((total, { energies }) => total + energies.reduce((a, b) => a + b, 0), 0);
          expect(sum).toBe(rows.reduce((total, [, , micro]) => total + micro, 0));
        },
      ),
      { numRuns: 200 },
    );
  });
});
