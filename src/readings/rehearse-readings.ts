import type { Series } from '../accounts/meter-point.ts';
import type { NewSeries } from '../accounts/meter-point-store.ts';
import type { Instant } from '../units/time.ts';
import type { Books } from './decide.ts';
import { type BatchItem, type ItemVerdict, type JudgeDeps, postItem } from './post-readings.ts';
import type { Reading } from './reading.ts';

export interface Rehearsal {
  verdicts: ItemVerdict[];
  /** Registers and channels the readings would bring with them. */
  newSeries: NewSeries[];
}

/** The verdicts that posting would give, each item meeting those before it, and nothing is kept. */
export function rehearseReadings(deps: JudgeDeps, items: readonly BatchItem[], source: number): Rehearsal {
  const meterPoints = new RehearsedMeterPoints(deps.meterPoints);
  const index = new RehearsedIndex(deps.index);
  const { clock, rules, usual } = deps;
  const quarantine = { putAside: () => undefined };
  const journal = { append: () => undefined };
  const rehearsed: JudgeDeps = {
    clock,
    meterPoints,
    index,
    journal,
    quarantine,
    ...(rules && { rules }),
    ...(usual && { usual }),
  };
  return { verdicts: items.map(item => postItem(rehearsed, item, source)), newSeries: meterPoints.added };
}

/** What would be added has numbers below zero, which no row has. */
class RehearsedMeterPoints {
  readonly #real: JudgeDeps['meterPoints'];
  readonly added: Series[] = [];

  constructor(real: JudgeDeps['meterPoints']) {
    this.#real = real;
  }

  find(identifier: string) {
    return this.#real.find(identifier);
  }

  listSeries(meterPointId: number): Series[] {
    const added = this.added.filter(each => each.meterPointId === meterPointId);
    return added.length > 0 ? [...this.#real.listSeries(meterPointId), ...added] : this.#real.listSeries(meterPointId);
  }

  findSeries(meterPointId: number, kind: Series['kind'], code: string): Series | undefined {
    return this.#real.findSeries(meterPointId, kind, code);
  }

  addSeries(series: NewSeries): Series {
    const added = { ...series, id: -1 - this.added.length };
    this.added.push(added);
    return added;
  }
}

/** The index with the readings of the rehearsal in front. */
export class RehearsedIndex {
  readonly #real: Books['index'];
  /** By time. */
  readonly #readings = new Map<number, Reading[]>();

  constructor(real: Books['index']) {
    this.#real = real;
  }

  around(seriesId: number, at: Instant) {
    const rehearsed = this.#readings.get(seriesId) ?? [];
    const position = firstNotBefore(rehearsed, at);
    const [existing, before, after] = [rehearsed[position], rehearsed[position - 1], rehearsed[position]];
    if (existing?.at === at) return { existing, before: undefined, after: undefined };
    if (seriesId < 0) return { existing: undefined, before, after };
    const real = this.#real.around(seriesId, at);
    if (real.existing) return real;
    return {
      existing: undefined,
      before: before && real.before && before.at < real.before.at ? real.before : (before ?? real.before),
      after: after && real.after && after.at > real.after.at ? real.after : (after ?? real.after),
    };
  }

  apply({ seriesId, reading, outcome }: Parameters<Books['index']['apply']>[0]): void {
    // What is kept beside the current reading changes no verdict.
    if (outcome === 'conflict' || outcome === 'older') return;
    const readings = this.#readings.get(seriesId) ?? [];
    const position = firstNotBefore(readings, reading.at);
    readings.splice(position, readings[position]?.at === reading.at ? 1 : 0, reading);
    this.#readings.set(seriesId, readings);
  }

  listVersions(seriesId: number, from: Instant, to: Instant) {
    return seriesId < 0 ? [] : this.#real.listVersions(seriesId, from, to);
  }
}

function firstNotBefore(readings: readonly Reading[], at: Instant): number {
  let low = 0;
  let high = readings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (readings[middle]!.at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
