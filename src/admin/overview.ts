import { setImmediate } from 'node:timers/promises';
import type { MeterPoint } from '../accounts/meter-point.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { ReceivableStore, Unpaid } from '../collections/receivable-store.ts';
import type { Consumption } from '../consumption/consumption.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import { type Day, dayOf, type Instant, startOfDay, type Zone } from '../units/time.ts';
import { EnergyBuckets } from './energy-buckets.ts';
import { type SpanView, spanAround } from './span.ts';

interface OverviewDeps {
  meterPoints: MeterPointStore;
  readings: ReadingIndex;
  consumption: Pick<Consumption, 'energyOf'>;
  receivables: ReceivableStore;
  zone: Zone;
}

/** Over all meter points and all customers. */
interface OverviewFigures {
  /** Meter points that have a reading since midnight, and how many readings that is. */
  sending: number;
  readingsToday: number;
  unpaid: Unpaid;
  unpaidInvoices: number;
  /** What flowed on the last whole day. */
  span: SpanView;
  energy: EnergyBuckets;
}

// A meter point costs some ten microseconds per series; a slice of them holds no posting meter up for long.
const meterPointsPerSlice = 50;
const keptSeconds = 30;

/** The figures of the first page. They look at every meter point, so they are worked out in slices and kept for half a minute. */
export class Overview {
  readonly #deps: OverviewDeps;
  #kept: { key: string; figures: Promise<OverviewFigures> } | undefined;

  constructor(deps: OverviewDeps) {
    this.#deps = deps;
  }

  figures(now: Instant, yesterday: Day): Promise<OverviewFigures> {
    const key = `${yesterday} ${Math.floor(now / keptSeconds)}`;
    if (this.#kept?.key !== key) this.#kept = { key, figures: workOut(this.#deps, now, yesterday) };
    return this.#kept.figures;
  }
}

async function workOut(deps: OverviewDeps, now: Instant, yesterday: Day): Promise<OverviewFigures> {
  const today = dayOf(now, deps.zone);
  const span = spanAround('day', yesterday, deps.zone);
  const figures: OverviewFigures = {
    sending: 0,
    readingsToday: 0,
    unpaid: deps.receivables.unpaidTotal(today),
    unpaidInvoices: deps.receivables.countUnpaid(today),
    span,
    energy: new EnergyBuckets(span.bounds, now),
  };
  const midnight = startOfDay(today, deps.zone);
  for (let after = ''; ; ) {
    const slice = deps.meterPoints.list({ after, limit: meterPointsPerSlice });
    for (const meterPoint of slice) count(deps, meterPoint, midnight, now, figures);
    if (slice.length < meterPointsPerSlice) return figures;
    after = slice.at(-1)!.identifier;
    await setImmediate();
  }
}

function count(
  { meterPoints, readings, consumption }: OverviewDeps,
  { id }: MeterPoint,
  midnight: Instant,
  now: Instant,
  figures: OverviewFigures,
): void {
  let sent = 0;
  for (const series of meterPoints.listSeries(id)) {
    readings.forEach(series.id, midnight, now, () => {
      sent += 1;
    });
  }
  if (sent > 0) figures.sending += 1;
  figures.readingsToday += sent;
  for (const measured of consumption.energyOf(id, figures.span.period)) {
    // A meter point that was silent all day is a matter for its own page; here it would mark every bar as incomplete.
    if (measured.energy.energy.some(value => !Number.isNaN(value))) figures.energy.add(measured);
  }
}
