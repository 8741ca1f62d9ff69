import type { Series } from '../accounts/meter-point.ts';
import type { Reading } from '../readings/reading.ts';
import { isWithdrawnBy } from '../readings/reading-withdrawal-store.ts';
import type { Instant } from '../units/time.ts';
import type { RegisterReading } from './format.ts';
import type { ImportDeps } from './import-file.ts';
import type { CreatedMeterPoints } from './import-report.ts';
import { keepReadingReasons } from './keep-reasons.ts';
import { addMeterPoint, addRegister, findRegister, findRegisterAt, newRegister } from './place-records.ts';
import type { ReadingTaker } from './reading-taker.ts';
import { failedValidation, withdrawsNothing } from './taking-findings.ts';
import { withdrawReading } from './withdraw-reading.ts';

/** Readings whose registers have their numbers. */
interface Placed {
  records: readonly RegisterReading[];
  /** undefined for one that is not to be taken, or whose meter point is not to be registered. */
  places: (Series | undefined)[];
  stopped: Set<RegisterReading>;
  /** Settles when the registers stand in the database: nothing may be journalled for them before. undefined when they do. */
  written?: Promise<void>;
}

/**
 * Takes in readings of registers: those of a slice find or make their registers in one transaction, and are decided after it. A command
 * has the rows written by a thread, and decides the slice before meanwhile.
 */
export class RegisterTaker {
  readonly #deps: ImportDeps;
  readonly #taker: ReadingTaker;
  readonly #source: number;
  readonly #created: CreatedMeterPoints;
  readonly #now: Instant;
  /** Those of the registers that take a reading back. */
  readonly #withdrawals = new Set<RegisterReading>();
  #placed: Placed | undefined;

  constructor(deps: ImportDeps, taker: ReadingTaker, source: number, created: CreatedMeterPoints, now: Instant) {
    this.#deps = deps;
    this.#taker = taker;
    this.#source = source;
    this.#created = created;
    this.#now = now;
  }

  addWithdrawal(reading: RegisterReading): void {
    this.#withdrawals.add(reading);
  }

  /** What is written by the thread is decided with the next ones, or by `settle`. */
  async take(records: readonly RegisterReading[]): Promise<void> {
    // What the next ones are looked up among has to stand there.
    await this.#placed?.written;
    const placed = this.#place(records);
    placed.written?.catch(() => undefined);
    await this.settle();
    this.#placed = placed;
    if (!placed.written) await this.settle();
  }

  /** Decides what was placed. */
  async settle(): Promise<void> {
    const placed = this.#placed;
    this.#placed = undefined;
    if (!placed) return;
    await placed.written;
    keepReadingReasons(this.#deps, placed.records, (_record, at) => placed.places[at]);
    placed.records.forEach((record, at) => {
      this.#takeOne(record, placed.places[at], placed.stopped);
    });
  }

  #place(records: readonly RegisterReading[]): Placed {
    const { meterPoints, placeBehind } = this.#deps;
    const stopped = new Set<RegisterReading>();
    const place = () => records.map(record => this.#placeOne(record, stopped));
    const mentioned = records.map(({ meterPoint }) => meterPoint);
    const behind = placeBehind?.(place, mentioned);
    if (behind) return { records, places: behind.made, stopped, written: behind.written };
    return { records, places: meterPoints.addTogether(place, mentioned), stopped };
  }

  #placeOne(record: RegisterReading, stopped: Set<RegisterReading>): Series | undefined {
    const isWithdrawal = this.#withdrawals.size > 0 && this.#withdrawals.has(record);
    if (!isWithdrawal && record.bscStatus === 'F') return undefined;
    const meterPoint = this.#deps.meterPoints.find(record.meterPoint);
    const known = meterPoint && findRegisterAt(this.#deps, meterPoint, record);
    if (known || isWithdrawal) return known;
    if (!meterPoint && this.#taker.isStopped(record.meterPoint)) {
      stopped.add(record);
      return undefined;
    }
    const at = meterPoint ?? addMeterPoint(this.#deps, record.meterPoint, this.#now, this.#created);
    return addRegister(this.#deps, at, record, this.#now);
  }

  #takeOne(record: RegisterReading, series: Series | undefined, stopped: Set<RegisterReading>): void {
    const { meterPoint, line, waits } = record;
    if (stopped.size > 0 && stopped.has(record)) {
      const [register, reading] = [newRegister(record), this.#readingOf(record)];
      this.#taker.putAside('meter-point-unknown-in-file', register, reading, meterPoint, waits);
      this.#taker.tellStopped(line, meterPoint, 1);
    } else if (this.#withdrawals.size > 0 && this.#withdrawals.delete(record)) {
      // Its register may be told by a later record.
      this.#withdraw(series ?? findRegister(this.#deps, record), record);
    } else if (!series) this.#taker.tell(line, failedValidation(record));
    else this.#taker.take(series, this.#readingOf(record), meterPoint, waits);
  }

  #readingOf({ at, value, quality, line, versionAt }: RegisterReading): Reading {
    return { at, value, minutes: 0, quality, source: this.#source, line, versionAt };
  }

  #withdraw(series: Series | undefined, record: RegisterReading): void {
    if (!series) {
      this.#taker.tell(record.line, withdrawsNothing(record));
      return;
    }
    const current = this.#deps.index.findKnown(series.id, record.at)?.reading;
    const { outcome, finding } = withdrawReading(this.#deps, series, record, this.#source, this.#now);
    if (outcome === 'withdrawn')
      this.#taker.tookBack(series, record, current !== undefined && isWithdrawnBy(current, record));
    this.#taker.tell(record.line, finding);
  }
}
