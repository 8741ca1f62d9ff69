import { flows } from '../../accounts/meter-point.ts';
import { parseCsvLine, plainCell } from '../../kernel/csv.ts';
import { parseEnergy } from '../../units/energy.ts';
import { dayOf, instant, parseInstant, type Zone } from '../../units/time.ts';
import type { Format, FormatContext, FormatReader, FormatSink, RegisterMapping } from '../format.ts';
import { firstLineOf } from '../head.ts';
import { quote } from '../problem.ts';
import { LineFileReader, type LineVerdict, rejected } from './line-file.ts';
import { type ReadingRow, ReadingRows, readValue } from './reading-rows.ts';

const header = 'meter_point,kind,code,meter,flow,unit,at,minutes,value,quality,version,method,reason_code,reason_text';

/** Where a register has a map. */
const mapHeader = `${header},multiplier,digits`;
/** Where a meter was exchanged under its serial, at the first reading since then. */
const exchangeHeader = `${mapHeader},exchanged_at,final_value,first_value`;
/** Where conflicts were asked for: they stand behind the current ones, and wait again. */
const withStatus = (line: string) => `${line},status`;
const headers = new Set([header, mapHeader, exchangeHeader].flatMap(each => [each, withStatus(each)]));
const isHeader = (line: string) => headers.has(line);

/** What wattledger itself exports as CSV: each line a reading with everything known of it. */
export const readingsCsv: Format = {
  name: 'readings-csv',
  title: 'wattledger readings (CSV)',
  looksLike: head => isHeader(firstLineOf(head)),
  reader: readReadings,
};

function readReadings(sink: FormatSink, context: FormatContext): FormatReader {
  const rows = new ReadingRows(sink, 6, 8);
  const dials = new Map<string, string>();
  const zone = context.siteZone ?? utc;
  const read = (text: string, line: number): LineVerdict => {
    rows.forget();
    if (isHeader(text.replace(/^\ufeff/, ''))) return 'skipped';
    const row = readRow(text);
    if (typeof row === 'string') return rejected('CSV-1', text, row);
    if (row.kind === 'register') {
      rows.flush();
      tellDial(sink, row, dials, zone, line);
    }
    rows.take(row, line, text);
    return 'record';
  };
  return new LineFileReader(sink, context, 'readings-csv', read, {
    quickly: (bytes, start, end, line) => rows.takeAlike(bytes, start, end, line),
    finish: () => rows.flush(),
  });
}

interface Row extends ReadingRow {
  /** Of a register, what held for it; as sent, '' when nothing was told. */
  multiplier: string;
  digits: string;
  exchange: RegisterMapping['exchange'];
}

const minutesMax = 527_040;
const utc = 'UTC' as Zone;

/** The row, or why it is none. */
function readRow(text: string): Row | string {
  const cells = parseCsvLine(text)?.map(plainCell);
  const count = cells?.length ?? 0;
  if (!cells || ![14, 15, 16, 17, 19, 20].includes(count))
    return `${count || 'no'} cells where there are 14, 16 or 19, and one more with a status`;
  const status = count === 15 || count === 17 || count === 20 ? cells.pop()! : '';
  if (status !== '' && status !== 'conflict') return `${quote(status)} is not a status`;
  const [meterPoint, kind, code, meter, flowText, unit, time, length, number] = cells as [string, ...string[]] &
    string[];
  const [qualityText, version, method, reasonCode, reasonText, multiplier = '', digits = '', ...exchanged] =
    cells.slice(9) as [string, string, string, string, string, ...string[]];
  if (!meterPoint || !code) return 'the meter point or the code is empty';
  if (kind !== 'register' && kind !== 'channel') return `${quote(kind!)} is neither register nor channel`;
  const flow = flows.find(each => each === flowText);
  if (!flow) return `${quote(flowText!)} is not one of ${flows.join(', ')}`;
  const measured = readValue(kind, number!, qualityText);
  if (typeof measured === 'string') return measured;
  const at = parseInstant(time!, utc);
  if (at === undefined) return `${quote(time!)} is not a time`;
  const versionAt = version === '' ? instant(0) : parseInstant(version, utc);
  if (versionAt === undefined) return `${quote(version)} is not a time`;
  const minutes = /^\d{1,6}$/.test(length!) ? Number(length) : -1;
  if (minutes < 0 || minutes > minutesMax || (kind === 'channel') !== minutes > 0)
    return `${quote(length!)} is no length for a ${kind}`;
  if (multiplier !== '' && !(multiplierOf(multiplier) > 0)) return `${quote(multiplier)} is not a multiplier`;
  if (!/^[1-9]?$/.test(digits)) return `${quote(digits)} is not a number of digits from 1 to 9`;
  const exchange = readExchange(exchanged);
  if (exchange === 'wrong')
    return `${quote(exchanged.join(','))} is not when a meter was exchanged, its last value and the first one since`;
  const waits = status === 'conflict';
  const place = { meterPoint, kind, code, meter: meter!, flow, unit: unit!, at, minutes, waits } as const;
  return { ...place, ...measured, versionAt, method, reasonCode, reasonText, multiplier, digits, exchange };
}

function readExchange([at = '', last = '', first = '']: string[]): RegisterMapping['exchange'] | 'wrong' {
  if (at === '' && last === '' && first === '') return undefined;
  const [moment, final, next] = [parseInstant(at, utc), parseEnergy(last), parseEnergy(first)];
  const isRight = moment !== undefined && final.ok && next.ok && !final.rounded && !next.rounded;
  return isRight ? { at: moment, finalValue: final.microKwh, firstValue: next.microKwh } : 'wrong';
}

function multiplierOf(text: string): number {
  const parsed = parseEnergy(text);
  return parsed.ok && !parsed.rounded ? parsed.microKwh : Number.NaN;
}

/** What held for a register where the file comes from, when it is another thing than before. */
function tellDial(sink: FormatSink, row: Row, dials: Map<string, string>, zone: Zone, line: number): void {
  const { meterPoint, code, meter, flow, unit, at, multiplier, digits, exchange } = row;
  const told = {
    ...{ meterPoint, registerId: code, meterSerial: meter, flow, unit, derivedAt: at, from: dayOf(at, zone) },
    ...{ quantity: '', configuration: '', timePattern: '', versionAt: instant(0), line },
  };
  const key = [meterPoint, code, meter].join('\n');
  const dial = `${multiplier} ${digits}`;
  const isSame = dial === ' ' || dials.get(key) === dial;
  if (isSame && !exchange) return;
  if (!isSame) dials.set(key, dial);
  sink.registerMapping?.({
    ...told,
    ...(!isSame && multiplier !== '' && { multiplierMicro: multiplierOf(multiplier) }),
    ...(!isSame && digits !== '' && { digits: Number(digits) }),
    ...(exchange && { exchange }),
  });
}
