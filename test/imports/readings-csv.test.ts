import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readingsCsv } from '../../src/imports/formats/readings-csv.ts';
import { type Quality, qualities } from '../../src/readings/reading.ts';
import { formatUtc, instant } from '../../src/units/time.ts';
import { collectEvents, cutInto, type Events, verdicts } from './collect-events.ts';

const header = 'meter_point,kind,code,meter,flow,unit,at,minutes,value,quality,version,method,reason_code,reason_text';

interface Row {
  code?: string;
  kind?: string;
  at?: number;
  minutes?: number;
  value?: string;
  quality?: Quality;
  version?: string;
  words?: string;
}

const row = ({ code = 'E1', kind = 'channel', at = 0, minutes = 30, ...more }: Row) => {
  const { value = '1.5', quality = 'actual', version = '2026-10-02T00:00:00Z', words = ',,' } = more;
  return `6001000017,${kind},${code},METER1,from-grid,kWh,${formatUtc(instant(at))},${kind === 'register' ? 0 : minutes},${value},${quality},${version},${words}`;
};
const read = (rows: string[]) => collectEvents(readingsCsv, [header, ...rows, ''].join('\r\n'));

/** Each interval with everything that was said of it. */
function intervals({ runs }: Events) {
  return runs.flatMap(({ channel, startsAt, energies, qualities: codes, spans, versionAt, line, lineStep = 0 }) =>
    Array.from(energies, (energy, at) => {
      const { from: _from, to: _to, ...words } = spans.find(span => span.from <= at && at < span.to)!;
      const [begins, said] = [startsAt + at * channel.lengthMinutes * 60, qualities[codes[at]!]];
      return { code: channel.suffix, begins, energy, said, words, versionAt, line: line + at * lineStep };
    }),
  );
}

describe('an export of readings, read again', () => {
  it('gathers rows that follow one another into runs of a day, with a span for each quality', () => {
    const rows = Array.from({ length: 100 }, (_, at) =>
      row({ at: at * 1800, ...(at > 9 && at < 20 && { quality: 'estimated' as const, words: '52,,' }) }),
    );
    const { runs, facts } = read(rows);
    expect(runs.map(({ energies, line, lineStep }) => [energies.length, line, lineStep])).toEqual([
      [48, 2, 1],
      [48, 50, 1],
      [4, 98, 1],
    ]);
    expect(runs[0]!.spans.map(({ from, to, flag, method }) => [from, to, flag, method])).toEqual([
      [0, 10, 'A', ''],
      [10, 20, 'E', '52'],
      [20, 48, 'A', ''],
    ]);
    expect(facts[0]).toMatchObject({ lines: 101, records: 100, errors: 0 });
  });

  it.each<[title: string, rows: Row[], runs: number[]]>([
    ['a gap in time', [{}, { at: 1800 }, { at: 5400 }], [2, 1]],
    ['rows that go backward', [{ at: 3600 }, { at: 1800 }, {}], [1, 1, 1]],
    ['another version', [{}, { at: 1800, version: '' }], [1, 1]],
    ['another channel', [{}, { at: 1800, code: 'B1' }, { at: 3600, code: 'B1' }], [1, 2]],
    ['another length', [{}, { at: 1800, minutes: 15 }], [1, 1]],
    ['a missing value between others', [{}, { at: 1800, value: '', quality: 'missing' }, { at: 3600 }], [3]],
    ['a register between', [{}, { code: '1', kind: 'register' }, { at: 1800 }], [1, 1]],
  ])('%s ends a run where it must', (_, rows, expected) => {
    const events = read(rows.map(row));
    expect(events.problems).toEqual([]);
    expect(events.runs.map(({ energies }) => energies.length)).toEqual(expected);
  });

  it.each([
    ['a value that is none', row({ at: 1800, value: '1x' })],
    ['a value with a comma', row({ at: 1800, value: '1,5' })],
    ['no value', row({ at: 1800, value: '' })],
    ['a month that is none', row({ at: 1800 }).replace('1970-01', '1970-13')],
    ['a time without its zone', row({ at: 1800 }).replace('00Z', '000')],
    ['a quality that is none', row({ at: 1800 }).replace('actual', 'actuel')],
  ])('%s is told, and its neighbours stay', (_, bad) => {
    const { problems, runs } = read([row({}), bad, row({ at: 3600 })]);
    expect(verdicts(problems)).toEqual(['error CSV-1 L3 rejected']);
    expect(runs.map(({ line, energies }) => [line, energies.length])).toEqual([
      [2, 1],
      [4, 1],
    ]);
  });

  it('says of each row what it says when every row is taken apart, however its bytes are cut', () => {
    const rows = fc.array(
      fc.record({
        code: fc.constantFrom('E1', 'E1', 'E1', 'B1'),
        step: fc.constantFrom(1, 1, 1, 1, 2, -1),
        value: fc.constantFrom('0', '1.5', '-2.25', '0.000001', '12345.123456', '1e3', ''),
        quality: fc.constantFrom<Quality>('actual', 'actual', 'actual', 'deemed', 'estimated', 'missing'),
        version: fc.constantFrom('', '2026-10-02T00:00:00Z'),
        words: fc.constantFrom(',,', ',,', '14,76,', ',0,"a, b"'),
        minutes: fc.constantFrom(30, 30, 30, 15),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(rows, fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 }), (said, lengths) => {
        let at = 86_400;
        const lines = said.map(({ step, ...more }) => {
          at += step * 1800;
          return row({ ...more, at });
        });
        const bytes = Buffer.from([header, ...lines, ''].join('\n'));
        const quick = collectEvents(readingsCsv, cutInto(bytes, lengths));
        // Quotation marks around a cell change nothing but that the row is read in full.
        const slow = collectEvents(readingsCsv, bytes.toString().replaceAll('6001000017', '"6001000017"'));
        expect(intervals(quick)).toEqual(intervals(slow));
        expect(verdicts(quick.problems)).toEqual(verdicts(slow.problems));
        expect(quick.facts).toEqual(slow.facts);
      }),
      { numRuns: 300 },
    );
  });
});
