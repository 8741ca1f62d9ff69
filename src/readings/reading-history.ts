import type { Instant } from '../units/time.ts';
import type { ReadingVersion } from './decided-reading.ts';
import { compare } from './judge.ts';
import { overlap, type Reading } from './reading.ts';

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
 * which it came, but a current reading that is not from them stays, unless they made room for it. What stood beside because another
 * length of interval covered it (N12-38) becomes current only where nothing covers it any more; `around` is current before and after
 * these instants.
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
  const left: LeftReading[] = [];
  const displaced = displacedBy(instants, sources);
  for (const { at, known, history } of instants) {
    const isTheirs = known !== undefined && sources.has(known.reading.source);
    const stays = known && !isTheirs && !hasRoomSince(displaced, known);
    if (stays) current.set(at, known);
    else if (isTheirs) rows.push(withdrawnRow(seriesId, known, withdrawnAt));
    else if (known) {
      const row = {
        seriesId,
        reading: known.reading,
        receivedAt: withdrawnAt,
        endedAt: 0,
        outcome: 'conflict',
      } as const;
      left.push({ row, cameAt: Math.min(known.since, cameAt(known.reading, history)), known });
    }
    for (const row of standingVersions(history)) {
      if (sources.has(row.reading.source)) rows.push(closedRow(row, withdrawnAt));
      else if (!stays) left.push({ row, cameAt: cameAt(row.reading, history), known: undefined });
    }
  }
  const found = judgedAnew(left, [...around, ...Array.from(current.values(), ({ reading }) => reading)]);
  for (const each of left) {
    const { row, known } = each;
    const { reading } = row;
    if (found.has(each)) {
      if (!known) rows.push(closedRow(row, withdrawnAt));
      current.set(reading.at, known ?? { reading, since: withdrawnAt });
    } else if (known) rows.push(withdrawnRow(seriesId, known, withdrawnAt), row);
  }
  return { current, rows };
}

/** What is to be judged anew: what stands beside, or was current until now. */
interface LeftReading {
  row: ReadingVersion;
  /** When it came first: what waited is current since later, and what was read again came again. */
  cameAt: number;
  known: KnownReading | undefined;
}

function cameAt(reading: Reading, history: readonly ReadingVersion[]): number {
  const came = history.filter(row => isSameReading(row.reading, reading)).map(({ receivedAt }) => receivedAt);
  return Math.min(...came);
}

/** What was current until one of `sources` took its place, with an interval that may leave some of its minutes to others. */
function displacedBy(instants: readonly KnownInstant[], sources: ReadonlySet<number>): ReadingVersion[] {
  return instants.flatMap(({ known, history }) => {
    const standing = standingVersions(history).filter(({ outcome }) => outcome === 'superseded');
    const since = standing.filter(({ reading }) => sources.has(reading.source)).map(({ receivedAt }) => receivedAt);
    if (known && sources.has(known.reading.source)) since.push(known.since);
    return standing.filter(({ reading, endedAt }) => !sources.has(reading.source) && since.includes(endedAt));
  });
}

/** Whether it is current over minutes that one of `displaced` had until then. */
function hasRoomSince(displaced: readonly ReadingVersion[], { reading, since }: KnownReading): boolean {
  return displaced.some(row => row.endedAt <= since && row.reading.at !== reading.at && overlap(row.reading, reading));
}

function withdrawnRow(seriesId: number, { reading, since }: KnownReading, endedAt: number): ReadingVersion {
  return { seriesId, reading, receivedAt: since, endedAt, outcome: 'withdrawn' };
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
function judgedAnew(left: readonly LeftReading[], beside: readonly Reading[]): Set<LeftReading> {
  const inOrder = [...left].sort((a, b) => a.cameAt - b.cameAt || orderOfOneSecond(a.row, b.row));
  const current = new Map<Instant, LeftReading>();
  for (let givesWay = true; givesWay; ) {
    givesWay = false;
    const open = inOrder.filter(({ row }) => !current.has(row.reading.at));
    for (const next of open) {
      const { reading } = next.row;
      const { at, minutes } = reading;
      const standing = current.get(at)?.row;
      const others = [...beside, ...Array.from(current.values(), ({ row }) => row.reading)];
      if (others.some(other => other.at !== at && overlap(other, reading))) continue;
      if (standing && wasHeldAgainst(next.row, standing)) continue;
      const outcome = standing ? compare(reading, standing.reading) : 'accepted';
      if (outcome !== 'accepted' && outcome !== 'revised' && outcome !== 'confirmed') continue;
      current.set(at, next);
      // What a longer one kept out may stand over the minutes that a shorter one in its place leaves.
      if (standing && minutes < standing.reading.minutes) givesWay = true;
    }
  }
  return new Set(current.values());
}

/** Whether a reading came beside this very one: the verdict holds, also where it was told to wait. */
function wasHeldAgainst({ outcome, receivedAt }: ReadingVersion, current: ReadingVersion): boolean {
  if (outcome === 'superseded' || current.outcome !== 'superseded') return false;
  return current.receivedAt <= receivedAt && receivedAt < current.endedAt;
}

/** Lines of a file come one after the other; of anything else, what was current once came before what was put beside it. */
function orderOfOneSecond(a: ReadingVersion, b: ReadingVersion): number {
  if (a.reading.source === b.reading.source && a.reading.line !== b.reading.line)
    return a.reading.line - b.reading.line;
  const rank = ({ outcome }: ReadingVersion) => (outcome === 'superseded' ? 0 : 1);
  return rank(a) - rank(b) || a.endedAt - b.endedAt;
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
