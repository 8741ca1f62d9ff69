import type { Instant } from '../units/time.ts';
import type { ReadingVersion } from './decided-reading.ts';
import { compare } from './judge.ts';
import type { Reading } from './reading.ts';

/** A reading and since when it is the current one, epoch seconds; 0 when nobody noted it. */
export interface KnownReading {
  reading: Reading;
  since: number;
}

/** What stands beside the current readings, out of the rows of history in their order, as it was known at `knownAt`. */
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
  return [...standing.values()].flat();
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

export interface Rewound {
  /** What is current now; undefined when nothing is left. */
  current: KnownReading | undefined;
  /** To be added to the history. */
  rows: ReadingVersion[];
}

/**
 * An instant as if `sources` had said nothing of it: what is left is judged anew in the order in which it came, but a current reading
 * that is not from them stays.
 */
export function rewind(
  seriesId: number,
  current: KnownReading | undefined,
  history: readonly ReadingVersion[],
  sources: ReadonlySet<number>,
  withdrawnAt: number,
): Rewound {
  const standing = standingVersions(history);
  const gone = standing.filter(({ reading }) => sources.has(reading.source));
  const rows: ReadingVersion[] = gone.map(row => closedRow(row, withdrawnAt));
  if (current && !sources.has(current.reading.source)) return { current, rows };
  if (current) {
    const { reading, since } = current;
    rows.unshift({ seriesId, reading, receivedAt: since, endedAt: withdrawnAt, outcome: 'withdrawn' });
  }
  const returned = judgedAnew(standing.filter(({ reading }) => !sources.has(reading.source)));
  if (!returned) return { current: undefined, rows };
  rows.push(closedRow(returned, withdrawnAt));
  return { current: { reading: returned.reading, since: withdrawnAt }, rows };
}

function closedRow(row: ReadingVersion, endedAt: number): ReadingVersion {
  return { ...row, endedAt, outcome: 'closed' };
}

function judgedAnew(left: readonly ReadingVersion[]): ReadingVersion | undefined {
  // Of what came in one second, what was current once came before what was put beside it.
  const rank = ({ outcome }: ReadingVersion) => (outcome === 'superseded' ? 0 : 1);
  const inOrder = [...left].sort((a, b) => a.receivedAt - b.receivedAt || rank(a) - rank(b) || a.endedAt - b.endedAt);
  return inOrder.reduce<ReadingVersion | undefined>((standing, next) => {
    if (!standing) return next;
    const outcome = compare(next.reading, standing.reading);
    return outcome === 'revised' || outcome === 'confirmed' ? next : standing;
  }, undefined);
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
