import type { IntervalSeries } from '../consumption/interval-series.ts';
import { Refusal } from '../kernel/errors.ts';
import { formatLocal, type Instant, instant, startOfDay, type Zone } from '../units/time.ts';
import type { Days } from './component.ts';
import { registersOf } from './plan.ts';
import type { Segment } from './segments.ts';

/** The part of `series` in the local days [from, to); the values are shared, not copied. */
export function intervalsIn(series: IntervalSeries, { from, to }: Days, zone: Zone): IntervalSeries {
  const start = startOfDay(from, zone);
  const first = (start - series.from) / series.stepSeconds;
  const end = first + (startOfDay(to, zone) - start) / series.stepSeconds;
  const { stepSeconds, energy, quality } = series;
  return { from: start, stepSeconds, energy: energy.subarray(first, end), quality: quality.subarray(first, end) };
}

interface Gap {
  register: string;
  missing: number;
  expected: number;
  firstMissing: Instant | undefined;
}

/**
 * Throws unless every register the segments' plans read is there and has every interval: 'register-missing',
 * 'intervals-misaligned' when midnight lies inside an interval, 'intervals-missing' with the first one and how many.
 */
export function refuseIncomplete(segments: Segment[], zone: Zone, registers: Map<string, IntervalSeries>): void {
  const gaps = new Map<string, Gap>();
  const wholePeriod = registersOfPeriod(segments);
  for (const segment of segments) {
    for (const register of [...requiredRegisters(segment, registers), ...wholePeriod].filter(isFirst)) {
      if (!registers.has(register)) continue;
      const gap = gaps.get(register) ?? { register, missing: 0, expected: 0, firstMissing: undefined };
      addMissing(gap, segment, zone, registers);
      gaps.set(register, gap);
    }
  }
  const open = [...gaps.values()].filter(gap => gap.missing > 0);
  if (open.length === 0) return;
  const sentences = open.map(gap => `${gap.register} ${sentenceOf(gap, zone)}`);
  const fields = open.map(gap => ({ pointer: gap.register, message: sentenceOf(gap, zone) }));
  throw new Refusal('intervals-missing', sentences.join('; '), fields);
}

/** Those some component reads beyond its own segment. */
function registersOfPeriod(segments: Segment[]): string[] {
  const needs = segments.flatMap(({ version }) => registersOf(version.plan));
  return needs.filter(({ span }) => span === 'period').map(({ register }) => register);
}

function isFirst<T>(value: T, at: number, all: T[]): boolean {
  return all.indexOf(value) === at;
}

/** Those the site has. Throws for one it lacks and needs. */
function requiredRegisters({ version, from }: Segment, registers: Map<string, IntervalSeries>): string[] {
  const names: string[] = [];
  for (const { register, optional } of registersOf(version.plan)) {
    if (registers.has(register)) names.push(register);
    else if (!optional)
      throw new Refusal(
        'register-missing',
        `plan ${version.plan.planCode} prices register ${register} from ${from}, and the site has ${[...registers.keys()].join(', ') || 'none'}`,
      );
  }
  return names;
}

function addMissing(gap: Gap, { from, to }: Segment, zone: Zone, registers: Map<string, IntervalSeries>): void {
  const series = registers.get(gap.register)!;
  const start = startOfDay(from, zone);
  const first = (start - series.from) / series.stepSeconds;
  const count = (startOfDay(to, zone) - start) / series.stepSeconds;
  if (!Number.isInteger(first) || !Number.isInteger(count))
    throw new Refusal(
      'intervals-misaligned',
      `midnight of ${Number.isInteger(first) ? to : from} in ${zone} lies inside a ${series.stepSeconds / 60}-minute interval of ${gap.register}`,
    );
  gap.expected += count;
  for (let slot = 0; slot < count; slot++) {
    const energy = series.energy[first + slot];
    if (energy !== undefined && !Number.isNaN(energy)) continue;
    gap.missing += 1;
    gap.firstMissing ??= instant(start + slot * series.stepSeconds);
  }
}

function sentenceOf({ missing, expected, firstMissing }: Gap, zone: Zone): string {
  const first = firstMissing === undefined ? '' : `, the first from ${formatLocal(firstMissing, zone)}`;
  return `lacks ${missing} of ${expected} intervals${first}`;
}
