import type { Flow } from '../../accounts/meter-point.ts';
import { type Quality, qualities, qualityCode } from '../../readings/reading.ts';
import { microKwh, parseEnergy } from '../../units/energy.ts';
import type { Instant } from '../../units/time.ts';
import {
  type ChannelRole,
  type FormatSink,
  type IntervalChannel,
  plainRegisterReading,
  type QualitySpan,
} from '../format.ts';
import { quote } from '../problem.ts';
import { KnownRow } from './known-row.ts';
import { RunOfRows } from './run-of-rows.ts';

/** A reading as files of our own have it, a row each. */
export interface ReadingRow extends Omit<QualitySpan, 'from' | 'to' | 'flag'> {
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
  /** Absent in files that say nothing of it. */
  waits?: boolean;
}

/** Hands on rows as they come, those of a channel that follow one another together. */
export class ReadingRows {
  readonly #sink: FormatSink;
  readonly #runs: RunOfRows;
  readonly #known: KnownRow;
  #channel: IntervalChannel | undefined;

  /** Which cells have the time and the value, counted from 0. */
  constructor(sink: FormatSink, timeCell: number, valueCell: number) {
    this.#sink = sink;
    this.#runs = new RunOfRows(run => sink.intervals(run));
    this.#known = new KnownRow(timeCell, valueCell);
  }

  /** `text` is what the row was read from, where the next ones may be read by what differs from it. */
  take(row: ReadingRow, line: number, text?: string): void {
    if (text !== undefined && row.kind === 'channel' && !Number.isNaN(row.value)) this.#known.remember(text, row.at);
    if (row.kind === 'register') {
      this.#runs.flush();
      this.#sink.registerReading(registerReadingOf(row, line));
      return;
    }
    this.#channel = this.#channel && isSame(this.#channel, row) ? this.#channel : channelOf(row, line);
    this.#runs.begin(this.#channel, spanOf(row), qualityCode(row.quality), row.versionAt, row.waits);
    this.#runs.push(row.at, row.value, line);
  }

  /** Takes bytes [start, end) if they differ from the row before them in time and value alone; whether they did. */
  takeAlike(bytes: Buffer, start: number, end: number, line: number): boolean {
    const known = this.#known;
    if (!known.reads(bytes, start, end)) return false;
    this.#runs.push(known.at, known.value, line);
    return true;
  }

  /** A row that is read slowly: what comes next is like no row yet. */
  forget(): void {
    this.#known.forget();
  }

  flush(): void {
    this.#runs.flush();
  }
}

/** What a row says of its value, or why it says nothing. */
export function readValue(
  kind: ReadingRow['kind'],
  number: string,
  qualityText: string,
): Pick<ReadingRow, 'value' | 'quality'> | string {
  const quality = qualities.find(each => each === qualityText);
  if (!quality) return `${quote(qualityText)} is not one of ${qualities.join(', ')}`;
  const parsed = number === '' ? undefined : parseEnergy(number);
  if (parsed && !parsed.ok) return `${quote(number)} is not a number`;
  if (kind === 'register' && !parsed) return 'a register has a value';
  const value = parsed?.ok ? parsed.microKwh : Number.NaN;
  if (Number.isNaN(value) !== (quality === 'missing'))
    return 'a value is missing, or its quality says so, and not both';
  return { value, quality };
}

const flags: Record<Quality, string> = {
  ...{ actual: 'A', customer: 'A', deemed: 'E', estimated: 'E' },
  ...{ substituted: 'S', final: 'F', missing: 'N' },
};

function spanOf({ quality, method, reasonCode, reasonText }: ReadingRow): QualitySpan {
  return { from: 0, to: 1, flag: flags[quality], method, reasonCode, reasonText };
}

function registerReadingOf(row: ReadingRow, line: number) {
  const { meterPoint, code, meter, flow, unit, at, value, quality, versionAt, waits = false } = row;
  return {
    ...{ meterPoint, meterSerial: meter, registerId: code, flow, unit, at },
    ...{ value: microKwh(value), quality, versionAt, line },
    ...plainRegisterReading,
    ...(waits && { waits }),
    span: spanOf(row),
  };
}

function channelOf({ meterPoint, code, flow, unit, minutes }: ReadingRow, line: number): IntervalChannel {
  const role: ChannelRole = flow === 'none' ? 'other' : flow;
  const rest = { nmiConfiguration: '', registerId: '', meterSerial: '', isEnergy: flow !== 'none' };
  return { meterPoint, suffix: code, role, unit, lengthMinutes: minutes, line, ...rest };
}

function isSame(channel: IntervalChannel, { meterPoint, code, flow, unit, minutes }: ReadingRow): boolean {
  const { suffix, lengthMinutes, role } = channel;
  const same = channel.meterPoint === meterPoint && suffix === code && channel.unit === unit;
  return same && lengthMinutes === minutes && role === (flow === 'none' ? 'other' : flow);
}
