import { type Quality, qualityCode } from '../../readings/reading.ts';
import { instant, secondsPerDay, type Zone } from '../../units/time.ts';
import { Findings } from '../findings.ts';
import type { FileHeader, FormatContext, FormatReader, FormatSink } from '../format.ts';
import { type LineEnding, type LineHandler, LineScanner } from '../line-scanner.ts';
import { cut, type Finding, quote } from '../problem.ts';
import { Cells } from './cells.ts';
import type { Profile } from './profile.ts';
import { isHeaderOf, layoutOf, type RowLayout } from './row-layout.ts';
import { RowMoment } from './row-moment.ts';
import { SeriesOfRows } from './series-of-rows.ts';
import { ToUtf8 } from './text-decoder.ts';
import { WallClock } from './wall-clock.ts';

// Lines above the header are kept for a serial that stands there; a header has no more cells than a day of minutes and its labels.
const linesAboveMax = 20;
const headerCellsMax = 2000;

/** Reads the CSV files of one profile in constant memory: a line at a time, and of each channel at most a day. */
export class ProfileReader implements FormatReader, LineHandler {
  readonly #profile: Profile;
  readonly #sink: FormatSink;
  readonly #findings: Findings;
  readonly #scanner = new LineScanner(this);
  readonly #decoder: ToUtf8;
  readonly #headerCells: Cells;
  readonly #moment: RowMoment;
  readonly #clock: WallClock;
  readonly #quality: ReadonlyMap<string, number>;
  readonly #header: FileHeader;
  #series: SeriesOfRows;
  #cells: Cells;
  #layout: RowLayout | undefined;
  #above: string[][] = [];
  #skip: number;
  #sawHeader = false;
  #opened = false;

