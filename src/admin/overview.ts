import { setTimeout } from 'node:timers/promises';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { ReceivableStore, Unpaid } from '../collections/receivable-store.ts';
import type { Consumption } from '../consumption/consumption.ts';
import { Slices } from '../kernel/slices.ts';
import { dayNumberOf } from '../readings/day-number.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import type { ReadingStore } from '../readings/reading-store.ts';
import { seriesSince } from '../readings/series-since.ts';
import { type Day, dayOf, type Instant, startOfDay, type Zone } from '../units/time.ts';
import { EnergyBuckets } from './energy-buckets.ts';
import { type SpanView, spanAround } from './span.ts';

interface OverviewDeps {
  meterPoints: MeterPointStore;
  readings: ReadingIndex;
  store: ReadingStore;
  consumption: Pick<Consumption, 'energyOf'>;
  receivables: ReceivableStore;
  zone: Zone;
}

/** Over all meter points and all customers. */
interface OverviewFigures {
  asOf: Instant;
  /** Meter points that have a reading since midnight, and how many readings that is. */
  sending: number;
  readingsToday: number;
  unpaid: Unpaid;
  unpaidInvoices: number;
  /** What flowed on the last whole day. */
  span: SpanView;
  energy: EnergyBuckets;
}

interface KeptFigures {
  yesterday: Day;
  figures: OverviewFigures;
}

const freshSeconds = 30;
const shownSeconds = 300;
const patienceMs = 150;

/**
 * The figures of the first page. They look at all that sent since yesterday, so they are worked out in slices. Those that are older than
 * half a minute are worked out anew, and shown as they are where that takes longer than a page may: only who comes after a long time waits.
 */
export class Overview {
  readonly #deps: OverviewDeps;
  /** As long as a page may wait for new figures when there are some. */
  readonly #patience: () => Promise<unknown>;
  #kept: KeptFigures | undefined;
  #working: { yesterday: Day; figures: Promise<OverviewFigures> } | undefined;

  constructor(deps: OverviewDeps, patience: () => Promise<unknown> = () => setTimeout(patienceMs)) {
    this.#deps = deps;
    this.#patience = patience;
  }

  async figures(now: Instant, yesterday: Day): Promise<OverviewFigures> {
    const kept = this.#kept?.yesterday === yesterday ? this.#kept.figures : undefined;
    const age = kept ? now - kept.asOf : Number.POSITIVE_INFINITY;
    if (kept && age >= 0 && age < freshSeconds) return kept;
    const next = this.#next(now, yesterday);
    if (!kept || age < 0 || age >= shownSeconds) return next;
    return Promise.race([next, this.#patience().then(() => kept)]);
  }

  #next(now: Instant, yesterday: Day): Promise<OverviewFigures> {
    if (this.#working?.yesterday === yesterday) return this.#working.figures;
    const working = { yesterday, figures: workOut(this.#deps, now, yesterday) };
    this.#working = working;
    const keep = (kept: KeptFigures | undefined) => {
      this.#kept = kept;
      if (this.#working === working) this.#working = undefined;
    };
    // After a failure whoever comes next waits for new ones, and is told what is wrong.
    working.figures.then(
      figures => keep({ yesterday, figures }),
      () => keep(undefined),
    );
    return working.figures;
  }
}

async function workOut(deps: OverviewDeps, now: Instant, yesterday: Day): Promise<OverviewFigures> {
  const today = dayOf(now, deps.zone);
  const span = spanAround('day', yesterday, deps.zone);
  const figures: OverviewFigures = {
    asOf: now,
    sending: 0,
    readingsToday: 0,
    unpaid: deps.receivables.unpaidTotal(today),
    unpaidInvoices: deps.receivables.countUnpaid(today),
    span,
    energy: new EnergyBuckets(span.bounds, now),
  };
  const midnight = startOfDay(today, deps.zone);
  const slices = new Slices();
  for (const id of await slices.run(meterPointsSince(deps, span.period.from))) {
    count(deps, id, midnight, now, figures);
    await slices.pause();
  }
  return figures;
}

// A millisecond.
const seriesAtOnce = 1000;

/** Those that have a reading since then: of all others, a register's last one and a channel alike say nothing of the time after. */
function* meterPointsSince(
  { meterPoints, readings: index, store }: OverviewDeps,
  from: Instant,
): Generator<void, Set<number>> {
  const series = [...(yield* seriesSince({ index, store }, dayNumberOf(from)))];
  const ids = new Set<number>();
  for (let at = 0; at < series.length; at += seriesAtOnce) {
    for (const id of meterPoints.allSeries.meterPointsOf(series.slice(at, at + seriesAtOnce))) ids.add(id);
    yield;
  }
  return ids;
}

function count(
  { meterPoints, readings, consumption }: OverviewDeps,
  id: number,
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
