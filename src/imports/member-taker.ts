import type { Series } from '../accounts/meter-point.ts';
import { Slices } from '../kernel/slices.ts';
import { decide, decideRun } from '../readings/decide.ts';
import type { ReadingRun } from '../readings/decided-reading.ts';
import { isRejection } from '../readings/judge.ts';
import { type FileReading, quarantinedItem } from '../readings/quarantined-reading.ts';
import type { Reading } from '../readings/reading.ts';
import type { ReadingReason } from '../readings/reading-reason-store.ts';
import { readingOf } from '../readings/reading-run.ts';
import { type RuleName, severityOf } from '../readings/rules.ts';
import { type Instant, instantOfMs } from '../units/time.ts';
import type { ComingChannel } from './coming-channels.ts';
import type { CustomerRecord, IntervalChannel, IntervalRun, RegisterMapping, RegisterReading } from './format.ts';
import type { FoundProblems } from './found-problems.ts';
import type { ImportDeps } from './import-file.ts';
import type { ImportReport } from './import-report.ts';
import { keepReadingReasons, reasonsOfRuns } from './keep-reasons.ts';
import { placeCustomer } from './place-customer.ts';
import {
  addMeterPoint,
  addRegister,
  findChannel,
  findRegister,
  findRegisterAt,
  type NewSeriesOfFile,
  newChannel,
  newRegister,
  placeChannel,
  placeRegisterMapping,
} from './place-records.ts';
import { type Finding, problemAt } from './problem.ts';
import {
  aside,
  conflict,
  failedValidation,
  otherCustomer,
  otherDial,
  rejection,
  withdrawsNothing,
} from './taking-findings.ts';
import type { Totals } from './totals.ts';
import { whyWithdrawn, withdrawReading } from './withdraw-reading.ts';

// What is new to the database in one transaction: a few milliseconds, or a sync in a second where nobody waits.
const placedAtOnce = 100;
const placedAtOnceAlone = 5_000;
// A command registers channels ahead of their readings, as many as bring half a million of these. Nobody cancels a command, and one that
// is interrupted goes on; of an import that somebody may cancel, nothing is registered that was not taken.
const aheadMax = 500_000;
// Readings of runs that a file may bring into memory before they are flushed: 3 MB. Their blocks are used again.
const unflushedMax = 100_000;
// Readings of runs that are taken with one sync of the journal: half a megabyte of it. Of twice as many the runs would outlive the
// young generation, and be collected late.
const gatheredMax = 50_000;
// Five thousand that are decided by themselves share a flush and a sync: each has a block for itself, mostly.
const unflushedWeightOfOne = 20;
const gatheredWeightOfOne = 10;
// Words beside a quality that wait for a flush, when nothing new is to be flushed.
const reasonsMax = 2000;
const reasonsAtOnce = 200;
// Deciding one by one, a reading that differs is looked for among the versions in the database.
const decidedBetweenPauses = 64;

/** What is known of a member, and where it is noted what became of it. */
export interface MemberBooks {
  report: ImportReport;
  problems: FoundProblems;
  totals: Totals;
  /** The channels it brings, in its order. */
  coming: readonly ComingChannel[];
}

/** Takes in the records of one member as they come. */
export class MemberTaker {
  runs: IntervalRun[] = [];
  registers: RegisterReading[] = [];
  customers: CustomerRecord[] = [];
  mappings: RegisterMapping[] = [];
  /** Those of the registers that take a reading back. */
  readonly #withdrawals = new Set<RegisterReading>();
  readonly #deps: ImportDeps;
  readonly #member: string;
  readonly #source: number;
  readonly #report: ImportReport;
  readonly #problems: FoundProblems;
  readonly #totals: Totals;
  readonly #coming: readonly ComingChannel[];
  readonly #now: Instant;
  readonly #slices = new Slices();
  readonly #atOnce: number;
  /** Settles when what was taken before the last portion is on disk. */
  #durable: Promise<void> = Promise.resolve();
  /** Settles when the last flush counts: until then nothing else is written to the database, which has one writer at a time. */
  #flushed: Promise<unknown> = Promise.resolve();
  #gathered = 0;
  #unflushed = 0;
  /** How many of `#coming` were met or registered ahead. */
  #comingAt = 0;
  #reasons: ReadingReason[] = [];

