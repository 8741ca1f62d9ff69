import type { MeterPoint } from '../accounts/meter-point.ts';
import type { MeterPointFilter } from '../accounts/meter-point-directory-store.ts';
import { Slices } from '../kernel/slices.ts';
import { type Day, daysBetween, type Instant, startOfDay, type Zone } from '../units/time.ts';
import { findGaps, type Gap, type GapDeps, type SeriesGaps } from './gaps.ts';

export interface GapsQuestion {
  /** Days on the clock of each meter point; `to` is not included. */
  from: Day;
  to: Day;
  filter: MeterPointFilter;
  /** What is listed beside channels that lack something: those with estimates too, or every channel. */
  show: 'gaps' | 'estimated' | 'all';
  /** As it was known then; left out, as it is. */
  knownAt?: Instant | undefined;
}

/** A channel in the period; `found` is undefined where it was named and never had a reading. */
export interface ListedGaps {
  meterPoint: MeterPoint;
  code: string;
  found: SeriesGaps | undefined;
}

export interface GapsPage {
  rows: ListedGaps[];
  /** How many meter points were looked at for them. */
  looked: number;
  /** The next page comes after this meter point; undefined when there is none. */
  after: string | undefined;
}

const meterPointsAtOnce = 100;
// Days of channels: some thirty milliseconds' worth, so that a page of whole meter points is as quick as one of gaps.
const looksMax = 2500;

/** Channels of many meter points that lack something, by meter point: as many as a page has room for, or as can be looked at in a moment. */
export async function listGaps(
  deps: GapDeps,
  question: GapsQuestion,
  now: Instant,
  rowsMax: number,
): Promise<GapsPage> {
  const page: GapsPage = { rows: [], looked: 0, after: undefined };
  const days = daysBetween(question.from, question.to);
  let looks = 0;
  for await (const { meterPoint, channels, rows } of eachOf(deps, question, now)) {
    page.after = meterPoint.identifier;
    page.looked += 1;
    page.rows.push(...rows);
    looks += 1 + channels * days;
    if (page.rows.length >= rowsMax || looks >= looksMax) {
      const isMore = deps.meterPoints.directory.list({ ...question.filter, after: page.after, limit: 1 }).length > 0;
      return isMore ? page : { ...page, after: undefined };
    }
  }
  return { ...page, after: undefined };
}

/** All of them, in slices. */
export async function* everyGap(deps: GapDeps, question: GapsQuestion, now: Instant): AsyncGenerator<ListedGaps> {
  for await (const { rows } of eachOf(deps, question, now)) yield* rows;
}

/** Intervals that somebody said there is no value for. */
export function missingIn(gaps: readonly Gap[]): number {
  return gaps.reduce((sum, { why, intervals }) => (why === 'missing' ? sum + intervals : sum), 0);
}

/** Whether the last gap goes up to where the period ends. */
export function isSilent({ gaps, end }: Pick<SeriesGaps, 'gaps' | 'end'>): boolean {
  return gaps.at(-1)?.to === end;
}

async function* eachOf(deps: GapDeps, { from, to, filter, show, knownAt }: GapsQuestion, now: Instant) {
  const slices = new Slices();
  // What was not over then was no gap.
  const over = knownAt !== undefined && knownAt < now ? knownAt : now;
  const boundsOf = new Map<Zone, { from: Instant; to: Instant }>();
  for (let after = filter.after ?? ''; ; ) {
    const some = deps.meterPoints.directory.list({ ...filter, after, limit: meterPointsAtOnce });
    for (const meterPoint of some) {
      const { zone } = meterPoint;
      const bounds = boundsOf.get(zone) ?? { from: startOfDay(from, zone), to: startOfDay(to, zone) };
      boundsOf.set(zone, bounds);
      const { series, neverDelivered } = await findGaps(deps, meterPoint, { ...bounds, knownAt }, over, slices);
      const channels = series.filter(
        each => each.series.kind === 'channel' && !neverDelivered.includes(each.series.code),
      );
      const listed = channels.filter(
        ({ gaps, estimated }) => show === 'all' || gaps.length > 0 || (show === 'estimated' && estimated > 0),
      );
      const rows: ListedGaps[] = [
        ...listed.map(found => ({ meterPoint, code: found.series.code, found })),
        ...neverDelivered.map(code => ({ meterPoint, code, found: undefined })),
      ];
      yield { meterPoint, channels: channels.length, rows };
      await slices.pause();
    }
    if (some.length < meterPointsAtOnce) return;
    after = some.at(-1)!.identifier;
  }
}
