import type { Flow } from '../../accounts/meter-point.ts';
import { type Quality, qualityCode } from '../../readings/reading.ts';
import { microKwh } from '../../units/energy.ts';
import type { Instant } from '../../units/time.ts';
import {
  type ChannelRole,
  type FormatSink,
  type IntervalChannel,
  plainRegisterReading,
  type QualitySpan,
} from '../format.ts';
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
}

/** Hands on rows as they come, those of a channel that follow one another together. */
export class ReadingRows {
  readonly #sink: FormatSink;
  readonly #runs: RunOfRows;
  #channel: IntervalChannel | undefined;

  constructor(sink: FormatSink) {
    this.#sink = sink;
    this.#runs = new RunOfRows(run => sink.intervals(run));
  }

  take(row: ReadingRow, line: number): void {
    if (row.kind === 'register') {
      this.#runs.flush();
      this.#sink.registerReading(registerReadingOf(row, line));
      return;
    }
    this.#channel = this.#channel && isSame(this.#channel, row) ? this.#channel : channelOf(row, line);
    this.#runs.begin(this.#channel, spanOf(row), qualityCode(row.quality), row.versionAt);
    this.#runs.push(row.at, row.value, line);
  }

  /** One that differs from the interval before it in time and value alone. */
  takeAlike(at: number, value: number, line: number): void {
    this.#runs.push(at, value, line);
  }

  flush(): void {
    this.#runs.flush();
  }
}

const flags: Record<Quality, string> = {
  ...{ actual: 'A', customer: 'A', deemed: 'E', estimated: 'E' },
  ...{ substituted: 'S', final: 'F', missing: 'N' },
};

function spanOf({ quality, method, reasonCode, reasonText }: ReadingRow): QualitySpan {
  return { from: 0, to: 1, flag: flags[quality], method, reasonCode, reasonText };
}

function registerReadingOf(row: ReadingRow, line: number) {
  const { meterPoint, code, meter, flow, unit, at, value, quality, versionAt } = row;
  return {
    ...{ meterPoint, meterSerial: meter, registerId: code, flow, unit, at },
    ...{ value: microKwh(value), quality, versionAt, line },
    ...plainRegisterReading,
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
