import { Refusal } from '../kernel/errors.ts';
import { type PlainReading, scanInstant, scanMicroKwh, surprise } from './plain-reading.ts';
import type { BatchItem } from './post-readings.ts';
import { Batch, isBlank, itemsMax, readItem, tooMany } from './read-batch.ts';
import { postedQuality } from './scan-json.ts';

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
} as const;
type Field = (typeof columnNames)[keyof typeof columnNames];

/** CSV with a header that names the columns, in any order. Throws 'body-malformed' for the header and 'too-many-items'. */
export function readCsv(body: Buffer): Batch {
  const text = body.toString('latin1');
  const bom = text.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0;
  const headerEnd = endOfLine(text, bom);
  const columns = readHeader(body.toString('utf8', bom, headerEnd));
  const items: BatchItem[] = [];
  const lines: number[] = [];
  let line = 1;
  for (let from = headerEnd + 1; from < text.length; ) {
    const to = endOfLine(text, from);
    line += 1;
    if (!isBlank(text, from, to)) {
      if (items.length === itemsMax) throw tooMany('There are more lines');
      items.push(scanRow(text, from, to, columns) ?? readRow(body.toString('utf8', from, to), columns));
      lines.push(line);
    }
    from = to + 1;
  }
  return new Batch(items, lines);
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline < 0 ? text.length : newline;
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

/** A row without quotation marks, spaces and empty cells; undefined at anything that needs the careful road. */
function scanRow(text: string, from: number, to: number, columns: readonly Field[]): PlainReading | undefined {
  const end = text.charCodeAt(to - 1) === 13 ? to - 1 : to;
  const reading: PlainReading = {
    meterPoint: '',
    kind: 'register',
    code: undefined,
    at: surprise as PlainReading['at'],
    value: surprise as PlainReading['value'],
    quality: 'actual',
  };
  let cell = from;
  for (let column = 0; column < columns.length; column++) {
    let cellEnd = cell;
    for (; cellEnd < end; cellEnd++) {
      const character = text.charCodeAt(cellEnd);
      if (character === 44) break;
      if (character <= 32 || character > 126 || character === 34) return undefined;
    }
    const isLast = column === columns.length - 1;
    if (cellEnd === cell || isLast !== (cellEnd === end)) return undefined;
    if (!put(reading, columns[column]!, text, cell, cellEnd)) return undefined;
    cell = cellEnd + 1;
  }
  return reading;
}

function put(reading: PlainReading, field: Field, text: string, from: number, to: number): boolean {
  switch (field) {
    case 'meterPoint':
      reading.meterPoint = text.slice(from, to);
      return to - from <= 40;
    case 'at':
    case 'start':
      reading.at = scanInstant(text, from, to) as PlainReading['at'];
      return reading.at !== surprise;
    case 'energy':
      reading.kind = 'channel';
      reading.value = scanMicroKwh(text, from, to) as PlainReading['value'];
      return reading.value !== surprise;
    case 'value':
      reading.value = scanMicroKwh(text, from, to) as PlainReading['value'];
      return reading.value !== surprise;
    case 'register':
    case 'channel':
      reading.code = text.slice(from, to);
      return to - from <= 20;
    case 'unit':
      return text.slice(from, to) === 'kWh';
    case 'quality': {
      const quality = postedQuality(text.slice(from, to));
      if (quality) reading.quality = quality;
      return quality !== undefined;
    }
  }
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
