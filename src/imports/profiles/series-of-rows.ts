import { qualities } from '../../readings/reading.ts';
import { microKwh } from '../../units/energy.ts';
import { instant } from '../../units/time.ts';
import { type FormatContext, type FormatSink, type IntervalRun, plainRegisterReading } from '../format.ts';
import { quote } from '../problem.ts';
import type { Cells } from './cells.ts';
import { energyOfPower, NumberReader } from './number-cell.ts';
import type { Channel, Profile, ValueColumn } from './profile.ts';
import type { RowLayout } from './row-layout.ts';
import { type ChannelOwner, RunBuilder } from './run-builder.ts';
import { Track } from './wall-clock.ts';

const meterPointPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;
// Channels whose day is gathered at once: beyond, all days are handed on, so that memory does not grow with the file.
const gatheredMax = 20_000;
const keyBytesMax = 512;

/** Where one value column's numbers go. */
export interface Output {
  index: number;
  number: NumberReader;
  /** What is wrong with the last value taken, '' when nothing. */
  says: string;
  readonly column: ValueColumn;
  readonly owner: ChannelOwner;
  readonly channel: Channel;
  readonly builder: RunBuilder | undefined;
  readonly returned: RunBuilder | undefined;
}

/** Rows of one meter and channel. */
export interface Rows {
  track: Track;
  outputs: Output[];
  hasIntervals: boolean;
  /** Why the rows cannot be taken, and which column says so; -1 for none. */
  refusal: string | undefined;
  column: number;
}

/** Finds what a row belongs to, and hands on what it says: rows of the same meter and channel follow one another or alternate. */
export class SeriesOfRows {
  /** Length of every interval, -1 when each row says its own. */
  readonly minutes: number;
  records = 0;
  readonly #profile: Profile;
  readonly #sink: FormatSink;
  readonly #context: FormatContext;
  readonly #numbers = new Map<string, NumberReader>();
  readonly #known = new Map<string, Rows>();
  readonly #channels: ReadonlyMap<string, Channel>;
  readonly #keyColumns: number[] = [];
  readonly #lastKey = Buffer.alloc(keyBytesMax);
  #lastLengths: number[] = [];
  #last: Rows | undefined;
  #named: { identifier: string } | { refusal: string } | undefined;

  constructor(profile: Profile, context: FormatContext, sink: FormatSink) {
    this.#profile = profile;
    this.#context = context;
    this.#sink = sink;
    const { interval, day, channelBy } = profile;
    this.minutes = day?.minutes ?? (interval && 'minutes' in interval ? interval.minutes : -1);
    this.#channels = new Map(channelBy?.channels.map(({ word, code, flow }) => [word.toLowerCase(), { code, flow }]));
  }

  /** Begins a table: its columns are where `layout` says, and `above` are the lines before the file's first header. */
  enter(layout: RowLayout, above: readonly string[][]): void {
    this.flush();
    this.#known.clear();
    this.#last = undefined;
    this.#named = this.#meterPointOfFile(layout, above);
    this.#keyColumns.splice(0, Infinity, ...Object.values(layout.owner).filter(index => index >= 0));
  }