  constructor(profile: Profile, sink: FormatSink, context: FormatContext) {
    this.#profile = profile;
    this.#sink = sink;
    this.#findings = new Findings(sink, context);
    this.#decoder = new ToUtf8(profile.encoding);
    this.#headerCells = new Cells(profile.delimiter, headerCellsMax);
    this.#cells = new Cells(profile.delimiter, 1);
    this.#clock = new WallClock(zoneOf(profile, context));
    this.#moment = new RowMoment(profile, this.#clock);
    this.#quality = new Map(
      profile.quality?.words.map(({ word, quality }) => [word.toLowerCase(), qualityCode(quality)]),
    );
    this.#header = {
      reference: '',
      flow: profile.title,
      sender: '',
      receiver: '',
      createdAt: instant(0),
      testFlag: '',
      isTest: false,
    };
    this.#series = new SeriesOfRows(profile, context, sink);
    this.#skip = profile.skipLines;
    const [table] = profile.tables;
    if (table?.header.length === 0) this.#enter(layoutOf(profile, table, []), 0, profile.skipLines);
  }

  push(chunk: Uint8Array): void {
    this.#open();
    this.#scanner.push(this.#decoder.push(chunk));
  }

  end(): void {
    this.#open();
    this.#scanner.push(this.#decoder.end());
    this.#scanner.end();
    this.#series.flush();
    if (!this.#sawHeader) {
      const wanted = this.#profile.tables[0]!.header.map(quote).join(', ');
      this.#add(0, 0, {
        rule: 'CSV-2',
        severity: 'error',
        says: `no row has the headings ${wanted}`,
        action: 'rejected',
      });
    }
    const { errors, warnings } = this.#findings;
    // Nothing in such a file says where it ends.
    const facts = { complete: true, lines: this.#scanner.lines, records: this.#series.records, errors, warnings };
    this.#sink.closed({ ...this.#header, ...facts });
  }

  byteOrderMark(): void {}

  lineTooLong(beginning: string, number: number): void {
    const says = 'the line is too long to be a row';
    this.#add(number, 1, { rule: 'X-3', severity: 'error', raw: beginning, says, action: 'rejected' });
  }

  line(bytes: Buffer, start: number, end: number, number: number, ending: LineEnding): void {
    if (start === end) {
      this.#leave();
      return;
    }
    if (this.#skip > 0) {
      this.#skip -= 1;
      return;
    }
    if (ending === 'none' && this.#layout) {
      const { severityByMode: severity } = this.#findings;
      const says = 'the file does not end with a line end: its last line may be cut off';
      const action = severity === 'error' ? 'rejected' : 'ignored';
      this.#add(number, 1, {
        rule: 'X-2',
        severity,
        raw: cut(bytes.toString('utf8', start, Math.min(end, start + 200))),
        says,
        action,
      });
      if (severity === 'error') return;
    }
    const layout = this.#layout;
    if (!layout) {
      this.#outside(bytes, start, end, number);
      return;
    }
    const cells = this.#cells;
    cells.split(bytes, start, end);
    if (cells.openQuote >= 0) {
      this.#reject(
        number,
        start,
        cells.openQuote,
        'CSV-1',
        'a quotation mark is opened here and not closed on this line',
      );
      return;
    }
    if (cells.count === 1 && cells.isEmpty(0)) {
      this.#leave();
      return;
    }
    if (this.#isIgnored(layout, number)) return;
    if (cells.count < layout.cells) {
      if (this.#switchTable(bytes, start, end, number)) return;
      const says = `the row has ${cells.count} of the ${layout.cells} cells it needs`;
      this.#reject(number, start, end, 'CSV-3', says, '');
      return;
    }
    this.#row(layout, bytes, start, end, number);
  }

  #row(layout: RowLayout, bytes: Buffer, start: number, end: number, number: number): void {
    const cells = this.#cells;
    const moment = this.#moment;
    if (!moment.read(cells, layout)) {
      if (this.#switchTable(bytes, start, end, number)) return;
      const index = moment.failedCell;
      const text = cells.text(index);
      const { stamp } = this.#profile;
      const pattern = index === layout.time ? stamp.time!.pattern : stamp.pattern;
      this.#reject(number, start, cells.starts[index]!, 'CSV-5', `${quote(text)} is not written as ${pattern}`, text);
      return;
    }
    const { wall } = moment;
    const rows = this.#series.of(layout, cells);
    if (rows.refusal !== undefined) {
      const at = rows.column >= 0 ? cells.starts[rows.column]! : start;
      if (rows.column >= 0) this.#reject(number, start, at, 'CSV-4', rows.refusal, cells.text(rows.column));
      else
        this.#findings.addOnce(rows.refusal, 0, {
          rule: 'CSV-4',
          severity: 'error',
          says: rows.refusal,
          action: 'rejected',
        });
      return;
    }
    const code = this.#qualityOf(layout, number, start);
    if (code < 0) return;
    if (this.#profile.day) {
      this.#dayRow(rows, wall, code, number, start);
      return;
    }
    let at = this.#profile.zone === 'offset' ? wall - moment.offset : this.#clock.toInstant(wall, rows.track);
    // A day without a time of day begins at 01:00 where the clock skips midnight.
    if (Number.isNaN(at) && !moment.hasTime) at = this.#clock.toInstant(wall + 3600, rows.track);
    if (Number.isNaN(at)) {
      this.#skippedTime(rows, layout, number, start);
      return;
    }
    let minutes = this.#series.minutes;
    if (minutes < 0 && rows.hasIntervals) {
      const seconds = moment.lengthOf(cells, layout, at);
      if (!(seconds > 0) || seconds % 60 !== 0 || seconds > secondsPerDay + 3600) {
        const index = layout.duration >= 0 ? layout.duration : layout.until >= 0 ? layout.until : layout.stamp;
        const says = `${quote(cells.text(index))} does not give an interval of whole minutes up to a day`;
        this.#reject(number, start, cells.starts[index]!, 'CSV-4', says, cells.text(index));
        return;
      }
      minutes = seconds / 60;
    }
    if (this.#profile.edge === 'end' && rows.hasIntervals) at -= minutes * 60;
    for (let output = 0; output < rows.outputs.length; output++) {
      const each = rows.outputs[output]!;
      const { index, number: reader } = each;
      const from = cells.starts[index]!;
      if (!reader.read(bytes, from, cells.ends[index]!)) {
        this.#badNumber(number, start, index, reader.says);
        continue;
      }
      if (reader.rounded) this.#rounded(number, start, index);
      this.#series.take(each, at, minutes, reader.value, code, number);
      if (each.says !== '') this.#badNumber(number, start, index, each.says);
    }
  }

  #dayRow(rows: ReturnType<SeriesOfRows['of']>, midnight: number, code: number, number: number, start: number): void {
    const { columns, minutes, counted } = this.#profile.day!;
    const length = minutes * 60;
    const each = rows.outputs[0]!;
    const cells = this.#cells;
    const begin = this.#clock.candidates(midnight)[0] ?? midnight;
    const there = ((this.#clock.candidates(midnight + secondsPerDay)[0] ?? begin + secondsPerDay) - begin) / length;
    if (counted === 'elapsed' && there > columns)
      this.#warn(
        number,
        start,
        each.index,
        'CSV-6',
        `the day has ${there} intervals and the row ${columns} columns`,
        'ignored',
      );
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
        this.#warn(number, start, index, 'CSV-6', says, 'repaired');
      }
      if (!Number.isNaN(at)) previous = at;
      if (!each.number.read(cells.bytes, cells.starts[index]!, cells.ends[index]!)) {
        this.#badNumber(number, start, index, each.number.says);
        continue;
      }
      const { value } = each.number;
      if (each.number.rounded) this.#rounded(number, start, index);
      if (Number.isNaN(at)) {
        const says = 'the day has no such interval: the clock was put forward';
        if (!Number.isNaN(value) && value !== 0)
          this.#reject(number, start, cells.starts[index]!, 'CSV-6', says, cells.text(index));
        continue;
      }
      this.#series.take(each, at, minutes, value, code, number);
      if (each.says !== '') this.#badNumber(number, start, index, each.says);
    }
  }

  #qualityOf(layout: RowLayout, number: number, start: number): number {
    if (layout.quality < 0 || this.#cells.isEmpty(layout.quality))
      return this.#quality.get('') ?? qualityCode('actual' satisfies Quality);
    const text = this.#cells.text(layout.quality);
    const code = this.#quality.get(text.toLowerCase());
    if (code !== undefined) return code;
    this.#reject(
      number,
      start,
      this.#cells.starts[layout.quality]!,
      'CSV-10',
      `${quote(text)} is no quality the profile knows`,
      text,
    );
    return -1;
  }

  #isIgnored(layout: RowLayout, number: number): boolean {
    for (const { index, startsWith, because } of layout.ignore) {
      if (index >= this.#cells.count) continue;
      const { bytes, starts, ends } = this.#cells;
      const from = starts[index]!;
      const to = from + startsWith.length;
      if (to > ends[index]! || startsWith.compare(bytes, from, to) !== 0) continue;
      const says = `rows with ${quote(startsWith.toString('utf8'))} are left out: ${because}`;
      this.#findings.addOnce(says, number, { rule: 'CSV-9', severity: 'warning', says, action: 'ignored' });
      return true;
    }
    return false;
  }

  #outside(bytes: Buffer, start: number, end: number, number: number): void {
    if (this.#switchTable(bytes, start, end, number) || this.#sawHeader) return;
    if (this.#profile.meterPoint.from !== 'above') return;
    this.#above.push(this.#headerTexts(bytes, start, end));
    if (this.#above.length > linesAboveMax) this.#above.shift();
  }

  #switchTable(bytes: Buffer, start: number, end: number, number: number): boolean {
    const { tables } = this.#profile;
    if (tables[0]!.header.length === 0) return false;
    const texts = this.#headerTexts(bytes, start, end);
    const table = tables.find(each => isHeaderOf(each, texts));
    if (!table) return false;
    this.#enter(layoutOf(this.#profile, table, texts), number, this.#profile.skipAfterHeader);
    return true;
  }

  #enter(layout: RowLayout | string, number: number, skip: number): void {
    this.#sawHeader = true;
    this.#skip = skip;
    if (typeof layout === 'string') {
      this.#layout = undefined;
      this.#add(number, 1, { rule: 'CSV-2', severity: 'error', says: layout, action: 'rejected' });
      return;
    }
    if (layout.table === this.#layout?.table && layout.headings.join() === this.#layout.headings.join()) return;
    this.#layout = layout;
    this.#cells = new Cells(this.#profile.delimiter, layout.cells);
    this.#series.enter(layout, this.#above);
  }

  /** A blank line ends a table where there are several (CSV-3). */
  #leave(): void {
    if (this.#profile.tables.length > 1) this.#layout = undefined;
  }

  #headerTexts(bytes: Buffer, start: number, end: number): string[] {
    const cells = this.#headerCells;
    cells.split(bytes, start, end);
    return Array.from({ length: cells.count }, (_, index) => cells.text(index));
  }

  #skippedTime(rows: ReturnType<SeriesOfRows['of']>, layout: RowLayout, number: number, start: number): void {
    const cells = this.#cells;
    const says = `${quote(cells.text(layout.stamp))} was never on the clock: it was put forward over it`;
    const hasEnergy = rows.outputs.some(({ index, number: reader }) => {
      return (
        !reader.read(cells.bytes, cells.starts[index]!, cells.ends[index]!) ||
        !(Number.isNaN(reader.value) || reader.value === 0)
      );
    });
    if (hasEnergy) this.#reject(number, start, cells.starts[layout.stamp]!, 'CSV-6', says, cells.text(layout.stamp));
    else this.#warn(number, start, layout.stamp, 'CSV-6', says, 'ignored');
  }

  #badNumber(number: number, start: number, index: number, says: string): void {
    const text = this.#cells.text(index);
    this.#reject(number, start, this.#cells.starts[index]!, 'CSV-4', `${quote(text)} ${says}`, text);
  }

  #rounded(number: number, start: number, index: number): void {
    const says = `${quote(this.#cells.text(index))} has more decimals than a millionth of a kWh and was rounded`;
    this.#warn(number, start, index, 'CSV-4', says, 'repaired');
  }

  #warn(
    number: number,
    start: number,
    index: number,
    rule: string,
    says: string,
    action: 'repaired' | 'ignored',
  ): void {
    const column = this.#columnOf(start, this.#cells.starts[index]!);
    this.#add(number, column, { rule, severity: 'warning', raw: this.#cells.text(index), says, action });
  }

  #reject(number: number, start: number, at: number, rule: string, says: string, raw = ''): void {
    this.#add(number, this.#columnOf(start, at), { rule, severity: 'error', raw, says, action: 'rejected' });
  }

  #columnOf(start: number, at: number): number {
    return this.#cells.bytes.toString('utf8', start, at).length + 1;
  }

  #add(number: number, column: number, finding: Finding): void {
    this.#findings.add(number, { ...finding, column: Math.max(1, column) });
  }

  #open(): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#sink.opened(this.#header);
  }
}

function zoneOf({ zone }: Profile, { siteZone, marketZone }: FormatContext): Zone {
  if (zone === 'site') return siteZone ?? marketZone ?? ('UTC' as Zone);
  return (zone === 'offset' ? 'UTC' : zone) as Zone;
}
