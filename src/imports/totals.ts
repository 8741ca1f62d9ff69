import type { Series } from '../accounts/meter-point.ts';
import { qualities, type Reading } from '../readings/reading.ts';
import { formatKwh, microKwh } from '../units/energy.ts';
import type { ChannelTotal } from './import-report.ts';

interface Sum {
  meterPoint: string;
  series: Series;
  readings: number;
  missing: number;
  /** BigInt: the sum of many channels-years of intervals may leave the range a double holds exactly. */
  energy: bigint;
  qualities: Map<string, number>;
}

/** Adds up what a file brought, per channel and register. */
export class Totals {
  readonly #sums = new Map<number, Sum>();

  add(meterPoint: string, series: Series, { value, quality }: Reading): void {
    let sum = this.#sums.get(series.id);
    if (!sum) {
      sum = { meterPoint, series, readings: 0, missing: 0, energy: 0n, qualities: new Map() };
      this.#sums.set(series.id, sum);
    }
    sum.readings += 1;
    if (Number.isNaN(value)) sum.missing += 1;
    else if (series.kind === 'channel') sum.energy += BigInt(value);
    sum.qualities.set(quality, (sum.qualities.get(quality) ?? 0) + 1);
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
      qualities: Object.fromEntries(
        qualities.flatMap(quality => (counts.has(quality) ? [[quality, counts.get(quality)!]] : [])),
      ),
    }));
  }
}
