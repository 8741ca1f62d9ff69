import type { Series } from '../accounts/meter-point.ts';
import { assert } from '../kernel/assert.ts';
import { microKwh } from '../units/energy.ts';
import { isMeasured } from '../units/measured.ts';
import type { DecidedReading, Outcome, ReadingRun } from './decided-reading.ts';
import { onOneDial } from './dial.ts';
import type { Journal } from './journal.ts';
import { clockSkewMaxSeconds, isRejection, judge, type RejectionCode } from './judge.ts';
import { endOf, type Reading } from './reading.ts';
import type { ReadingFlagStore } from './reading-flag-store.ts';
import type { ReadingIndex } from './reading-index.ts';
import { RecordBytes } from './record-bytes.ts';
import {
  type FlagRule,
  flagRules,
  type ReadingRules,
  type RuleName,
  rules,
  type Severity,
  severityOf,
} from './rules.ts';
import type { UsualEnergy } from './usual-energy.ts';
import { writeFlag, writeReading, writeRun } from './write-records.ts';

export interface DecideDeps extends Noticing {
  index: ReadingIndex;
  journal: Journal;
}

/** What notices that something is unusual about a reading that can be kept, and where that is noted. */
export interface Noticing {
  /** Absent: each rule as it is by default. */
  rules?: ReadingRules;
  /** Absent: nothing is held against its past. */
  usual?: Pick<UsualEnergy, 'exceeds'>;
  /** Absent: nothing is noted. */
  flags?: Pick<ReadingFlagStore, 'add'>;
}

/** As much of both as a decision touches: a rehearsal has its own. */
export interface Books extends Noticing {
  index: Pick<
    ReadingIndex,
    'around' | 'before' | 'after' | 'apply' | 'listVersions' | 'endsBy' | 'isUnheardOf' | 'meetRun' | 'applyRun'
  >;
  journal: Pick<Journal, 'append'>;
}

/** What is known of a reading besides what it says. */
export interface Told {
  /** What was noticed about its text. */
  noticed?: readonly FlagRule[];
  /** Where it comes from it contradicts what is current, and waits for somebody to decide: it replaces nothing here either. */
  waits?: boolean | undefined;
}

export interface Decision {
  outcome: Outcome | 'duplicate' | RejectionCode;
  /** The current reading it met, for a conflict, an older version, a revision or a duplicate. */
  against: Reading | undefined;
  /** Of a rejection: the rule that stands behind it. */
  rule?: RuleName;
  /** Of what was kept: the rules that left a note at it; absent when none did. */
  flags?: readonly FlagRule[];
}

/**
 * Judges one reading against the index and keeps it when the rules allow: journal and index change in the same tick as the check.
 * The caller awaits `journal.durable()` before it tells anybody. What is kept beside a current reading is kept once, however often
 * it is sent.
 */
export function decide(
  books: Books,
  series: Series,
  reading: Reading,
  now: number,
  { noticed: inText = nothing, waits }: Told = plain,
): Decision {
  const { index, journal } = books;
  const isSpike = series.kind === 'channel' && isSpikeIn(books, series.id, reading);
  if (!isSpike && inText.length === 0 && isNext(index, series, reading, now)) {
    keep(index, journal, { seriesId: series.id, reading, receivedAt: now, outcome: 'accepted' });
    return next;
  }
  const around = aroundOf(index, series, reading);
  const { existing, before, after, digits, ends } = onOneDial(dialsOf(series), reading.at, around);
  const outcome = judge(reading, { kind: series.kind, existing, before, after, digits, ends, waits }, now);
  if (outcome === 'duplicate') return { outcome, against: existing };
  if (isRejection(outcome)) return { outcome, against: existing, rule: ruleOfRejection[outcome] };
  const decided: DecidedReading = { seriesId: series.id, reading, receivedAt: now, outcome };
  const beside = outcome === 'conflict' || outcome === 'older';
  if (outcome === 'accepted' || outcome === 'revised') {
    const noticed = [...inText, ...noticedIn(reading, around.before, before, after)];
    if (outcome === 'revised' && contradictsNeighbours(index, series, reading, now)) noticed.push('revised-backwards');
    if (isSpike) noticed.push(spikeRule(reading));
    const stops = flagRules.find(rule => noticed.includes(rule) && isStopping(severityOf(rule, books.rules)));
    if (stops) return { outcome: rejectionOf(stops), against: existing, rule: stops };
    keep(index, journal, decided);
    const flags = noticed.filter(rule => severityOf(rule, books.rules) === 'flag');
    for (const rule of flags) flag(books, decided, rule);
    if (flags.length > 0) return { outcome, against: existing, flags };
  } else if (!beside || !isKept(index, decided)) keep(index, journal, decided);
  const overlapped = before && endOf(before) > reading.at ? before : after;
  const against = existing ?? (outcome === 'conflict' ? overlapped : undefined);
  assert(!beside || against, 'a reading kept beside another has one it is kept beside');
  return { outcome, against };
}

/**
 * Judges a run of intervals at once, where that gives what `decide` would give for each of them: 'accepted' when nothing stands there
 * and nothing around reaches in, 'duplicate' when all of it is known. Otherwise undefined: nothing was kept, and each of the readings
 * is to be decided by itself.
 */