  /** The rows that the cells are one of. */
  of(layout: RowLayout, cells: Cells): Rows {
    if (this.#last && this.#isSame(cells)) return this.#last;
    const key = this.#keyColumns.map(index => cells.text(index)).join('\u0000');
    let rows = this.#known.get(key);
    if (!rows) {
      if (this.#known.size >= gatheredMax) {
        this.flush();
        this.#known.clear();
      }
      rows = this.#make(layout, cells);
      this.#known.set(key, rows);
    }
    this.#remember(cells, rows);
    return rows;
  }

  /** `at` in epoch seconds, `value` in micro-kWh (or micro-kW), NaN for none. */
  take(output: Output, at: number, minutes: number, value: number, code: number, line: number): void {
    const { column, builder, returned } = output;
    output.says = '';
    let energy = column.sign === 'inverted' && value !== 0 ? -value : value;
    if (!builder) {
      this.#takeRegister(output, at, energy, code, line);
      return;
    }
    if (column.unit === 'kW' || column.unit === 'W') energy = energyOfPower(energy, minutes);
    if (energy < 0 && !returned) {
      output.says = 'is negative: interval energy is zero or more';
      return;
    }
    this.records += 1;
    builder.push(at, minutes, energy < 0 ? 0 : energy, code, line);
    returned?.push(at, minutes, energy < 0 ? -energy : energy > 0 ? 0 : energy, code, line);
  }

  flush(): void {
    for (const { outputs } of this.#known.values())
      for (const { builder, returned } of outputs) {
        builder?.flush();
        returned?.flush();
      }
  }

  #takeRegister(output: Output, at: number, value: number, code: number, line: number): void {
    // A register that says nothing on a day says it later: the next reading holds the energy (CSV-8).
    if (Number.isNaN(value)) return;
    if (value < 0) {
      output.says = 'is negative: a register counts from zero up';
      return;
    }
    this.records += 1;
    const { owner, channel } = output;
    this.#sink.registerReading({
      meterPoint: owner.meterPoint,
      meterSerial: owner.serial,
      registerId: channel.code,
      flow: channel.flow,
      at: instant(at),
      value: microKwh(value),
      quality: qualities[code]!,
      ...plainRegisterReading,
      versionAt: instant(0),
      line,
    });
  }

  #isSame(cells: Cells): boolean {
    let at = 0;
    for (let key = 0; key < this.#keyColumns.length; key++) {
      const index = this.#keyColumns[key]!;
      const from = cells.starts[index]!;
      const length = cells.ends[index]! - from;
      if (length !== this.#lastLengths[key]) return false;
      for (let byte = 0; byte < length; byte++) if (cells.bytes[from + byte] !== this.#lastKey[at + byte]) return false;
      at += length;
    }
    return true;
  }

  #remember(cells: Cells, rows: Rows): void {
    let at = 0;
    this.#last = undefined;
    this.#lastLengths = this.#keyColumns.map(index => cells.ends[index]! - cells.starts[index]!);
    if (this.#lastLengths.reduce((sum, length) => sum + length, 0) > keyBytesMax) return;
    for (const index of this.#keyColumns)
      at += cells.bytes.copy(this.#lastKey, at, cells.starts[index]!, cells.ends[index]!);
    this.#last = rows;
  }

  #make(layout: RowLayout, cells: Cells): Rows {
    const refused = (column: number, refusal: string): Rows => ({
      track: new Track(),
      outputs: [],
      hasIntervals: false,
      refusal,
      column,
    });
    const { owner, values } = layout;
    const named = owner.meterPoint >= 0 ? { identifier: cells.text(owner.meterPoint) } : this.#named!;
    if ('refusal' in named) return refused(-1, named.refusal);
    const { identifier } = named;
    if (!meterPointPattern.test(identifier))
      return refused(owner.meterPoint, `${quote(identifier)} is not a meter point`);
    const word = owner.channel >= 0 ? cells.text(owner.channel) : '';
    const told = owner.channel >= 0 ? this.#channels.get(word.toLowerCase()) : undefined;
    if (owner.channel >= 0 && !told) return refused(owner.channel, `the profile does not say what ${quote(word)} is`);
    const place = { meterPoint: identifier, serial: owner.serial >= 0 ? cells.text(owner.serial) : '' };
    const outputs = values.map(({ index, column }) => this.#output(index, column, told ?? column.channel!, place));
    return {
      track: new Track(),
      outputs,
      hasIntervals: outputs.some(({ builder }) => builder),
      refusal: undefined,
      column: -1,
    };
  }

  #output(index: number, column: ValueColumn, channel: Channel, owner: ChannelOwner): Output {
    const emit = (run: IntervalRun) => this.#sink.intervals(run);
    const isInterval = column.kind === 'interval';
    return {
      index,
      column,
      owner,
      channel,
      says: '',
      number: this.#numberOf(column.unit),
      builder: isInterval ? new RunBuilder(owner, channel, emit) : undefined,
      returned: isInterval && column.returnTo ? new RunBuilder(owner, column.returnTo, emit) : undefined,
    };
  }

  #numberOf(unit: ValueColumn['unit']): NumberReader {
    let reader = this.#numbers.get(unit);
    if (!reader) {
      reader = new NumberReader(this.#profile, unit);
      this.#numbers.set(unit, reader);
    }
    return reader;
  }

  /** What the whole file is of: what its importer says comes first, for only a column tells rows apart. */
  #meterPointOfFile({ headings }: RowLayout, above: readonly string[][]): { identifier: string } | { refusal: string } {
    const { meterPoint } = this.#profile;
    const said = this.#context.meterPoint;
    const found =
      said ??
      (meterPoint.from === 'profile'
        ? meterPoint.identifier
        : meterPoint.from === 'above'
          ? above.at(-meterPoint.lines)?.[meterPoint.column - 1]
          : meterPoint.from === 'heading'
            ? headings[
                typeof meterPoint.column === 'number' ? meterPoint.column - 1 : headings.indexOf(meterPoint.column)
              ]
            : undefined);
    if (found === undefined || found === '')
      return {
        refusal: 'the file names no meter point: say which one it is of (--meter-point), or save a profile that does',
      };
    return meterPointPattern.test(found) ? { identifier: found } : { refusal: `${quote(found)} is not a meter point` };
  }
}
