import type { Instant } from '../units/time.ts';
import type { ReadingVersion } from './decided-reading.ts';
import { compare } from './judge.ts';
import type { Reading } from './reading.ts';

/** A reading and since when it is the current one, epoch seconds; 0 when nobody noted it. */
export interface KnownReading {
  reading: Reading;
  since: number;
}

/** What stands beside the current readings, out of the rows of history in their order, as it was known at `knownAt`; by time. */
export function standingVersions(
  history: readonly ReadingVersion[],
  knownAt = Number.POSITIVE_INFINITY,
): ReadingVersion[] {
  const standing = new Map<Instant, ReadingVersion[]>();
  for (const row of history) {
    if (Math.max(row.receivedAt, row.endedAt) > knownAt || row.outcome === 'withdrawn') continue;
    const beside = standing.get(row.reading.at) ?? [];
    if (row.outcome === 'closed' || row.outcome === 'declined') {
      const closed = beside.findLastIndex(
        other =>
          isSameReading(other.reading, row.reading) && (row.outcome === 'closed' || other.outcome === 'conflict'),
      );
      if (closed >= 0) beside.splice(closed, 1);
    }
    if (row.outcome !== 'closed') beside.push(row);
    standing.set(row.reading.at, beside);
  }
  // Rows come from the store by time and from memory as they happened.
  return [...standing].sort(([a], [b]) => a - b).flatMap(([, beside]) => beside);
}

/** The reading that was current at `knownAt`, of one instant with its history; undefined when there was none. */
export function currentAsOf(
  current: KnownReading | undefined,
  history: readonly ReadingVersion[],
  knownAt: number,
): Reading | undefined {
  const [row] = history
    .filter(
      ({ outcome, receivedAt, endedAt }) =>
        (outcome === 'superseded' || outcome === 'withdrawn') && receivedAt <= knownAt && knownAt < endedAt,
    )
    .sort((a, b) => a.endedAt - b.endedAt);
  if (row) return row.reading;
  return current && current.since <= knownAt ? current.reading : undefined;
}

/** What is known of an instant: its current reading and the rows of its history in the order of events. */
export interface KnownInstant {
  at: Instant;
  known: KnownReading | undefined;
  history: ReadingVersion[];
}

export interface Rewound {
  /** What is current now, by instant; where there is nothing, nothing is. */
  current: Map<Instant, KnownReading>;
  /** To be added to the history. */
  rows: ReadingVersion[];
}

/**
 * Instants whose readings reach into each other, as if `sources` had said nothing of them: what is left is judged anew in the order in
 * which it came, but a current reading that is not from them stays. What stood beside because another length of interval covered it
 * (N12-38) becomes current only where nothing covers it any more; `around` is current before and after these instants.
 */
export function rewind(
  seriesId: number,
  instants: readonly KnownInstant[],
  sources: ReadonlySet<number>,
  withdrawnAt: number,
  around: readonly Reading[] = [],
): Rewound {
  const current = new Map<Instant, KnownReading>();
  const rows: ReadingVersion[] = [];
  const left: ReadingVersion[] = [];
  for (const { at, known, history } of instants) {
    const standing = standingVersions(history);
    const stays = known && !sources.has(known.reading.source);
    if (stays) current.set(at, known);
    else if (known)
      rows.push({
        seriesId,
        reading: known.reading,
        receivedAt: known.since,
        endedAt: withdrawnAt,
        outcome: 'withdrawn',
      });
    for (const row of standing) {
      if (sources.has(row.reading.source)) rows.push(closedRow(row, withdrawnAt));
      else if (!stays) left.push(row);
    }
  }
  for (const row of judgedAnew(left, [...around, ...Array.from(current.values(), ({ reading }) => reading)])) {
    rows.push(closedRow(row, withdrawnAt));
    current.set(row.reading.at, { reading: row.reading, since: withdrawnAt });
  }
  return { current, rows };
}

/** Instants in groups, by time: what begins at one of a group ends, as `ends` says, before the next group begins. */
export function groupsOf(ends: ReadonlyMap<Instant, number>): Instant[][] {
  const groups: Instant[][] = [];
  let reach = Number.NEGATIVE_INFINITY;
  for (const at of [...ends.keys()].sort((a, b) => a - b)) {
    if (at < reach) groups.at(-1)!.push(at);
    else groups.push([at]);
    reach = Math.max(reach, ends.get(at)!);
  }
  return groups;
}

function closedRow(row: ReadingVersion, endedAt: number): ReadingVersion {
  return { ...row, endedAt, outcome: 'closed' };
}

/** Those of `left` that are current when they come in the order in which they came, beside what is. */
function judgedAnew(left: readonly ReadingVersion[], beside: readonly Reading[]): Iterable<ReadingVersion> {
  // Of what came in one second, what was current once came before what was put beside it.
  const rank = ({ outcome }: ReadingVersion) => (outcome === 'superseded' ? 0 : 1);
  const inOrder = [...left].sort((a, b) => a.receivedAt - b.receivedAt || rank(a) - rank(b) || a.endedAt - b.endedAt);
  const current = new Map<Instant, ReadingVersion>();
  for (let givesWay = true; givesWay; ) {
    givesWay = false;
    const open = inOrder.filter(({ reading }) => !current.has(reading.at));
    for (const next of open) {
      const { at, minutes } = next.reading;
      const standing = current.get(at);
      const others = [...beside, ...Array.from(current.values(), ({ reading }) => reading)];
      if (others.some(other => other.at !== at && overlap(other, next.reading))) continue;
      const outcome = standing ? compare(next.reading, standing.reading) : 'accepted';
      if (outcome !== 'accepted' && outcome !== 'revised' && outcome !== 'confirmed') continue;
      current.set(at, next);
      // What a longer one kept out may stand over the minutes that a shorter one in its place leaves.
      if (standing && minutes < standing.reading.minutes) givesWay = true;
    }
  }
  return current.values();
}

/** Whether two intervals cover a minute both; a register's values never do. */
export function overlap(a: Reading, b: Reading): boolean {
  return a.at < b.at + b.minutes * 60 && b.at < a.at + a.minutes * 60;
}

/** Whether two are one and the same: said once, at one place. */
export function isSameReading(a: Reading, b: Reading): boolean {
  return (
    a.at === b.at &&
    Object.is(a.value, b.value) &&
    a.minutes === b.minutes &&
    a.versionAt === b.versionAt &&
    a.source === b.source &&
    a.line === b.line
  );
}
