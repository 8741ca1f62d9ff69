import type { Series } from '../accounts/meter-point.ts';
import { Slices } from '../kernel/slices.ts';
import { decideRun } from '../readings/decide.ts';
import type { ReadingRun } from '../readings/decided-reading.ts';
import { readingOf } from '../readings/reading-run.ts';
import { type Instant, instantOfMs } from '../units/time.ts';
import type { ComingChannel } from './coming-channels.ts';
import type { CustomerRecord, IntervalChannel, IntervalRun, RegisterMapping, RegisterReading } from './format.ts';
import type { FoundProblems } from './found-problems.ts';
import type { ImportDeps } from './import-file.ts';
import type { ImportReport } from './import-report.ts';
import { reasonsOfRuns } from './keep-reasons.ts';
import { placeCustomer } from './place-customer.ts';
import { contradictedByMapping, findChannel, newChannel, placeChannel, placeRegisterMapping } from './place-records.ts';
import type { Finding } from './problem.ts';
import { type MemberBooks, ReadingTaker } from './reading-taker.ts';
import { RegisterTaker } from './register-taker.ts';
import { TakenReadings } from './taken-readings.ts';
import { otherCustomer, otherDial, otherMapping } from './taking-findings.ts';
import type { Totals } from './totals.ts';

// What is new to the database in one transaction: a few milliseconds, or a sync in a second where nobody waits.
const placedAtOnce = 300;
const placedAtOnceAlone = 5_000;
// A command registers channels ahead of their readings, as many as bring half a million of these. Nobody cancels a command, and one that
// is interrupted goes on; of an import that somebody may cancel, nothing is registered that was not taken.
const aheadMax = 500_000;
// Readings of runs that are taken with one sync of the journal: half a megabyte of it. Of twice as many the runs would outlive the
// young generation, and be collected late.
const gatheredMax = 50_000;
// Eighteen hundred that are decided by themselves share a sync: as many as a portion of a file brings.
const gatheredWeightOfOne = 28;
// Deciding one by one, a reading that differs is looked for among the versions in the database.
const decidedBetweenPauses = 64;

/** Takes in the records of one member as they come. */
export class MemberTaker {
  runs: IntervalRun[] = [];
  registers: RegisterReading[] = [];
  customers: CustomerRecord[] = [];
  mappings: RegisterMapping[] = [];
  readonly #deps: ImportDeps;
  readonly #source: number;
  readonly #report: ImportReport;
  readonly #problems: FoundProblems;
  readonly #totals: Totals;
  readonly #readingTaker: ReadingTaker;
  readonly #registerTaker: RegisterTaker;
  readonly #coming: readonly ComingChannel[];
  readonly #now: Instant;
  readonly #slices = new Slices();
  readonly #atOnce: number;
  readonly #taken: TakenReadings;
  #gathered = 0;
  /** How many of `#coming` were met or registered ahead. */
  #comingAt = 0;

  constructor(deps: ImportDeps, member: string, source: number, books: MemberBooks) {
    const { report, problems, totals, coming } = books;
    this.#deps = deps;
    this.#source = source;
    this.#report = report;
    this.#problems = problems;
    this.#totals = totals;
    this.#coming = coming;
    this.#now = instantOfMs(deps.clock.now());
    this.#atOnce = deps.alone ? placedAtOnceAlone : placedAtOnce;
    this.#readingTaker = new ReadingTaker(deps, member, books, this.#now);
    this.#taken = new TakenReadings(deps, this.#readingTaker, this.#slices);
    this.#registerTaker = new RegisterTaker(deps, this.#readingTaker, source, report.meterPointsCreated, this.#now);
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
    this.#registerTaker.addWithdrawal(reading);
  }

  pause(): Promise<void> {
    return this.#slices.pause();
  }

  /** Everything that came since the last time. */
  async take(): Promise<void> {
    const { runs, registers, customers, mappings } = this;
    [this.runs, this.registers, this.customers, this.mappings] = [[], [], [], []];
    this.#gathered = 0;
    // What came before is decided by what was told before. And whoever writes waits for the flush, which the thread is at.
    if (customers.length + mappings.length + runs.length > 0) await this.#registerTaker.settle();
    if (customers.length + mappings.length > 0) await this.#taken.flushed;
    await this.#takeCustomers(customers);
    // Before readings: a rollover can only be told from a fault where the digits are known.
    await this.#takeMappings(mappings);
    await this.#takeRuns(runs);
    await this.#takeRegisters(registers);
    await this.#taken.keep();
    await this.#slices.pause();
  }

