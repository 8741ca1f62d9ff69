import type { MeterPoint, Series } from '../accounts/meter-point.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { Clock } from '../kernel/clock.ts';
import { Refusal } from '../kernel/errors.ts';
import { type Instant, instant, instantOfMs } from '../units/time.ts';
import type { KnownReadings } from './as-known.ts';
import { overlappedBy } from './current-readings.ts';
import type { ReadingVersion } from './decided-reading.ts';
import type { Journal } from './journal.ts';
import { compare } from './judge.ts';
import { knownReadings } from './known-at.ts';
import type { Reading } from './reading.ts';
import { isSameReading } from './reading-history.ts';
import type { ReadingIndex } from './reading-index.ts';
import type { ReadingStore } from './reading-store.ts';
import { formatDecision } from './write-records.ts';

export const conflictDecisions = ['keep', 'take'] as const;
/** 'take' makes the reading current, 'keep' lets the current one stay. */
export type Decision = (typeof conflictDecisions)[number];

export interface ConflictDeps {
  meterPoints: MeterPointStore;
  index: ReadingIndex;
  store: Pick<ReadingStore, 'versions'>;
  journal: Journal;
  clock: Clock;
}

/** A reading that stands beside the current one, for somebody to decide on. */
export interface Conflict {
  id: string;
  meterPoint: MeterPoint;
  series: Series;
  reading: Reading;
  receivedAt: number;
  /** What is current: of the same instant, or intervals over the same minutes. */
  current: Reading[];
}

export interface ConflictPage {
  conflicts: Conflict[];
  /** Where the next page begins; undefined when there is none. */
  next: number | undefined;
}

// Most of what came in conflict may be decided: a page looks through so many at most.
const lookedAtMax = 5000;

export interface ConflictQuestion {
  /** Of all when there is none. */
  meterPoint?: MeterPoint | undefined;
  /** The `next` of the page before. */
  before?: number | undefined;
  limit: number;
  /** Those that were open then, beside what was current then. */
  knownAt?: Instant | undefined;
}

/** Open conflicts, the newest first. */
export function listConflicts(
  deps: ConflictDeps,
  { meterPoint, before, limit, knownAt }: ConflictQuestion,
): ConflictPage {
  const known = knownReadings(deps.index, knownAt);
  const isTooNew = ({ receivedAt }: ReadingVersion) => knownAt !== undefined && receivedAt > knownAt;
  const seriesIds = meterPoint && deps.meterPoints.listSeries(meterPoint.id).map(({ id }) => id);
  const conflicts: Conflict[] = [];
  if (before === undefined) {
    for (const version of deps.index.eachUnflushed()) {
      if (version.outcome !== 'conflict' || (seriesIds && !seriesIds.includes(version.seriesId))) continue;
      const open = isTooNew(version) ? undefined : openConflict(deps, known, version);
      if (open) conflicts.push(open);
      if (conflicts.length === lookedAtMax) break;
    }
    conflicts.reverse();
  }
  let next: number | undefined = before ?? Number.MAX_SAFE_INTEGER;
  for (let lookedAt = 0; conflicts.length < limit && lookedAt < lookedAtMax; ) {
    const rows = deps.store.versions.listConflicts(seriesIds, next, limit);
    for (const { id, conflict } of rows) {
      next = id;
      const open = isTooNew(conflict) ? undefined : openConflict(deps, known, conflict);
      if (open) conflicts.push(open);
    }
    lookedAt += rows.length;
    if (rows.length < limit) return { conflicts, next: undefined };
  }
  return { conflicts, next };
}

/** What contradicts the current readings of a series in [from, to) and waits for somebody, by time, with what it contradicts. */
export function listContradictions(
  known: KnownReadings,
  seriesId: number,
  from: Instant,
  to: Instant,
): Pick<Conflict, 'reading' | 'current'>[] {
  return known
    .listVersions(seriesId, from, instant(to - 1))
    .filter(version => version.outcome === 'conflict' && isOpen(known, version))
    .map(({ reading }) => ({ reading, current: overlappedBy(known, seriesId, reading) }));
}

/**
 * Decides a conflict: in the journal and in force in this tick; resolves when it is on disk. The same decision again changes nothing.
 * Throws 'conflict-unknown' and 'conflict-decided'.
 */
export async function decideConflict(
  { index, journal, clock }: ConflictDeps,
  id: string,
  decision: Decision,
): Promise<Reading | undefined> {
  const takes = decision === 'take';
  const named = parseId(id);
  const rows = named ? index.listHistory(named.seriesId, named.at, named.at).filter(row => idOf(row) === id) : [];
  const conflict = rows.findLast(({ outcome }) => outcome === 'conflict');
  if (!named || !conflict) throw new Refusal('conflict-unknown', `there is no conflict "${id}"`);
  const { seriesId, reading, receivedAt } = conflict;
  if (isOpen(index, conflict)) {
    const decided = { seriesId, reading, receivedAt, decidedAt: instantOfMs(clock.now()), takes };
    journal.append(formatDecision(decided));
    index.decideConflict(decided);
  } else {
    const last = rows.findLast(({ outcome }) => outcome === 'declined' || outcome === 'closed');
    if (!last || (last.outcome === 'closed') !== takes)
      throw new Refusal('conflict-decided', `The conflict "${id}" is no longer open.`);
  }
  await journal.durable();
  return index.find(seriesId, reading.at);
}

function openConflict(
  { meterPoints }: ConflictDeps,
  known: KnownReadings,
  version: ReadingVersion,
): Conflict | undefined {
  if (!isOpen(known, version)) return undefined;
  const { seriesId, reading, receivedAt } = version;
  const current = overlappedBy(known, seriesId, reading);
  return { id: idOf(version), ...meterPoints.getSeries(seriesId), reading, receivedAt, current };
}

/**
 * It stands beside still, is not itself what is current by now, and what is current is not a newer version of it. What an undo took away
 * and reading its file again brought back stands there by its last coming.
 */
function isOpen(known: KnownReadings, { seriesId, reading, receivedAt }: ReadingVersion): boolean {
  const [current] = known.list(seriesId, reading.at, instant(reading.at + 1));
  if (current && Object.is(current.value, reading.value) && current.minutes === reading.minutes) return false;
  if (current && compare(reading, current) === 'older') return false;
  return known
    .listVersions(seriesId, reading.at, reading.at)
    .some(
      other => other.outcome === 'conflict' && other.receivedAt === receivedAt && isSameReading(other.reading, reading),
    );
}

/** Names the reading by all that makes it one. */
function idOf({ seriesId, reading }: ReadingVersion): string {
  const { at, source, line, versionAt, minutes, value } = reading;
  return [seriesId, at, source, line, versionAt, minutes, Number.isNaN(value) ? 'n' : value].join('.');
}

function parseId(id: string): { seriesId: number; at: Instant } | undefined {
  const match = /^(\d{1,10})\.(\d{1,11})\.[-.\dn]{1,80}$/.exec(id);
  return match ? { seriesId: Number(match[1]), at: instant(Number(match[2])) } : undefined;
}