  constructor(deps: ImportDeps, member: string, source: number, { report, problems, totals, coming }: MemberBooks) {
    this.#deps = deps;
    this.#member = member;
    this.#source = source;
    this.#report = report;
    this.#problems = problems;
    this.#totals = totals;
    this.#coming = coming;
    this.#now = instantOfMs(deps.clock.now());
    this.#atOnce = deps.alone ? placedAtOnceAlone : placedAtOnce;
  }

  /** Enough was gathered to be worth a sync. */
  get isFull(): boolean {
    return (
      this.#gathered + (this.registers.length + this.customers.length + this.mappings.length) * gatheredWeightOfOne >=
      gatheredMax
    );
  }

  addRun(run: IntervalRun): void {
    this.runs.push(run);
    this.#gathered += run.energies.length;
  }

  addWithdrawal(reading: RegisterReading): void {
    this.registers.push(reading);
    this.#withdrawals.add(reading);
  }

  pause(): Promise<void> {
    return this.#slices.pause();
  }

  /** Everything that came since the last time. */
  async take(): Promise<void> {
    const { runs, registers, customers, mappings } = this;
    [this.runs, this.registers, this.customers, this.mappings] = [[], [], [], []];
    this.#gathered = 0;
    await this.#takeCustomers(customers);
    // Before readings: a rollover can only be told from a fault where the digits are known.
    await this.#takeMappings(mappings);
    await this.#takeRuns(runs);
    await this.#takeRegisters(registers);
    // One portion is read while the one before it is written, and never more: a slow disk slows the reading.
    await this.#durable;
    this.#durable = this.#deps.journal.durable();
    this.#durable.catch(() => undefined);
    if (this.#reasons.length >= reasonsMax) await this.#keepReasons();
    if (this.#unflushed >= unflushedMax && this.#deps.flush) {
      await this.#keepReasons();
      await this.#durable;
      this.#flushed = this.#deps.flush();
      this.#flushed.catch(() => undefined);
      this.#unflushed = 0;
      // A command takes the next runs meanwhile. Blocks of registers are many, and nobody is to wait for a flush and an import in turns.
      if (!this.#deps.alone || registers.length > 0) await this.#flushed;
    }
    await this.#slices.pause();
  }

  /** After the last portion. */
  async finish(): Promise<void> {
    await this.#keepReasons();
  }

  // Not synced: what is flushed after them is taken back with them, and an import that a power cut ended is done again.
  async #keepReasons(): Promise<void> {
    await this.#flushed;
    const reasons = this.#reasons;
    this.#reasons = [];
    for (const part of slicesOf(reasons, reasonsAtOnce)) {
      this.#deps.reasons.keepUnsynced(part);
      await this.#slices.pause();
    }
  }

  async #takeCustomers(all: CustomerRecord[]): Promise<void> {
    const { meterPoints } = this.#deps;
    const { counts, meterPointsCreated } = this.#report;
    for (const customers of slicesOf(all, this.#atOnce)) {
      const outcomes = meterPoints.addTogether(() =>
        customers.map(customer => placeCustomer(this.#deps, customer, this.#now, meterPointsCreated)),
      );
      outcomes.forEach((outcome, at) => {
        counts[outcome] += 1;
        if (outcome === 'conflicting') this.#add(customers[at]!.line, otherCustomer(customers[at]!));
      });
      await this.#slices.pause();
    }
  }

  async #takeMappings(all: RegisterMapping[]): Promise<void> {
    const { counts, meterPointsCreated } = this.#report;
    for (const mappings of slicesOf(all, this.#atOnce)) {
      const outcomes = this.#deps.meterPoints.addTogether(() =>
        mappings.map(mapping => placeRegisterMapping(this.#deps, mapping, this.#source, this.#now, meterPointsCreated)),
      );
      outcomes.forEach((outcome, at) => {
        // What was worked out of readings is no record of its own.
        if (mappings[at]!.derivedAt === undefined || outcome === 'conflicting') counts[outcome] += 1;
        if (outcome === 'conflicting') this.#add(mappings[at]!.line, otherDial(mappings[at]!));
      });
      await this.#slices.pause();
    }
  }

  async #takeRuns(runs: IntervalRun[]): Promise<void> {
    const places = new Map<IntervalChannel, Series | undefined>();
    for (const { channel } of runs) if (!places.has(channel)) places.set(channel, findChannel(this.#deps, channel));
    const stopped = new Set(Array.from(places.keys()).filter(({ meterPoint }) => this.#isStopped(meterPoint)));
    const unknown = Array.from(places).flatMap(([channel, series]) =>
      series || stopped.has(channel) ? [] : [channel],
    );
    if (unknown.length > 0) await this.#flushed;
    for (const channels of slicesOf(unknown, this.#atOnce)) {
      this.#register(channels, this.#deps.alone ? this.#takeAhead(channels.at(-1)!) : [], places);
      await this.#slices.pause();
    }
    this.#noteConfigurations(places);
    const placed = stopped.size === 0 ? runs : runs.filter(({ channel }) => !stopped.has(channel));
    this.#reasons.push(...reasonsOfRuns(placed, run => places.get(run.channel)!));
    for (const run of runs) {
      if (stopped.has(run.channel)) this.#stopRun(run);
      else if (!this.#takeRun(places.get(run.channel)!, run)) await this.#takeOneByOne(places.get(run.channel)!, run);
      if (this.#problems.isFull) await this.#problems.keep(() => this.#slices.pause());
      // Asked before it is waited for: a promise for each of a million days would take longer than the days.
      if (!this.#slices.hasRoom) await this.#slices.next();
    }
  }

  /** In one transaction; `ahead` are those whose readings come next. */
  #register(
    channels: readonly IntervalChannel[],
    ahead: readonly IntervalChannel[],
    places: Map<IntervalChannel, Series | undefined>,
  ): void {
    const place = (channel: IntervalChannel) =>
      [channel, placeChannel(this.#deps, channel, this.#now, this.#report.meterPointsCreated)] as const;
    this.#deps.meterPoints.addTogether(() => {
      const placed = channels.map(place);
      this.#noteConfigurations([...placed, ...ahead.map(place)]);
      for (const [channel, series] of placed) places.set(channel, series);
    });
  }

  /** Channels that nobody registered yet, of those that come after `last`. */
  #takeAhead(last: IntervalChannel): IntervalChannel[] {
    const found: IntervalChannel[] = [];
    let readings = 0;
    for (; this.#comingAt < this.#coming.length; this.#comingAt++) {
      const next = this.#coming[this.#comingAt]!;
      if (next.channel.line <= last.line) continue;
      readings += next.readings;
      if (readings > aheadMax) break;
      if (!findChannel(this.#deps, next.channel) && !this.#isStopped(next.channel.meterPoint)) found.push(next.channel);
    }
    return found;
  }

  #noteConfigurations(places: Iterable<readonly [IntervalChannel, Series | undefined]>): void {
    this.#deps.meterPoints.configurations.note(
      Array.from(places).flatMap(([{ nmiConfiguration: suffixes }, series]) =>
        series && suffixes !== '' ? { meterPointId: series.meterPointId, suffixes } : [],
      ),
    );
  }

  /** false when its intervals are to be decided one by one: nothing was taken then. */
  #takeRun(series: Series, record: IntervalRun): boolean {
    const run = this.#runOf(series.id, record);
    const outcome = decideRun(this.#deps, series, run, this.#now);
    if (!outcome) return false;
    this.#report.counts[outcome === 'accepted' ? 'new' : 'identical'] += run.values.length;
    if (outcome === 'accepted') this.#unflushed += run.values.length;
    this.#totals.addRun(record.channel.meterPoint, series, run);
    return true;
  }

  async #takeOneByOne(series: Series, record: IntervalRun): Promise<void> {
    const run = this.#runOf(series.id, record);
    for (let at = 0; at < run.values.length; at++) {
      this.#takeReading(series, readingOf(run, at), record.channel.meterPoint);
      if (at % decidedBetweenPauses === 0) await this.#slices.pause();
    }
  }

  #runOf(seriesId: number, record: IntervalRun): ReadingRun {
    const { channel, startsAt, energies: values, qualities, versionAt, line, lineStep = 0 } = record;
    const { lengthMinutes: minutes } = channel;
    return { seriesId, startsAt, minutes, values, qualities, source: this.#source, line, lineStep, versionAt };
  }

  /** Whether readings of a meter point that nobody registered do not register it. */
  #isStopped(meterPoint: string): boolean {
    const { rules, meterPoints } = this.#deps;
    return severityOf('meter-point-unknown-in-file', rules) !== 'accept' && !meterPoints.find(meterPoint);
  }

  #stopRun(record: IntervalRun): void {
    const { meterPoint } = record.channel;
    const run = this.#runOf(0, record);
    const series = newChannel(record.channel);
    for (let at = 0; at < run.values.length; at++)
      this.#putAside('meter-point-unknown-in-file', series, readingOf(run, at), meterPoint);
    this.#add(record.line, this.#unregistered(meterPoint, run.values.length));
  }

  #unregistered(meterPoint: string, readings: number): Finding {
    const isAside = severityOf('meter-point-unknown-in-file', this.#deps.rules) === 'quarantine';
    const what = readings === 1 ? 'its reading is' : `its ${readings} readings are`;
    return {
      rule: 'meter-point-unknown-in-file',
      severity: isAside ? 'warning' : 'error',
      says: `meter point ${meterPoint} is not registered; ${what} ${isAside ? 'in quarantine' : 'rejected'}`,
      action: isAside ? 'ignored' : 'rejected',
    };
  }

  /** false when the rule does not put aside; otherwise the reading waits for somebody, once, however often it is sent. */
  #putAside(rule: RuleName, series: NewSeriesOfFile, reading: Reading, meterPoint: string): boolean {
    const { rules, quarantine, journal } = this.#deps;
    if (!quarantine || severityOf(rule, rules) !== 'quarantine') return false;
    const { kind, code, serial, flow, unit } = series;
    const { at, value, quality, minutes, versionAt, line, source } = reading;
    const item: FileReading = { meterPoint, kind, code, at, value, quality, serial, flow, unit, minutes, versionAt };
    quarantine.putAside(journal, { receivedAt: this.#now, source, line, rule, item: quarantinedItem(item) });
    this.#report.counts.quarantined = (this.#report.counts.quarantined ?? 0) + 1;
    return true;
  }

  async #takeRegisters(all: RegisterReading[]): Promise<void> {
    const { meterPoints } = this.#deps;
    for (const records of slicesOf(all, this.#atOnce)) {
      const stopped = new Set<RegisterReading>();
      const places = meterPoints.addTogether(
        () => records.map(record => this.#placeRegister(record, stopped)),
        records.map(({ meterPoint }) => meterPoint),
      );
      keepReadingReasons(this.#deps, records, (_record, at) => places[at]);
      records.forEach((record, at) => {
        const series = places[at];
        if (stopped.size > 0 && stopped.has(record)) {
          this.#stopRegister(record);
          return;
        }
        if (this.#withdrawals.size > 0 && this.#withdrawals.delete(record)) {
          // Its register may be told by a later record.
          this.#withdraw(series ?? findRegister(this.#deps, record), record);
          return;
        }
        if (!series) {
          this.#add(record.line, failedValidation(record));
          return;
        }
        const { at: instant, value, quality, line, versionAt, meterPoint } = record;
        const reading = { at: instant, value, minutes: 0, quality, source: this.#source, line, versionAt };
        this.#takeReading(series, reading, meterPoint);
      });
      if (this.#problems.isFull) await this.#problems.keep(() => this.#slices.pause());
      await this.#slices.pause();
    }
  }

  /** undefined for a record that is not to be taken, or whose meter point is not to be registered: that goes to `stopped`. */
  #placeRegister(record: RegisterReading, stopped: Set<RegisterReading>): Series | undefined {
    const isWithdrawal = this.#withdrawals.size > 0 && this.#withdrawals.has(record);
    if (!isWithdrawal && record.bscStatus === 'F') return undefined;
    const meterPoint = this.#deps.meterPoints.find(record.meterPoint);
    const known = meterPoint && findRegisterAt(this.#deps, meterPoint, record);
    if (known || isWithdrawal) return known;
    if (!meterPoint && this.#isStopped(record.meterPoint)) {
      stopped.add(record);
      return undefined;
    }
    const created = this.#report.meterPointsCreated;
    const at = meterPoint ?? addMeterPoint(this.#deps, record.meterPoint, this.#now, created);
    return addRegister(this.#deps, at, record, this.#now);
  }

  #withdraw(series: Series | undefined, record: RegisterReading): void {
    if (!series) {
      this.#add(record.line, withdrawsNothing(record));
      return;
    }
    const { outcome, finding } = withdrawReading(this.#deps, series, record, this.#source, this.#now);
    if (outcome === 'withdrawn') {
      this.#report.counts.revised += 1;
      this.#unflushed += unflushedWeightOfOne;
    }
    this.#add(record.line, finding);
  }

  #stopRegister(record: RegisterReading): void {
    const { at, value, quality, line, versionAt, meterPoint } = record;
    const reading = { at, value, minutes: 0, quality, source: this.#source, line, versionAt };
    this.#putAside('meter-point-unknown-in-file', newRegister(record), reading, meterPoint);
    this.#add(line, this.#unregistered(meterPoint, 1));
  }

  #takeReading(series: Series, reading: Reading, meterPoint: string): void {
    const { counts } = this.#report;
    const withdrawn = whyWithdrawn(this.#deps, series, reading);
    if (withdrawn) {
      counts.older += 1;
      this.#add(reading.line, withdrawn);
      return;
    }
    const { outcome, rule } = decide(this.#deps, series, reading, this.#now);
    if (outcome !== 'duplicate') this.#unflushed += unflushedWeightOfOne;
    if (outcome === 'accepted') counts.new += 1;
    else if (outcome === 'duplicate' || outcome === 'confirmed') counts.identical += 1;
    else if (outcome === 'revised') counts.revised += 1;
    else if (outcome === 'older') counts.older += 1;
    else if (outcome === 'conflict') {
      counts.conflicting += 1;
      this.#add(reading.line, conflict(reading, series.code, meterPoint));
    } else if (isRejection(outcome)) {
      const isAside = this.#putAside(rule!, series, reading, meterPoint);
      this.#add(reading.line, isAside ? aside(reading, outcome, rule!) : rejection(reading, outcome, rule!));
      return;
    }
    this.#totals.add(meterPoint, series, reading);
  }

  #add(line: number, finding: Finding): void {
    this.#problems.add(problemAt(this.#member, line, finding));
  }
}

function* slicesOf<T>(records: readonly T[], atOnce: number): Generator<readonly T[]> {
  for (let at = 0; at < records.length; at += atOnce) yield records.slice(at, at + atOnce);
}