  /** After the last portion. */
  async finish(): Promise<void> {
    await this.#registerTaker.settle();
    await this.#taken.keepReasons();
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
        if (outcome === 'conflicting') this.#readingTaker.tell(customers[at]!.line, otherCustomer(customers[at]!));
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
        if (outcome === 'conflicting')
          this.#readingTaker.tell(mappings[at]!.line, this.#contradictionOf(mappings[at]!));
      });
      await this.#slices.pause();
    }
  }

  #contradictionOf(mapping: RegisterMapping): Finding {
    const contradicted = contradictedByMapping(this.#deps, mapping, this.#source);
    return contradicted ? otherMapping(mapping, contradicted) : otherDial(mapping);
  }

  async #takeRegisters(all: RegisterReading[]): Promise<void> {
    for (const records of slicesOf(all, this.#atOnce)) {
      await this.#registerTaker.take(records);
      if (this.#problems.isFull) await this.#problems.keep(() => this.#slices.pause());
      await this.#slices.pause();
    }
  }

  async #takeRuns(runs: IntervalRun[]): Promise<void> {
    const places = new Map<IntervalChannel, Series | undefined>();
    for (const { channel } of runs) if (!places.has(channel)) places.set(channel, findChannel(this.#deps, channel));
    const stopped = new Set(
      Array.from(places.keys()).filter(({ meterPoint }) => this.#readingTaker.isStopped(meterPoint)),
    );
    const unknown = Array.from(places).flatMap(([channel, series]) =>
      series || stopped.has(channel) ? [] : [channel],
    );
    if (unknown.length > 0) await this.#taken.flushed;
    for (const channels of slicesOf(unknown, this.#atOnce)) {
      this.#register(channels, this.#deps.alone ? this.#takeAhead(channels.at(-1)!) : [], places);
      await this.#slices.pause();
    }
    this.#noteConfigurations(places);
    const placed = stopped.size === 0 ? runs : runs.filter(({ channel }) => !stopped.has(channel));
    this.#taken.addReasons(reasonsOfRuns(placed, run => places.get(run.channel)!));
    for (let at = 0; at < runs.length; at++) {
      at = this.#takePlain(runs, at, places);
      const run = runs[at];
      if (run && stopped.has(run.channel)) this.#stopRun(run);
      else if (run && !this.#takeRun(places.get(run.channel)!, run))
        await this.#takeOneByOne(places.get(run.channel)!, run);
      if (this.#problems.isFull) await this.#problems.keep(() => this.#slices.pause());
      await this.#slices.pause();
    }
  }

  /**
   * Takes those from position `at` on that are taken whole, as long as the slice has room; returns where it ended. A function of its own,
   * because an asynchronous one is left to the interpreter, and a file has a million days.
   */
  #takePlain(
    runs: readonly IntervalRun[],
    at: number,
    places: ReadonlyMap<IntervalChannel, Series | undefined>,
  ): number {
    let next = at;
    for (; next < runs.length && this.#slices.hasRoom; next++) {
      const run = runs[next]!;
      const series = places.get(run.channel);
      if (!series || !this.#takeRun(series, run)) break;
    }
    return next;
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
      if (!findChannel(this.#deps, next.channel) && !this.#readingTaker.isStopped(next.channel.meterPoint))
        found.push(next.channel);
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
    if (outcome === 'accepted') this.#readingTaker.unflushed += run.values.length;
    this.#totals.addRun(
      record.channel.meterPoint,
      series,
      run,
      outcome,
      at => this.#deps.index.findKnown(series.id, at)?.reading,
    );
    return true;
  }

  async #takeOneByOne(series: Series, record: IntervalRun): Promise<void> {
    const run = this.#runOf(series.id, record);
    for (let at = 0; at < run.values.length; at++) {
      this.#readingTaker.take(series, readingOf(run, at), record.channel.meterPoint, record.waits);
      if (at % decidedBetweenPauses === 0) await this.#slices.pause();
    }
  }

  #runOf(seriesId: number, record: IntervalRun): ReadingRun {
    const { channel, startsAt, energies: values, qualities, versionAt, line, lineStep = 0 } = record;
    const { lengthMinutes: minutes } = channel;
    return { seriesId, startsAt, minutes, values, qualities, source: this.#source, line, lineStep, versionAt };
  }

  #stopRun(record: IntervalRun): void {
    const { channel, waits } = record;
    const { meterPoint } = channel;
    const run = this.#runOf(0, record);
    const series = newChannel(channel);
    for (let at = 0; at < run.values.length; at++)
      this.#readingTaker.putAside('meter-point-unknown-in-file', series, readingOf(run, at), meterPoint, waits);
    this.#readingTaker.tellStopped(record.line, meterPoint, run.values.length);
  }
}

function* slicesOf<T>(records: readonly T[], atOnce: number): Generator<readonly T[]> {
  for (let at = 0; at < records.length; at += atOnce) yield records.slice(at, at + atOnce);
}
