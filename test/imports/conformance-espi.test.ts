import { describe, expect, it } from 'vitest';
import { detect } from '../../src/imports/detect.ts';
import type { IntervalRun } from '../../src/imports/format.ts';
import { espi } from '../../src/imports/formats/espi.ts';
import { collectEvents, verdicts } from './collect-events.ts';
import { isAbsent, micro, readTradeFile, rowsOf, sorted, tally } from './trade-data.ts';

const absent = isAbsent('espi');

// Where the clock goes back these two say an hour of no length beside one of two hours that begins at the same second. An interval of no
// length holds no energy that could be billed by the time it flowed in, so it is told (GB-8) and its energy is kept in the one that begins
// there: the sum is theirs, and the intervals and what was told together are as many as theirs.
const withStray = /Coastal_/;

const unitsOfCode: Record<string, string> = { 31: 'J', 72: 'kWh', 128: 'gal', 132: 'BTU', 169: 'therm' };
const roles: Record<string, string> = { 1: 'from-grid', 19: 'to-grid', '': 'from-grid' };

interface Interval {
  start: number;
  duration: number;
}

/** One series' runs in the words of expected.csv. */
function summary(runs: IntervalRun[]) {
  const intervals: Interval[] = runs.flatMap(({ startsAt, energies, channel }) => {
    const duration = channel.lengthMinutes * 60;
    return Array.from(energies, (_, slot) => ({ start: startsAt + slot * duration, duration }));
  });
  intervals.sort((a, b) => a.start - b.start);
  let [gaps, gapSeconds, overlaps, duplicates] = [0, 0, 0, 0];
  intervals.forEach(({ start }, at) => {
    const before = intervals[at - 1];
    if (!before) return;
    const end = before.start + before.duration;
    if (start > end) [gaps, gapSeconds] = [gaps + 1, gapSeconds + start - end];
    if (start < end) overlaps += 1;
    if (start === before.start) duplicates += 1;
  });
  const energies = runs.flatMap(run => [...run.energies]);
  const last = intervals.at(-1)!;
  return {
    unit: runs[0]!.channel.unit,
    role: runs[0]!.channel.role,
    readings: intervals.length,
    missing: energies.filter(Number.isNaN).length,
    first: intervals[0]!.start,
    last: last.start + last.duration,
    sum: energies.reduce((sum, energy) => sum + BigInt(energy || 0), 0n),
    durations: tally(intervals.map(({ duration }) => String(duration))),
    duplicates,
    gaps,
    gapSeconds,
    overlaps,
  };
}

describe.skipIf(absent)('Green Button feeds of the trade', () => {
  const expected = absent ? [] : rowsOf('espi/expected.csv');
  const files = [...new Set(expected.map(({ file }) => file!))];
  const refused = files.filter(file => file.includes('invalid'));

  it.each(files.filter(file => !refused.includes(file)))('%s gives what it gave others, series by series', file => {
    const bytes = readTradeFile(`espi/${file}`);
    expect(detect(bytes.subarray(0, 8192))).toMatchObject({ format: { name: 'espi' } });
    const { runs, problems, facts, seriesTotals } = collectEvents(espi, bytes);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(facts[0]!.complete).toBe(true);
    const rows = expected.filter(row => row.file === file);
    const keys = new Set(runs.map(({ channel }) => `${channel.meterPoint} ${channel.suffix}`));
    expect(keys.size).toBe(rows.length);
    for (const row of rows) {
      const role = roles[row.flowDirection!]!;
      const meterPoint = row.usage_point!.replace(/^\//, '');
      const found = summary(runs.filter(({ channel }) => channel.meterPoint === meterPoint && channel.role === role));
      const stray = withStray.test(file);
      const strays = problems.filter(({ rule, raw }) => rule === 'GB-8' && raw === '0').length;
      expect(strays).toBe(stray ? 1 : 0);
      const { suffix } = runs.find(
        ({ channel }) => channel.meterPoint === meterPoint && channel.role === role,
      )!.channel;
      expect(seriesTotals.filter(each => each.meterPoint === meterPoint && each.code === suffix)).toEqual([
        {
          ...{ meterPoint, code: suffix, blocks: Number(row.interval_blocks) },
          cost: row.sum_cost_raw === '' ? undefined : Number(row.sum_cost_raw),
        },
      ]);
      // Wh become kWh; what is no electricity stays in its unit.
      const sum = row.sum_kwh === '' ? micro(row.sum_in_uom_base!) : micro(row.sum_kwh!);
      expect(found, `${row.usage_point} ${row.meter_reading}`).toEqual({
        unit: unitsOfCode[row.uom!],
        role,
        readings: Number(row.readings) - strays,
        missing: Number(row.missing_value),
        first: Number(row.first_start_epoch),
        last: Number(row.last_end_epoch),
        sum,
        durations: stray ? '3600:8758 7200:1' : sorted(row.duration_counts!),
        duplicates: Number(row.duplicate_starts) - strays,
        gaps: Number(row.gaps),
        gapSeconds: Number(row.gap_seconds),
        overlaps: Number(row.overlaps),
      });
    }
  });

  it('has every row of expected.csv', () => {
    expect(expected.length).toBeGreaterThanOrEqual(33);
  });

  it.each([
    ['seed/example-GreenButton-data-invalid-electricity-cf.xml', 'electricity is not counted in ft3'],
    ['seed/example-GreenButton-data-invalid-time-service-kind.xml', '"3" is not a service that is metered here'],
  ])('%s is refused: %s', (file, says) => {
    expect(refused).toContain(file);
    const { runs, problems } = collectEvents(espi, readTradeFile(`espi/${file}`));
    expect(runs).toEqual([]);
    expect(verdicts(problems)).toContain('error GB-4 L40 rejected');
    expect(problems.map(({ message }) => message).join()).toContain(says);
  });
});