export function decideRun(
  books: Books,
  series: Series,
  run: ReadingRun,
  now: number,
): 'accepted' | 'duplicate' | undefined {
  const { index, journal } = books;
  if (series.kind !== 'channel' || run.minutes === 0) return undefined;
  const lastAt = run.startsAt + (run.values.length - 1) * run.minutes * 60;
  if (run.startsAt < 0 || lastAt > now + clockSkewMaxSeconds) return undefined;
  const met = index.meetRun(run);
  if (met === 'known') return 'duplicate';
  if (met === 'mixed' || holdsSpike(books, run)) return undefined;
  record.clear();
  writeRun(record, run, now);
  journal.append(record.bytes);
  index.applyRun(run, now);
  return 'accepted';
}

const nothing: readonly FlagRule[] = [];
const plain: Told = {};
const next: Decision = { outcome: 'accepted', against: undefined };

/**
 * What a channel's meter sends in order is the rule: nothing stands at its instant, before it nothing reaches in, behind it is nothing.
 * A register that a file is the first to name has nothing anywhere, unless an exchange was told of it.
 */
function isNext(index: Books['index'], { id, kind, map }: Series, { at }: Reading, now: number): boolean {
  if (at > now + clockSkewMaxSeconds) return false;
  if (kind === 'channel') return index.endsBy(id, at);
  return at >= 0 && index.isUnheardOf(id) && !map?.some(({ exchange }) => exchange);
}

/** What an interval longer than the one it meets would cover besides is looked at, too; what counts nothing on is held against no other. */
function aroundOf(
  index: Books['index'],
  series: Series,
  { at, minutes }: Reading,
): ReturnType<Books['index']['around']> {
  const { id, kind, unit } = series;
  const around = index.around(id, at);
  if (kind === 'register' && isMeasured(unit)) return { ...around, before: undefined, after: undefined };
  return around.existing && minutes > around.existing.minutes ? { ...around, after: index.after(id, at) } : around;
}

/** None of what is measured and not counted: a demand stands for itself, and may be lower than the one before (N13-3). */
function dialsOf({ map, unit }: Series): Series['map'] {
  return map && isMeasured(unit) ? undefined : map;
}

function keep(index: Books['index'], journal: Books['journal'], decided: DecidedReading): void {
  record.clear();
  writeReading(record, decided);
  journal.append(record.bytes);
  index.apply(decided);
}

/** Whether a reading that a register may show is no plain step on from the one before it. */
function noticedIn(
  reading: Reading,
  before: Reading | undefined,
  onDialBefore: Reading | undefined,
  onDialAfter: Reading | undefined,
): FlagRule[] {
  if (reading.minutes > 0) return [];
  const isRollover =
    (onDialBefore && reading.value < onDialBefore.value) || (onDialAfter && onDialAfter.value < reading.value);
  return [...(isRollover ? (['rollover'] as const) : []), ...(before && !onDialBefore ? (['exchange'] as const) : [])];
}

/** Whether a register would have been refused the reading, had nothing stood at its instant. */
function contradictsNeighbours(index: Books['index'], series: Series, reading: Reading, now: number): boolean {
  if (series.kind !== 'register' || isMeasured(series.unit)) return false;
  const [before, after] = [index.before(series.id, reading.at), index.after(series.id, reading.at)];
  const around = onOneDial(series.map, reading.at, { existing: undefined, before, after });
  return judge(reading, { kind: series.kind, ...around }, now) !== 'accepted';
}

function isSpikeIn({ rules: set, usual }: Books, seriesId: number, reading: Reading): boolean {
  return (
    usual?.exceeds(seriesId, reading) === true &&
    severityOf(spikeRule(reading), set) !== 'accept' &&
    reading.quality !== 'missing'
  );
}

function holdsSpike({ rules: set, usual }: Books, run: ReadingRun): boolean {
  const { seriesId, startsAt, values } = run;
  if (!usual || severityOf(spikeRule(run), set) === 'accept') return false;
  return values.some(value => usual.exceeds(seriesId, { at: startsAt, value: microKwh(value) }));
}

function spikeRule({ line }: Pick<Reading, 'line'>): 'spike' | 'spike-in-file' {
  return line > 0 ? 'spike-in-file' : 'spike';
}

/** The text of a reading is judged before the reading: what is wrong with it has stopped it there, or is only noted. */
function rejectionOf(rule: FlagRule): RejectionCode {
  const { code } = rules[rule];
  assert(
    code !== 'value-negative' && code !== 'value-too-precise',
    'a text that stops a reading has stopped it before',
  );
  return code;
}

function isStopping(severity: Severity): boolean {
  return severity === 'quarantine' || severity === 'reject';
}

function flag({ journal, flags }: Books, { seriesId, reading, receivedAt }: DecidedReading, rule: FlagRule): void {
  const { at, value } = reading;
  const noted = { seriesId, at, value, rule, flaggedAt: receivedAt };
  record.clear();
  writeFlag(record, noted);
  journal.append(record.bytes);
  flags?.add(noted);
}

/** Rules by what they reject with. */
export const ruleOfRejection: Record<RejectionCode, RuleName> = {
  'reading-before-1970': 'before-1970',
  'reading-from-the-future': 'from-the-future',
  'reading-goes-backwards': 'goes-backwards',
  'reading-beyond-exchange': 'beyond-exchange',
  'reading-rollover': 'rollover',
  'reading-exchange': 'exchange',
  'reading-spike': 'spike',
};

// What is written is copied by the journal in the same tick, so one is enough for all.
const record = new RecordBytes();

function isKept(index: Books['index'], { seriesId, reading }: DecidedReading): boolean {
  return index
    .listVersions(seriesId, reading.at, reading.at)
    .some(
      ({ reading: kept }) =>
        Object.is(kept.value, reading.value) &&
        kept.versionAt === reading.versionAt &&
        kept.minutes === reading.minutes,
    );
}
