import type { IntervalSeries } from '../consumption/interval-series.ts';
import { qualityCode } from '../readings/reading.ts';
import { startOfDay, type Zone } from '../units/time.ts';
import type { Days } from './component.ts';

/**
 * How a missing interval is filled. LIKE_WEEKS: the average of the same interval one to four weeks before, and failing those after;
 * at least one must have been metered. PREVIOUS_DAYS: the same interval of the nearest day before that has one, at most seven back.
 */
export const estimationMethods = ['LIKE_WEEKS', 'PREVIOUS_DAYS'] as const;
export type EstimationMethod = (typeof estimationMethods)[number];

/** What was filled in, for the bill to say so. */
export interface EstimatedRegister {
  register: string;
  method: EstimationMethod;
  intervals: number;
}

const estimated = qualityCode('estimated');
const slotsPerDay = (stepSeconds: number) => 86_400 / stepSeconds;

/** As much of a request as this needs. */
interface Holed {
  registers: Map<string, IntervalSeries>;
  estimation?: EstimationMethod;
  zone: Zone;
}

/** The request's registers with holes of the period filled where the method can; what it cannot fill stays a hole. */
export function estimateMissing({ registers, estimation, zone }: Holed, period: Days) {
  const estimates: EstimatedRegister[] = [];
  if (estimation === undefined) return { registers, estimates };
  const filled = new Map(
    [...registers].map(([register, series]): [string, IntervalSeries] => {
      const result = fill(series, estimation, period, zone);
      if (result.intervals > 0) estimates.push({ register, method: estimation, intervals: result.intervals });
      return [register, result.series];
    }),
  );
  return { registers: filled, estimates };
}

function fill(given: IntervalSeries, method: EstimationMethod, { from, to }: Days, zone: Zone) {
  const { stepSeconds } = given;
  const [first, end] = [from, to].map(day => Math.round((startOfDay(day, zone) - given.from) / stepSeconds)) as [
    number,
    number,
  ];
  const series = reachingTo(given, end);
  const offsets = (method === 'LIKE_WEEKS' ? [-28, -21, -14, -7] : [-1, -2, -3, -4, -5, -6, -7]).map(
    days => days * slotsPerDay(stepSeconds),
  );
  let intervals = 0;
  for (let slot = Math.max(0, first); slot < end; slot++) {
    if (!Number.isNaN(series.energy[slot])) continue;
    // The readings as given, never a value that was itself filled in.
    const before = known(given, slot, offsets);
    const values =
      before.length > 0 || method === 'PREVIOUS_DAYS'
        ? before
        : known(
            given,
            slot,
            offsets.map(offset => -offset),
          );
    if (values.length === 0) continue;
    series.energy[slot] = method === 'LIKE_WEEKS' ? average(values) : values[0]!;
    series.quality[slot] = estimated;
    intervals += 1;
  }
  return { series: intervals > 0 ? series : given, intervals };
}

/** A copy that is long enough, so that days nobody read at the end are holes too. */
function reachingTo(series: IntervalSeries, end: number): IntervalSeries {
  const length = Math.max(series.energy.length, end);
  const energy = new Float64Array(length).fill(Number.NaN);
  const quality = new Uint8Array(length).fill(qualityCode('missing'));
  energy.set(series.energy);
  quality.set(series.quality);
  return { ...series, energy, quality };
}

function known({ energy }: IntervalSeries, slot: number, offsets: number[]): number[] {
  return offsets.flatMap(offset => {
    const value = energy[slot + offset];
    return value === undefined || Number.isNaN(value) ? [] : [value];
  });
}

/** Whole micro-kWh, half up. */
function average(values: number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  return Math.floor((2 * sum + values.length) / (2 * values.length));
}
