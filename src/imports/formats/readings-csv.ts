import { type Flow, flows } from '../../accounts/meter-point.ts';
import { parseCsvLine } from '../../kernel/csv.ts';
import { type Quality, qualities, qualityCode } from '../../readings/reading.ts';
import { microKwh, parseEnergy } from '../../units/energy.ts';
import { type Instant, instant, parseInstant, type Zone } from '../../units/time.ts';
import {
  type ChannelRole,
  type Format,
  type FormatContext,
  type FormatReader,
  type FormatSink,
  type IntervalChannel,
  plainRegisterReading,
  type QualitySpan,
} from '../format.ts';
import { firstLineOf } from '../head.ts';
import { quote } from '../problem.ts';
import { KnownRow } from './known-row.ts';
import { LineFileReader, type LineVerdict, rejected } from './line-file.ts';
import { RunOfRows } from './run-of-rows.ts';

const header = 'meter_point,kind,code,meter,flow,unit,at,minutes,value,quality,version,method,reason_code,reason_text';

/** What wattledger itself exports as CSV: each line a reading with everything known of it. */
export const readingsCsv: Format = {
  name: 'readings-csv',
  title: 'wattledger readings (CSV)',
  looksLike: head => firstLineOf(head) === header,
  reader: readReadings,
};

function readReadings(sink: FormatSink, context: FormatContext): FormatReader {
  let channel: IntervalChannel | undefined;
  const runs = new RunOfRows(run => sink.intervals(run));
  const known = new KnownRow();
  const read = (text: string, line: number): LineVerdict => {
    known.forget();
    if (text.replace(/^\ufeff/, '') === header) return 'skipped';
    const row = readRow(text);
    if (typeof row === 'string') return rejected('CSV-1', text, row);
    if (row.kind === 'register') {
      runs.flush();
      emitRegister(sink, row, line);
      return 'record';
    }
    channel = channel && isSame(channel, row) ? channel : channelOf(row, line);
    runs.begin(channel, spanOf(row), qualityCode(row.quality), row.versionAt);
    runs.push(row.at, row.value, line);
    if (!Number.isNaN(row.value)) known.remember(text);
    return 'record';
  };
  return new LineFileReader(sink, context, 'readings-csv', read, {
    quickly: (bytes, start, end, line) => {
      if (!known.reads(bytes, start, end)) return false;
      runs.push(known.at, known.value, line);
      return true;
    },
    finish: () => runs.flush(),
  });
}

interface Row extends Omit<QualitySpan, 'from' | 'to' | 'flag'> {
  meterPoint: string;
  kind: 'register' | 'channel';
  code: string;
  meter: string;
  flow: Flow;
  unit: string;
  at: Instant;
  minutes: number;
  /** NaN is missing. */
  value: number;
  quality: Quality;
  versionAt: Instant;
}

const minutesMax = 527_040;
const utc = 'UTC' as Zone;

/** The row, or why it is none. */
function readRow(text: string): Row | string {
  const cells = parseCsvLine(text)?.map(plain);
  if (cells?.length !== 14) return `${cells?.length ?? 'no'} cells where there are 14`;
  const [meterPoint, kind, code, meter, flowText, unit, time, length, number] = cells as [string, ...string[]] &
    string[];
  const [qualityText, version, method, reasonCode, reasonText] = cells.slice(9) as [
    string,
    string,
    string,
    string,
    string,
  ];
  if (!meterPoint || !code) return 'the meter point or the code is empty';
  if (kind !== 'register' && kind !== 'channel') return `${quote(kind!)} is neither register nor channel`;
  const flow = flows.find(each => each === flowText);
  if (!flow) return `${quote(flowText!)} is not one of ${flows.join(', ')}`;
  const quality = qualities.find(each => each === qualityText);
  if (!quality) return `${quote(qualityText)} is not one of ${qualities.join(', ')}`;
  const at = parseInstant(time!, utc);
  if (at === undefined) return `${quote(time!)} is not a time`;
  const versionAt = version === '' ? instant(0) : parseInstant(version, utc);
  if (versionAt === undefined) return `${quote(version)} is not a time`;
  const minutes = /^\d{1,6}$/.test(length!) ? Number(length) : -1;
  if (minutes < 0 || minutes > minutesMax || (kind === 'channel') !== minutes > 0)
    return `${quote(length!)} is no length for a ${kind}`;
  const parsed = number === '' ? undefined : parseEnergy(number!);
  if (parsed && !parsed.ok) return `${quote(number!)} is not a number`;
  if (kind === 'register' && !parsed) return 'a register has a value';
  const value = parsed?.ok ? parsed.microKwh : Number.NaN;
  if (Number.isNaN(value) !== (quality === 'missing'))
    return 'a value is missing, or its quality says so, and not both';
  const place = { meterPoint, kind, code, meter: meter!, flow, unit: unit!, at, minutes } as const;
  return { ...place, value, quality, versionAt, method, reasonCode, reasonText };
}

/** A text that would have run as a formula was written with an apostrophe in front (kernel/csv.ts). */
function plain(cell: string): string {
  return /^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

const flags: Record<Quality, string> = {
  ...{ actual: 'A', customer: 'A', deemed: 'E', estimated: 'E' },
  ...{ substituted: 'S', final: 'F', missing: 'N' },
};

function spanOf({ quality, method, reasonCode, reasonText }: Row): QualitySpan {
  return { from: 0, to: 1, flag: flags[quality], method, reasonCode, reasonText };
}

function emitRegister(sink: FormatSink, row: Row, line: number): void {
  const { meterPoint, code, meter, flow, unit, at, value, quality, versionAt } = row;
  sink.registerReading({
    ...{ meterPoint, meterSerial: meter, registerId: code, flow, unit, at },
    ...{ value: microKwh(value), quality, versionAt, line },
    ...plainRegisterReading,
    span: spanOf(row),
  });
}

function channelOf({ meterPoint, code, flow, unit, minutes }: Row, line: number): IntervalChannel {
  const role: ChannelRole = flow === 'none' ? 'other' : flow;
  const rest = { nmiConfiguration: '', registerId: '', meterSerial: '', isEnergy: flow !== 'none' };
  return { meterPoint, suffix: code, role, unit, lengthMinutes: minutes, line, ...rest };
}

function isSame(channel: IntervalChannel, { meterPoint, code, flow, unit, minutes }: Row): boolean {
  const { suffix, lengthMinutes, role } = channel;
  const same = channel.meterPoint === meterPoint && suffix === code && channel.unit === unit;
  return same && lengthMinutes === minutes && role === (flow === 'none' ? 'other' : flow);
}
