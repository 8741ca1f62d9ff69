import { Refusal } from '../kernel/errors.ts';
import type { BatchItem } from './post-readings.ts';
import { Batch, itemsMax } from './posted-batch.ts';
import { newline, readItem, skipBlanks, tooMany, utf8Of } from './read-batch.ts';
import { PortionReader } from './read-portions.ts';
import type { ReadingNames } from './reading-names.ts';
import { RowScanner } from './scan-rows.ts';
import type { Field } from './scanned-reading.ts';

// What a column may be called; meter_id, timestamp and reading are the names the power consumption API used.
const columnNames = {
  meterPoint: 'meterPoint',
  meter_id: 'meterPoint',
  at: 'at',
  timestamp: 'at',
  start: 'start',
  value: 'value',
  reading: 'value',
  energy: 'energy',
  register: 'register',
  channel: 'channel',
  unit: 'unit',
  quality: 'quality',
} as const satisfies Record<string, Field>;

/** CSV with a header that names the columns, in any order. Refuses with 'body-malformed' for the header and 'too-many-items'. */
export class CsvReader extends PortionReader {
  protected readonly batch: Batch;
  #columns: readonly Field[] = [];
  /** Once the header is read. */
  #scanner: RowScanner | undefined;
  #line = 1;

  constructor(names: ReadingNames) {
    super();
    this.batch = new Batch(names, true);
  }

  protected scan(bytes: Uint8Array, end: number): number {
    let from = 0;
    if (!this.#scanner) {
      const to = bytes.indexOf(newline);
      if (to < 0 || to >= end) return 0;
      this.#readHeader(utf8Of(bytes, 0, to));
      from = to + 1;
    }
    return this.#scanner ? this.#scanRows(this.#scanner, bytes, from, end) : end;
  }

  protected assertWhole(): void {
    if (!this.#scanner) this.#readHeader('');
  }

  #readHeader(line: string): void {
    try {
      this.#columns = readHeader(line.startsWith('\ufeff') ? line.slice(1) : line);
      this.#scanner = new RowScanner(this.#columns);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.refusal = error;
    }
  }

  #scanRows(scanner: RowScanner, bytes: Uint8Array, begin: number, end: number): number {
    const { batch } = this;
    for (let from = begin; from < end; ) {
      const isPlain = scanner.scan(bytes, from);
      const to = isPlain ? scanner.position - 1 : bytes.indexOf(newline, from);
      if (to < 0 || to >= end) return from;
      this.#line += 1;
      if (isPlain || skipBlanks(bytes, from) < to) {
        if (batch.count === itemsMax) {
          this.refusal = tooMany('There are more lines');
          return end;
        }
        if (isPlain) batch.add(bytes, scanner.reading, this.#line);
        else batch.addItem(readRow(utf8Of(bytes, from, to), this.#columns), this.#line, to - from);
      }
      from = to + 1;
    }
    return end;
  }
}

function readHeader(line: string): Field[] {
  const names = splitRow(line) ?? [];
  const columns = names.map(name => {
    if (isColumnName(name.trim())) return columnNames[name.trim() as keyof typeof columnNames];
    throw malformed(`"${name.slice(0, 40)}" is not a column; there are ${Object.keys(columnNames).join(', ')}`);
  });
  if (new Set(columns).size < columns.length) throw malformed('two columns say the same');
  const has = (field: Field) => columns.includes(field);
  if (!has('meterPoint')) throw malformed('a column meterPoint is needed');
  const register = has('at') && has('value');
  const channel = has('start') && has('energy');
  if (register === channel || (register ? has('channel') || has('start') || has('energy') : has('register')))
    throw malformed('the columns are at and value (and register) or start and energy (and channel)');
  return columns;
}

function isColumnName(name: string): name is keyof typeof columnNames {
  return Object.hasOwn(columnNames, name);
}

function malformed(why: string): Refusal {
  const message = `line 1: ${why}.`;
  return new Refusal('body-malformed', message, [{ pointer: '', message }]);
}

/** The careful road: quotation marks are understood, an empty cell is a field that is absent. */
function readRow(line: string, columns: readonly Field[]): BatchItem {
  const cells = splitRow(line);
  if (!cells) return malformedRow('a quotation mark is not closed, or text follows one');
  if (cells.length !== columns.length)
    return malformedRow(`the line has ${cells.length} cells, the header ${columns.length}`);
  const entries = columns.map((field, at): [Field, string] => [field, cells[at]!.trim()]);
  return readItem(Object.fromEntries(entries.filter(([, cell]) => cell !== '')));
}

function malformedRow(message: string): BatchItem {
  return { verdict: 'rejected', code: 'body-malformed', pointer: '', message };
}

/** Cells of one line (RFC 4180 without line breaks in cells); undefined when its quotation marks do not pair. */
function splitRow(line: string): string[] | undefined {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  const cells: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const match = cell.exec(text);
    if (!match) return undefined;
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] === '') return cells;
  }
}
