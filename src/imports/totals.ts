import type { Series } from '../accounts/meter-point.ts';
import type { ReadingRun } from '../readings/decided-reading.ts';
import { qualities, qualityCode, type Reading } from '../readings/reading.ts';
import { formatKwh, microKwh } from '../units/energy.ts';
import type { ChannelTotal } from './import-report.ts';

interface Sum {
  meterPoint: string;
  series: Series;
  readings: number;
  missing: number;
  /** BigInt: the sum of many channels-years of intervals may leave the range a double holds exactly. */
  energy: bigint;
  /** Readings by quality code. */
  qualities: number[];
}

// A run of more than a million of these would be needed to leave what a double holds exactly.
const exactlyAdded = 2 ** 32;

/** Adds up what a file brought, per channel and register. */
export class Totals {
  readonly #sums = new Map<number, Sum>();

  add(meterPoint: string, series: Series, { value, quality }: Reading): void {
    const sum = this.#sumOf(meterPoint, series);
    sum.readings += 1;
    if (Number.isNaN(value)) sum.missing += 1;
    else if (series.kind === 'channel') sum.energy += BigInt(value);
    sum.qualities[qualityCode(quality)]! += 1;
  }

  addRun(meterPoint: string, series: Series, { values, qualities: codes }: ReadingRun): void {
    const sum = this.#sumOf(meterPoint, series);
    sum.readings += values.length;
    let exact = 0;
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      if (Number.isNaN(value)) sum.missing += 1;
      else if (Math.abs(value) < exactlyAdded) exact += value;
      else sum.energy += BigInt(value);
    }
    sum.energy += BigInt(exact);
    for (let from = 0; from < codes.length; ) {
      let to = from + 1;
      while (to < codes.length && codes[to] === codes[from]) to += 1;
      sum.qualities[codes[from]!]! += to - from;
      from = to;
    }
  }

  #sumOf(meterPoint: string, series: Series): Sum {
    let sum = this.#sums.get(series.id);
    if (!sum) {
      sum = { meterPoint, series, readings: 0, missing: 0, energy: 0n, qualities: qualities.map(() => 0) };
      this.#sums.set(series.id, sum);
    }
    return sum;
  }

  list(): ChannelTotal[] {
    return Array.from(this.#sums.values(), ({ meterPoint, series, readings, missing, energy, qualities: counts }) => ({
      meterPoint,
      code: series.code,
      meter: series.serial,
      kind: series.kind,
      unit: series.unit,
      readings,
      missing,
      sum: series.kind === 'channel' ? formatKwh(microKwh(Number(energy))) : '',
      qualities: countsByName(counts),
    }));
  }
}

function countsByName(counts: readonly number[]): Record<string, number> {
  const named: Record<string, number> = {};
  for (let code = 0; code < counts.length; code++) if (counts[code]! > 0) named[qualities[code]!] = counts[code]!;
  return named;
}
