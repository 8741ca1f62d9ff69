import { Cells } from './cells.ts';
import type { Profile } from './profile.ts';
import { StampReader, skipBlanks } from './stamp-pattern.ts';
import { encodingOf, ToUtf8 } from './text-decoder.ts';

const delimiters: Profile['delimiter'][] = [';', '\t', '|', ','];
const cellsMax = 2000;
const linesMax = 400;

/** The beginning of a file, taken apart as far as it explains itself. */
export interface SampleTable {
  encoding: Profile['encoding'];
  delimiter: Profile['delimiter'];
  /** Every line of the sample as cells. */
  lines: string[][];
  /** Index in `lines`, -1 when there is none. */
  header: number;
  firstRow: number;
  /** Rows from `firstRow` on. */
  rows: string[][];
  columns: number;
}

/** Date patterns in the order they are tried, with the times that may follow. */
const datePatterns = [
  'yyyy-MM-dd',
  'dd-MM-yyyy',
  'dd/MM/yyyy',
  'MM/dd/yyyy',
  'MM-dd-yyyy',
  'dd.MM.yyyy',
  'yyyy/MM/dd',
  'yyyyMMdd',
];
const timePatterns = ['HH:mm[:ss]', 'hh:mm tt', 'HHmm'];

/** Takes the sample apart by its delimiter, and finds where its rows begin: at the first line with a date. undefined: no table. */
export function sampleTable(head: Uint8Array): SampleTable | undefined {
  const encoding = encodingOf(head) ?? (isUtf8(head) ? 'utf-8' : 'latin1');
  const text = Buffer.from(new ToUtf8(encoding).push(head))
    .toString('utf8')
    .replace(/^\ufeff/, '');
  const all = text.split(/\r\n|\n|\r/);
  // The sample may end in the middle of a line.
  const lines = all.slice(0, Math.min(linesMax, Math.max(1, all.length - 1)));
  const delimiter = delimiterOf(lines);
  if (delimiter === undefined) return undefined;
  const taken = lines.map(line => cellsOf(line, delimiter));
  const firstRow = taken.findIndex(cells => cells.length > 1 && cells.some(cell => dateTimesOf([cell]).length > 0));
  if (firstRow < 0) return undefined;
  const columns = taken[firstRow]!.length;
  const above = taken
    .slice(0, firstRow)
    .findLastIndex(cells => cells.length > 1 && cells.some(cell => /\p{L}/u.test(cell)));
  const rows = taken
    .slice(firstRow)
    .filter(cells => cells.length >= Math.min(2, columns) && cells.some(cell => cell !== ''));
  return { encoding, delimiter, lines: taken, header: above, firstRow, rows, columns };
}

/** Patterns of date, or date and time, that the cells fit, all but one in twenty. */
export function dateTimesOf(cells: readonly string[]): string[] {
  const candidates = datePatterns.flatMap(date => [
    date,
    ...[' ', 'T'].flatMap(gap => timePatterns.flatMap(time => [`${date}${gap}${time}`, `${date}${gap}${time}XXX`])),
  ]);
  return candidates.filter(pattern => fits(pattern, cells));
}

/** Patterns of a time of day that the cells fit, all but one in twenty. */
export function timesOf(cells: readonly string[]): string[] {
  return timePatterns.slice(0, 2).filter(pattern => fits(pattern, cells));
}

/** A file with a spoilt row is still the file it is. */
export function nearlyAll(cells: readonly string[], test: (cell: string) => boolean): boolean {
  let left = Math.floor(cells.length / 20);
  return cells.length > 0 && cells.every(cell => test(cell) || left-- > 0);
}

function fits(pattern: string, cells: readonly string[]): boolean {
  const reader = new StampReader(pattern);
  return nearlyAll(cells, cell => {
    const bytes = Buffer.from(cell, 'utf8');
    return reader.read(bytes, 0, bytes.length) && skipBlanks(bytes, reader.next, bytes.length) === bytes.length;
  });
}

function isUtf8(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('utf8');
  // A letter cut in two at the sample's end is no sign of another encoding.
  return !text.slice(0, -3).includes('\ufffd');
}

/** The one that cuts most lines into the same number of cells. */
function delimiterOf(lines: readonly string[]): Profile['delimiter'] | undefined {
  const told = /^"?sep=(.)/i.exec(lines[0] ?? '')?.[1];
  const named = delimiters.find(each => each === told);
  if (named) return named;
  let best: { delimiter: Profile['delimiter']; lines: number } | undefined;
  for (const delimiter of delimiters) {
    const counts = new Map<number, number>();
    for (const line of lines) {
      const { length } = cellsOf(line, delimiter);
      if (length > 1) counts.set(length, (counts.get(length) ?? 0) + 1);
    }
    const most = Math.max(0, ...counts.values());
    if (most > 0 && most > (best?.lines ?? 0)) best = { delimiter, lines: most };
  }
  return best?.delimiter;
}

export function cellsOf(line: string, delimiter: Profile['delimiter']): string[] {
  const cells = new Cells(delimiter, cellsMax);
  const bytes = Buffer.from(line, 'utf8');
  cells.split(bytes, 0, bytes.length);
  return Array.from({ length: cells.count }, (_, index) => cells.text(index));
}
