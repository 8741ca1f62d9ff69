import { type Flow, flowOfSuffix, flows } from '../../accounts/meter-point.ts';
import { parseCsvLine, plainCell } from '../../kernel/csv.ts';
import { type ArchiveForm, archiveColumns, registerOfCell } from '../../readings/archive-text.ts';
import { instant, parseInstant, type Zone } from '../../units/time.ts';
import type { Findings } from '../findings.ts';
import type { Format, FormatContext, FormatReader, FormatSink } from '../format.ts';
import { firstLineOf } from '../head.ts';
import { quote } from '../problem.ts';
import { lengthsBetween } from './lengths-between.ts';
import { LineFileReader, type LineVerdict, rejected } from './line-file.ts';
import { type ReadingRow, ReadingRows, readValue } from './reading-rows.ts';

const header = archiveColumns.now.join(',');
const headerBefore = archiveColumns.before.join(',');
const isHeader = (line: string) => line === header || line === headerBefore;

/**
 * archive/daily_….csv and monthly_….csv of our own. What they do not carry: versions, methods and reasons, and what was told of
 * registers (exports to CSV do). Those that were written before they had a column for it leave flow and length of a channel to be found
 * out: the flow by an NMI suffix, the length by where the next interval begins.
 */
export const wattledgerArchive: Format = {
  name: 'wattledger-archive',
  title: 'wattledger archive (CSV)',
  looksLike: head => isHeader(firstLineOf(head)),
  reader: readArchive,
};

function readArchive(sink: FormatSink, context: FormatContext): FormatReader {
  const rows = new ReadingRows(sink, 1, 2);
  const lengthless = new LengthlessRows(rows);
  const read = (text: string, line: number, findings: Findings): LineVerdict => {
    rows.forget();
    if (isHeader(text.replace(/^\ufeff/, ''))) return 'skipped';
    const row = readRow(text);
    if (typeof row === 'string') return rejected('ARC-1', text, row);
    if (row.kind === 'channel' && row.minutes === 0) lengthless.take(row, line, findings);
    else {
      lengthless.flush();
      rows.take(row, line, text);
    }
    return 'record';
  };
  return new LineFileReader(sink, context, 'wattledger-archive', read, {
    quickly: (bytes, start, end, line) => rows.takeAlike(bytes, start, end, line),
    finish: () => {
      lengthless.flush();
      rows.flush();
    },
  });
}

function formOf(cells: number): ArchiveForm {
  return cells === archiveColumns.now.length ? 'now' : 'before';
}

const minutesMax = 527_040;
const utc = 'UTC' as Zone;

/** The row, or why it is none; of a channel whose length is not told, 0 minutes. */
function readRow(text: string): ReadingRow | string {
  const cells = (text.includes('"') ? parseCsvLine(text) : text.split(','))?.map(plainCell);
  const { now, before } = archiveColumns;
  if (cells?.length !== now.length && cells?.length !== before.length)
    return `${cells?.length ?? 'no'} cells where there are ${now.length}, or ${before.length} in an older archive`;
  const [meterPoint, time, number, kind, named, unit, qualityText, flowText, length] = cells as [string, ...string[]];
  if (kind !== 'register' && kind !== 'channel') return `${quote(kind!)} is neither register nor channel`;
  const [meter, code] = kind === 'register' ? registerOfCell(named!, formOf(cells.length)) : ['', named];
  if (!meterPoint || !code) return 'the meter or the code is empty';
  const flow = flowText === undefined ? flowBefore(kind, code, unit!) : flows.find(each => each === flowText);
  if (!flow) return `${quote(flowText!)} is not one of ${flows.join(', ')}`;
  const measured = readValue(kind, number!, qualityText!);
  if (typeof measured === 'string') return measured;
  // Without an offset nobody would know which of the two hours it is that a clock change repeats.
  const at = /Z$|[+-]\d\d:\d\d$/.test(time!) ? parseInstant(time!, utc) : undefined;
  if (at === undefined) return `${quote(time!)} is not a time with its offset`;
  const minutes = length === undefined ? 0 : /^\d{1,6}$/.test(length) ? Number(length) : -1;
  if (minutes < 0 || minutes > minutesMax || (length !== undefined && (kind === 'channel') !== minutes > 0))
    return `${quote(length!)} is no length for a ${kind}`;
  const words = { method: '', reasonCode: '', reasonText: '' };
  const place = { meterPoint, kind, code, meter, flow, unit: unit!, at, minutes } as const;
  return { ...place, ...measured, versionAt: instant(0), ...words };
}

/** Where nobody said: registers count from the grid, as in all files that do not tell; what a channel's code means has to be known. */
function flowBefore(kind: ReadingRow['kind'], code: string, unit: string): Flow {
  if (unit !== 'kWh') return 'none';
  return kind === 'register' ? 'from-grid' : flowOfSuffix(code);
}

// Two weeks of minutes. A month of them is more than anybody archives in one channel.
const rowsMax = 20_160;

/** Holds rows of one channel back until it is seen where each of its intervals ends. */
class LengthlessRows {
  readonly #rows: ReadingRows;
  #held: { row: ReadingRow; line: number }[] = [];
  readonly #told = new Set<string>();

  constructor(rows: ReadingRows) {
    this.#rows = rows;
  }

  take(row: ReadingRow, line: number, findings: Findings): void {
    const last = this.#held.at(-1)?.row;
    if (last && (last.meterPoint !== row.meterPoint || last.code !== row.code || this.#held.length >= rowsMax))
      this.flush();
    this.#held.push({ row, line });
    if (row.flow === 'none' && row.unit === 'kWh') this.#tellFlow(row, line, findings);
  }

  flush(): void {
    const lengths = lengthsBetween(this.#held.map(({ row }) => row.at));
    for (const [n, { row, line }] of this.#held.entries()) this.#rows.take({ ...row, minutes: lengths[n]! }, line);
    this.#held = [];
  }

  #tellFlow({ meterPoint, code }: ReadingRow, line: number, findings: Findings): void {
    const name = `${meterPoint} ${code}`;
    if (this.#told.has(name)) return;
    this.#told.add(name);
    const says = `an older archive does not say which way ${name} counts: unless it is registered already, it is never billed`;
    findings.add(line, { column: 1, rule: 'ARC-2', severity: 'warning', raw: name, says, action: 'ignored' });
  }
}
