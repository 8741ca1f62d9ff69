import { instant, type Zone } from '../../units/time.ts';
import { Findings } from '../findings.ts';
import type { FileHeader, FormatContext, FormatReader, FormatSink } from '../format.ts';
import { type LineEnding, type LineHandler, LineScanner } from '../line-scanner.ts';
import { cut, type Finding, quote } from '../problem.ts';
import { Cells } from './cells.ts';
import type { Profile } from './profile.ts';
import { RowFindings } from './row-findings.ts';
import { isHeaderOf, layoutOf, type RowLayout } from './row-layout.ts';
import { isAt } from './row-quality.ts';
import { RowTaker } from './row-taker.ts';
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
  readonly #told: RowFindings;
  readonly #taker: RowTaker;
  readonly #header: FileHeader;
  readonly #series: SeriesOfRows;
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
    this.#told = new RowFindings(this.#findings);
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
    this.#taker = new RowTaker(profile, this.#series, new WallClock(zoneOf(profile, context)), this.#told);
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
    this.#told.at(cells, start, number);
    if (cells.openQuote >= 0) {
      const says = 'a quotation mark is opened here and not closed on this line';
      this.#told.reject(cells.openQuote, 'CSV-1', says);
      return;
    }
    if (cells.count === 1 && cells.isEmpty(0)) {
      this.#leave();
      return;
    }
    if (this.#isIgnored(layout)) return;
    const isWhole = cells.count >= layout.cells;
    if ((isWhole && this.#taker.take(layout, cells, number)) || this.#switchTable(bytes, start, end, number)) return;
    const says = `the row has ${cells.count} of the ${layout.cells} cells it needs`;
    if (isWhole) this.#taker.refuseStamp(layout, cells);
    else this.#told.reject(end, 'CSV-3', says);
  }

  #isIgnored(layout: RowLayout): boolean {
    for (const { index, startsWith, because } of layout.ignore) {
      if (index >= this.#cells.count) continue;
      const { bytes, starts, ends } = this.#cells;
      const from = starts[index]!;
      const to = from + startsWith.length;
      if (to > ends[index]! || !isAt(bytes, from, startsWith)) continue;
      this.#told.ignoreRows(`rows with ${quote(startsWith.toString('utf8'))} are left out: ${because}`);
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
