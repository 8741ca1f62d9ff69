import type { Series } from '../accounts/meter-point.ts';
import { decide } from '../readings/decide.ts';
import { isRejection } from '../readings/judge.ts';
import { type FileReading, quarantinedItem } from '../readings/quarantined-reading.ts';
import { endOf, type Reading } from '../readings/reading.ts';
import { type RuleName, severityOf } from '../readings/rules.ts';
import type { Instant } from '../units/time.ts';
import type { ComingChannel } from './coming-channels.ts';
import type { RegisterReading } from './format.ts';
import type { FoundProblems } from './found-problems.ts';
import type { ImportDeps } from './import-file.ts';
import type { ImportReport } from './import-report.ts';
import type { NewSeriesOfFile } from './place-records.ts';
import { type Finding, problemAt } from './problem.ts';
import { aside, conflict, rejection, revisedBackwards } from './taking-findings.ts';
import type { Totals } from './totals.ts';
import { whyWithdrawn } from './withdraw-reading.ts';

// Eighteen hundred registers share a flush: each has a block for itself, mostly, of more than a kilobyte.
const unflushedWeightOfRegister = 56;
// Five thousand intervals that are decided one by one: they share blocks, but each that replaces another is kept beside.
const unflushedWeightOfInterval = 10;

/** What is known of a member, and where it is noted what became of it. */
export interface MemberBooks {
  report: ImportReport;
  problems: FoundProblems;
  totals: Totals;
  /** The channels it brings, in its order. */
  coming: readonly ComingChannel[];
}

/** Decides readings of a member one by one, and notes what became of each. */
export class ReadingTaker {
  /** What waits for a flush, in readings of runs. */
  unflushed = 0;
  readonly #deps: ImportDeps;
  readonly #member: string;
  readonly #books: MemberBooks;
  readonly #now: Instant;

  constructor(deps: ImportDeps, member: string, books: MemberBooks, now: Instant) {
    this.#deps = deps;
    this.#member = member;
    this.#books = books;
    this.#now = now;
  }

  /** `waits` as of an IntervalRun. */
  take(series: Series, reading: Reading, meterPoint: string, waits = false): void {
    const { counts } = this.#books.report;
    const withdrawn = whyWithdrawn(this.#deps, series, reading);
    if (withdrawn) {
      counts.older += 1;
      this.tell(reading.line, withdrawn);
      return;
    }
    const { outcome, rule, against, flags } = decide(this.#deps, series, reading, this.#now, { waits });
    // A register that is known as well: that it was looked for is remembered until a flush.
    if (reading.minutes === 0) this.unflushed += unflushedWeightOfRegister;
    else if (outcome !== 'duplicate') this.unflushed += unflushedWeightOfInterval;
    if (outcome === 'accepted') counts.new += 1;
    else if (outcome === 'duplicate' || outcome === 'confirmed') counts.identical += 1;
    else if (outcome === 'revised') {
      counts.revised += 1;
      if (flags?.includes('revised-backwards')) this.tell(reading.line, revisedBackwards(reading));
    } else if (outcome === 'older') counts.older += 1;
    else if (outcome === 'conflict') {
      counts.conflicting += 1;
      this.tell(reading.line, conflict(reading, series.code, meterPoint));
    } else if (isRejection(outcome)) {
      const isAside = this.putAside(rule!, series, reading, meterPoint, waits);
      this.tell(reading.line, isAside ? aside(reading, outcome, rule!) : rejection(reading, outcome, rule!));
      return;
    }
    this.#books.totals.add(meterPoint, series, reading, outcome, () => against);
    const isReplaced = outcome === 'revised' || outcome === 'confirmed';
    if (isReplaced && against && against.minutes > reading.minutes)
      this.#addUncovered(meterPoint, series, reading, against);
  }

  /** A reading that stood there was taken back; `wasCurrent` when it was the current one. */
  tookBack(series: Series, { at, value }: RegisterReading, wasCurrent: boolean): void {
    this.#books.report.counts.revised += 1;
    this.unflushed += unflushedWeightOfRegister;
    this.#books.totals.takeBack(series, at, value, wasCurrent);
  }

  /** Whether readings of a meter point that nobody registered do not register it. */
  isStopped(meterPoint: string): boolean {
    const { rules, meterPoints } = this.#deps;
    return severityOf('meter-point-unknown-in-file', rules) !== 'accept' && !meterPoints.find(meterPoint);
  }

  /** Of `readings` that are stopped so. */
  tellStopped(line: number, meterPoint: string, readings: number): void {
    const isAside = severityOf('meter-point-unknown-in-file', this.#deps.rules) === 'quarantine';
    const what = readings === 1 ? 'its reading is' : `its ${readings} readings are`;
    this.tell(line, {
      rule: 'meter-point-unknown-in-file',
      severity: isAside ? 'warning' : 'error',
      says: `meter point ${meterPoint} is not registered; ${what} ${isAside ? 'in quarantine' : 'rejected'}`,
      action: isAside ? 'ignored' : 'rejected',
    });
  }

  /** false when the rule does not put aside; otherwise the reading waits for somebody, once, however often it is sent. */
  putAside(rule: RuleName, series: NewSeriesOfFile, reading: Reading, meterPoint: string, waits = false): boolean {
    const { rules, quarantine, journal } = this.#deps;
    if (!quarantine || severityOf(rule, rules) !== 'quarantine') return false;
    const { kind, code, serial, flow, unit } = series;
    const { at, value, quality, minutes, versionAt, line, source } = reading;
    const place = { meterPoint, kind, code, serial, flow, unit, at, minutes };
    const item: FileReading = { ...place, value, quality, versionAt, ...(waits && { waits }) };
    quarantine.putAside(journal, { receivedAt: this.#now, source, line, rule, item: quarantinedItem(item) });
    const { counts } = this.#books.report;
    counts.quarantined = (counts.quarantined ?? 0) + 1;
    return true;
  }

  tell(line: number, finding: Finding): void {
    this.#books.problems.add(problemAt(this.#member, line, finding));
  }

  /** What the file had said over minutes that a longer interval covered is current now that a shorter one stands there (N12-38). */
  #addUncovered(meterPoint: string, series: Series, reading: Reading, covered: Reading): void {
    const { index } = this.#deps;
    const until = endOf(covered);
    for (
      let next = index.after(series.id, reading.at);
      next && next.at < until;
      next = index.after(series.id, next.at)
    ) {
      if (next.source === reading.source) this.#books.totals.add(meterPoint, series, next, 'accepted', () => undefined);
    }
  }
}
