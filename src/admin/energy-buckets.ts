import type { Flow } from '../accounts/meter-point.ts';
import type { SeriesEnergy } from '../consumption/consumption.ts';
import { isEstimate, type Quality, qualities, qualityCode } from '../readings/reading.ts';
import { type MicroKwh, microKwh } from '../units/energy.ts';
import type { Instant } from '../units/time.ts';

/** The energy of one flow between two instants, and how sure we are of it. */
export interface Bucket {
  from: Instant;
  /** undefined when not a single interval is known. */
  energy: MicroKwh | undefined;
  /** How many intervals have each quality; 'missing' are those that are over and that nobody has a value for. */
  counts: Partial<Record<Quality, number>>;
}

interface Sum {
  energy: number;
  known: number;
  /** By quality code. */
  counts: Uint32Array;
}

/** What is used stands together, what is sent away after it. */
const flowOrder: Flow[] = ['from-grid', 'from-solar', 'to-grid', 'none'];
const missingCode = qualityCode('missing');

/** Sums intervals per flow between consecutive `bounds` (one more than there are buckets). What ends after `now` is not missing yet. */
export class EnergyBuckets {
  readonly bounds: Instant[];
  readonly #now: Instant;
  readonly #sums = new Map<Flow, Sum[]>();

  constructor(bounds: Instant[], now: Instant) {
    this.bounds = bounds;
    this.#now = now;
  }

  add({ series, energy: { from, stepSeconds, energy, quality } }: SeriesEnergy): void {
    const sums = this.#sumsOf(series.flow);
    let first = 0;
    for (let slot = 0; slot < energy.length; slot++) {
      const at = from + slot * stepSeconds;
      const end = at + stepSeconds;
      while (first + 1 < sums.length && at >= this.bounds[first + 1]!) first += 1;
      const value = energy[slot]!;
      if (Number.isNaN(value) && end > this.#now) continue;
      let last = first;
      while (last + 1 < sums.length && end > this.bounds[last + 1]!) last += 1;
      put(sums, first, last, value, quality[slot]!);
    }
  }

  /** Those that were added, in the order of tables and charts. */
  flows(): Flow[] {
    return flowOrder.filter(flow => this.#sums.has(flow));
  }

  of(flow: Flow): Bucket[] {
    return this.#sumsOf(flow).map(({ energy, known, counts }, at) => ({
      from: this.bounds[at]!,
      energy: known > 0 ? microKwh(energy) : undefined,
      counts: Object.fromEntries(qualities.flatMap((name, code) => (counts[code]! > 0 ? [[name, counts[code]!]] : []))),
    }));
  }

  total(flow: Flow): MicroKwh {
    return microKwh(this.#sumsOf(flow).reduce((sum, { energy }) => sum + energy, 0));
  }

  #sumsOf(flow: Flow): Sum[] {
    let sums = this.#sums.get(flow);
    if (!sums) {
      sums = this.bounds.slice(1).map(() => ({ energy: 0, known: 0, counts: new Uint32Array(qualities.length) }));
      this.#sums.set(flow, sums);
    }
    return sums;
  }
}

/** An interval longer than a bucket is spread over those it covers, to the last micro-kWh. */
function put(sums: Sum[], first: number, last: number, value: number, quality: number): void {
  const share = Math.floor(value / (last - first + 1));
  for (let at = first; at <= last; at++) {
    const sum = sums[at];
    if (!sum) return;
    if (Number.isNaN(value)) {
      sum.counts[missingCode]! += 1;
      continue;
    }
    sum.energy += at === first ? value - share * (last - first) : share;
    sum.known += 1;
    sum.counts[quality]! += 1;
  }
}

export function hasEstimate({ counts }: Bucket): boolean {
  return qualities.some(quality => isEstimate(quality) && counts[quality] !== undefined);
}

/** "actual", "substituted", "46 actual, 2 missing", "to come". */
export function describeQuality(buckets: Bucket[]): string {
  const totals = qualities.flatMap((quality): [Quality, number][] => {
    const count = buckets.reduce((sum, { counts }) => sum + (counts[quality] ?? 0), 0);
    return count > 0 ? [[quality, count]] : [];
  });
  if (totals.length === 0) return 'to come';
  if (totals.length === 1) return totals[0]![0];
  return totals.map(([quality, count]) => `${count} ${quality}`).join(', ');
}
