import { secondsPerDay } from '../../units/time.ts';
import { quote } from '../problem.ts';
import type { Cells } from './cells.ts';
import type { Profile } from './profile.ts';
import type { RowFindings } from './row-findings.ts';
import type { RowLayout } from './row-layout.ts';
import { RowMoment } from './row-moment.ts';
import { RowQuality } from './row-quality.ts';
import type { Rows, SeriesOfRows } from './series-of-rows.ts';
import type { WallClock } from './wall-clock.ts';

/** Takes whole rows apart: when each is of, whose it is, and what its numbers are. */
export class RowTaker {
  readonly #profile: Profile;
  readonly #series: SeriesOfRows;
  readonly #told: RowFindings;
  readonly #clock: WallClock;
  readonly #moment: RowMoment;
  readonly #quality: RowQuality;

  constructor(profile: Profile, series: SeriesOfRows, clock: WallClock, told: RowFindings) {
    this.#profile = profile;
    this.#series = series;
    this.#told = told;
    this.#clock = clock;
    this.#moment = new RowMoment(profile, clock);
    this.#quality = new RowQuality(profile, told);
  }

  /** false: its stamp is none, so that it may be another table's header; `refuseStamp` says that it is not. */
  take(layout: RowLayout, cells: Cells, number: number): boolean {
    if (!this.#moment.read(cells, layout)) return false;
    const rows = this.#series.of(layout, cells);
    if (rows.refusal !== undefined) {
      if (rows.column >= 0) this.#told.rejectCell(rows.column, 'CSV-4', rows.refusal);
      else this.#told.rejectFile('CSV-4', rows.refusal);
      return true;
    }
    const code = this.#quality.of(cells, layout.quality);
    if (code < 0) return true;
    if (this.#profile.day) this.#takeDay(rows, cells, code, number);
    else this.#takeMoment(rows, layout, cells, code, number);
    return true;
  }

  refuseStamp(layout: RowLayout, cells: Cells): void {
    const index = this.#moment.failedCell;
    const { stamp } = this.#profile;
    const pattern = index === layout.time ? stamp.time!.pattern : stamp.pattern;
    this.#told.rejectCell(index, 'CSV-5', `${quote(cells.text(index))} is not written as ${pattern}`);
  }

  #takeMoment(rows: Rows, layout: RowLayout, cells: Cells, code: number, number: number): void {
    const begins = this.#instantOf(rows);
    if (Number.isNaN(begins)) {
      this.#skippedTime(rows, layout, cells);
      return;
    }
    const minutes = this.#minutesOf(rows, layout, cells, begins);
    if (minutes === undefined) return;
    const at = this.#profile.edge === 'end' && rows.hasIntervals ? begins - minutes * 60 : begins;
    for (let output = 0; output < rows.outputs.length; output++) {
      const each = rows.outputs[output]!;
      const { index, number: reader } = each;
      if (!reader.read(cells.bytes, cells.starts[index]!, cells.ends[index]!)) {
        this.#told.badNumber(index, reader.says);
        continue;
      }
      if (reader.rounded) this.#told.rounded(index);
      this.#series.take(each, at, minutes, reader.value, code, number);
      if (each.says !== '') this.#told.badNumber(index, each.says);
    }
  }

  /** NaN for a time that the clock skipped. */
  #instantOf({ track }: Rows): number {
    const { wall, offset, hasTime } = this.#moment;
    const at = this.#profile.zone === 'offset' ? wall - offset : this.#clock.toInstant(wall, track);
    // A day without a time of day begins at 01:00 where the clock skips midnight.
    return Number.isNaN(at) && !hasTime ? this.#clock.toInstant(wall + 3600, track) : at;
  }

  /** How long the row's intervals are; undefined after it was told that nobody can say. */
  #minutesOf({ hasIntervals }: Rows, layout: RowLayout, cells: Cells, at: number): number | undefined {
    const { minutes } = this.#series;
    if (minutes * 60 === secondsPerDay && hasIntervals) return this.#minutesOfDay(at);
    if (minutes >= 0 || !hasIntervals) return minutes;
    const seconds = this.#moment.lengthOf(cells, layout, at);
    if (seconds > 0 && seconds % 60 === 0 && seconds <= secondsPerDay + 3600) return seconds / 60;
    const index = layout.duration >= 0 ? layout.duration : layout.until >= 0 ? layout.until : layout.stamp;
    const says = `${quote(cells.text(index))} does not give an interval of whole minutes up to a day`;
    this.#told.rejectCell(index, 'CSV-4', says);
    return undefined;
  }

  /** Of the day that begins, or ends, with the row's stamp `at`: 23 or 25 hours of them when its midnights are so far apart on the clock. */
  #minutesOfDay(at: number): number {
    const { edge, zone } = this.#profile;
    const { wall } = this.#moment;
    if (zone === 'offset' || wall % secondsPerDay !== 0) return secondsPerDay / 60;
    const [other] = this.#clock.candidates(edge === 'end' ? wall - secondsPerDay : wall + secondsPerDay);
    return (other === undefined ? secondsPerDay : Math.abs(other - at)) / 60;
  }

  #takeDay(rows: Rows, cells: Cells, code: number, number: number): void {
    const midnight = this.#moment.wall;
    const { columns, minutes, counted } = this.#profile.day!;
    const length = minutes * 60;
    const each = rows.outputs[0]!;
    const begin = this.#clock.candidates(midnight)[0] ?? midnight;
    const there = ((this.#clock.candidates(midnight + secondsPerDay)[0] ?? begin + secondsPerDay) - begin) / length;
    if (counted === 'elapsed' && there > columns)
      this.#told.warn(each.index, 'CSV-6', `the day has ${there} intervals and the row ${columns} columns`, 'ignored');
    let previous = Number.NaN;
    for (let slot = 0; slot < columns; slot++) {
      const index = each.index + slot;
      const at =
        counted === 'clock'
          ? this.#clock.toInstant(midnight + slot * length, rows.track)
          : slot < there
            ? begin + slot * length
            : Number.NaN;
      if (at - previous > length) {
        const says = 'the hour before was shown twice and has one value: it is taken for the first';
        this.#told.warn(index, 'CSV-6', says, 'repaired');
      }
      if (!Number.isNaN(at)) previous = at;
      if (!each.number.read(cells.bytes, cells.starts[index]!, cells.ends[index]!)) {
        this.#told.badNumber(index, each.number.says);
        continue;
      }
      const { value } = each.number;
      if (each.number.rounded) this.#told.rounded(index);
      if (Number.isNaN(at)) {
        const says = 'the day has no such interval: the clock was put forward';
        if (!Number.isNaN(value) && value !== 0) this.#told.rejectCell(index, 'CSV-6', says);
        continue;
      }
      this.#series.take(each, at, minutes, value, code, number);
      if (each.says !== '') this.#told.badNumber(index, each.says);
    }
  }

  #skippedTime({ outputs }: Rows, layout: RowLayout, cells: Cells): void {
    const says = `${quote(cells.text(layout.stamp))} was never on the clock: it was put forward over it`;
    const hasEnergy = outputs.some(({ index, number: reader }) => {
      return (
        !reader.read(cells.bytes, cells.starts[index]!, cells.ends[index]!) ||
        !(Number.isNaN(reader.value) || reader.value === 0)
      );
    });
    if (hasEnergy) this.#told.rejectCell(layout.stamp, 'CSV-6', says);
    else this.#told.warn(layout.stamp, 'CSV-6', says, 'ignored');
  }
}
