import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guessProfile } from '../../src/imports/profiles/guess-profile.ts';
import { portals } from '../../src/imports/profiles/portals.ts';
import { previewProfile } from '../../src/imports/profiles/preview-profile.ts';
import type { Zone } from '../../src/units/time.ts';

const zone = 'Europe/Brussels' as Zone;

function rows(header: string, row: (slot: number) => string, count = 96): Buffer {
  return Buffer.from(`${[header, ...Array.from({ length: count }, (_, slot) => row(slot))].join('\n')}\n`);
}

/** The wall clock `minutes` after midnight of 13 May 2026: no date of the first days can be read with day and month exchanged. */
function stampAt(minutes: number, write: (year: string, month: string, day: string, time: string) => string): string {
  const [date = '', time = ''] = new Date(Date.UTC(2026, 4, 13) + minutes * 60_000).toISOString().split('T');
  const [year = '', month = '', day = ''] = date.split('-');
  return write(year, month, day, time.slice(0, 5));
}

const iso = (minutes: number) => stampAt(minutes, (y, m, d, time) => `${y}-${m}-${d} ${time}`);
const asked = (head: Buffer) => guessProfile(head).questions.map(({ part }) => part);

describe('a profile is guessed from a sample', () => {
  it('from headings and columns, with reasons, and asks for what no file can say', () => {
    const head = rows('NMI,Time,Usage kWh', slot => `2001000016,${iso(slot * 30)},0.${slot + 10}`);
    const { profile, reasons, questions } = guessProfile(head);
    expect(profile).toMatchObject({
      delimiter: ',',
      meterPoint: { from: 'column', column: 'NMI' },
      stamp: { column: 'Time', pattern: 'yyyy-MM-dd HH:mm[:ss]' },
      interval: { minutes: 30 },
      zone: 'site',
    });
    expect(reasons.map(({ says }) => says)).toContain('Most stamps are 30 minutes apart.');
    expect(questions.map(({ part }) => part).sort()).toEqual(['direction', 'edge', 'zone']);
  });

  it('and what it guessed reads the sample whole', () => {
    const head = rows(
      'Datum;Tijd;Verbruik kWh',
      slot => `${stampAt(slot * 15, (y, m, d, time) => `${d}-${m}-${y};${time}`)};"0,2${slot % 2}5"`,
    );
    const { profile, questions } = guessProfile(head);
    expect(profile).toMatchObject({
      delimiter: ';',
      decimal: ',',
      stamp: { time: { column: 'Tijd' } },
      interval: { minutes: 15 },
    });
    expect(questions.map(({ part }) => part)).toContain('meterPoint');
    const { channels, days, problemCount } = previewProfile(profile!, head, { siteZone: zone });
    expect(problemCount).toBe(0);
    expect(channels).toMatchObject([{ code: 'E1', readings: 96, missing: 0, energy: '20.160' }]);
    expect(days).toEqual([{ day: '2026-05-13', code: 'E1', energy: '20.160', intervals: 96 }]);
  });

  it('asks whether a day or a month comes first, when every date fits both (CSV-5)', () => {
    const both = rows(
      'stamp,kWh',
      slot => `0${1 + Math.floor(slot / 48)}/02/2026 ${iso((slot % 48) * 30).slice(11)},1.${slot % 3}`,
    );
    expect(asked(both)).toContain('dateOrder');
    const one = rows(
      'stamp,kWh',
      slot => `${stampAt(slot * 30, (y, m, d, time) => `${m}/${d}/${y} ${time}`)},1.${slot % 3}`,
    );
    expect(asked(one)).not.toContain('dateOrder');
    expect(guessProfile(one).profile?.stamp.pattern).toBe('MM/dd/yyyy HH:mm[:ss]');
  });

  it('asks whether a column that only rises counts (CSV-4), and leaves its differences out (CSV-7)', () => {
    const { profile, questions } = guessProfile(
      rows(
        'date,reading kWh,usage kWh',
        slot => `${stampAt(slot * 1440, (y, m, d) => `${y}-${m}-${d}`)},${1000 + slot * 3},${slot === 0 ? '' : 3}`,
        20,
      ),
    );
    expect(questions.map(({ part }) => part)).toContain('kind');
    expect(profile).toMatchObject({ tables: [{ values: [{ column: 'reading kWh', kind: 'register' }] }] });
  });

  it('a row of many numbers beside a day is a day', () => {
    const header = ['Date', ...Array.from({ length: 48 }, (_, slot) => `v${slot}`)].join();
    const { profile } = guessProfile(
      rows(header, slot => `${stampAt(slot * 1440, (y, m, d) => `${y}-${m}-${d}`)}${',0.5'.repeat(48)}`, 5),
    );
    expect(profile).toMatchObject({ day: { columns: 48, minutes: 30 }, tables: [{ values: [{ column: 'v0' }] }] });
  });

  it('words of a column are channels, with their direction', () => {
    const words = ['Afname Dag', 'Injectie Dag'];
    const { profile } = guessProfile(
      rows(
        'EAN,stamp,Register,Volume',
        slot => `541,${iso(Math.floor(slot / 2) * 15)},${words[slot % 2]},0.${slot % 7}`,
      ),
    );
    expect(profile?.channelBy).toEqual({
      column: 'Register',
      channels: [
        { word: 'Afname Dag', code: 'E1', flow: 'from-grid' },
        { word: 'Injectie Dag', code: 'B1', flow: 'to-grid' },
      ],
    });
  });

  it('offsets in the stamps leave no question of the zone; the first stamp at an interval’s length is an end', () => {
    const head = rows('stamp,kWh', slot => `${iso((slot + 1) * 30).replace(' ', 'T')}:00+02:00,1.${slot % 5}`);
    const { profile, questions } = guessProfile(head);
    expect(profile?.zone).toBe('offset');
    expect(questions.map(({ part }) => part)).not.toContain('zone');
    const local = guessProfile(rows('stamp,kWh', slot => `${iso((slot + 1) * 30)},1.${slot % 5}`));
    expect(local.profile?.edge).toBe('end');
  });

  it('a known header ends the guessing', () => {
    const { profile, reasons } = guessProfile(Buffer.from('Date/Time,Energy Produced (Wh)\n'), portals());
    expect(profile?.name).toBe('enphase');
    expect(reasons[0]!.says).toContain('Enphase');
  });

  it.each(['', 'hello', '%PDF-1.7\n1 2 3\n', 'a,b\nc,d\n', '{"a":1}'])('%j is no table', text => {
    expect(guessProfile(Buffer.from(text)).profile).toBeUndefined();
  });

  it('never throws, and what it proposes can be previewed', () => {
    const sample = rows('NMI;Time;Usage kWh;Quality', slot => `2001000016;${iso(slot * 30)};0,${slot};A`, 12);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 30 }), changes => {
        const bytes = Buffer.from(sample);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        const { profile } = guessProfile(bytes, portals());
        if (profile) previewProfile(profile, bytes, { siteZone: zone });
      }),
      { numRuns: 300 },
    );
  });
});
