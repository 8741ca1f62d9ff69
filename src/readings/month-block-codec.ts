import { assert } from '../kernel/assert.ts';
import { BitReader, BitWriter } from './bits.ts';
import type { DayBlock } from './day-block.ts';
import { type DayOfMonth, MonthBlock } from './month-block.ts';
import type { OriginTable } from './origin.ts';
import { qualities, qualityCode } from './reading.ts';
import { readSinces, writeSinces } from './since-codec.ts';

const formatVersion = 1;

/**
 * A month of day blocks as bytes. Which days there are is not in it (reading_month.days is). Days that repeat the day before in count
 * and times are a number; values are whole multiples of one power of ten, each day packed as narrow as its own range, a register's as
 * steps; origins are runs over the whole month, told by what differs from the run before, and runs alike are counted.
 */
export function encodeMonth(
  days: readonly DayOfMonth[],
  origins: OriginTable,
  writer = new BitWriter(2048),
): Uint8Array {
  const blocks = days.map(({ block }) => block);
  writer.writeVarint(formatVersion);
  writeTimes(writer, blocks);
  writeValues(writer, blocks);
  writeOrigins(writer, blocks, origins);
  writeSinces(writer, blocks);
  return writer.bytes();
}

/**
 * A month as it was encoded, with the days that its row names. Throws when the bytes are not a month of a format known here, or have other
 * days: the caller says which row it was.
 */
export function decodeMonth(bytes: Uint8Array, dayMask: number, origins: OriginTable): MonthBlock {
  const reader = new BitReader(bytes);
  const version = reader.readVarint();
  assert(version === formatVersion, `a month of readings of format ${version} was written by a newer wattledger`);
  const count = reader.readVarint();
  const offsets = readTimes(reader, count);
  const days = daysOf(dayMask);
  if (days.length !== offsets.length) throw new RangeError('the block has other days than its row says');
  const memory = new ArrayBuffer(count * 12);
  const value = new Float64Array(memory, 0, count);
  const origin = new Uint32Array(memory, count * 8, count);
  readValues(reader, value, offsets);
  readOrigins(reader, origin, origins);
  const since = reader.isAtEnd ? nothingNoted(count) : new Uint32Array(count);
  if (!reader.isAtEnd) readSinces(reader, since, offsets);
  return new MonthBlock(days, offsets, value, origin, since);
}

let zeros = new Uint32Array(48);

/** Nobody noted anything of most months: they share this, which nobody writes to. */
function nothingNoted(count: number): Uint32Array {
  if (count > zeros.length) zeros = new Uint32Array(count);
  return count === zeros.length ? zeros : zeros.subarray(0, count);
}

/** Days of the month, 0 is the first, that a mask says. */
export function daysOf(dayMask: number): number[] {
  const days = [];
  for (let day = 0; day < 31; day++) if ((dayMask >>> day) & 1) days.push(day);
  return days;
}

/** As daysOf reads it: bit 0 is the first of the month. */
export function maskOf(days: readonly DayOfMonth[]): number {
  return days.reduce((mask, { day }) => mask + 2 ** day, 0);
}

// A day's times: 0 repeats the day before; otherwise its count plus one, the step of an even grid or 0, and where it starts or each time.
function writeTimes(writer: BitWriter, blocks: readonly DayBlock[]): void {
  writer.writeVarint(blocks.reduce((sum, { count }) => sum + count, 0));
  let repeats = 0;
  for (const [i, block] of blocks.entries()) {
    const before = blocks[i - 1];
    if (before && haveSameTimes(before, block)) {
      repeats += 1;
      continue;
    }
    if (i > 0) writer.writeVarint(repeats);
    repeats = 0;
    const { count, offset } = block;
    const step = stepOf(block);
    writer.writeVarint(count);
    writer.writeVarint(step);
    for (let at = 0; at < (step > 0 ? 1 : count); at++)
      writer.writeVarint(offset[at]! - (at > 0 ? offset[at - 1]! : 0));
  }
  writer.writeVarint(repeats);
}

/** The offsets of each day; days that repeat the day before share them. */
function readTimes(reader: BitReader, total: number): Uint32Array[] {
  const offsets: Uint32Array[] = [];
  for (let read = 0; read < total; ) {
    const count = reader.readVarint();
    const step = reader.readVarint();
    if (count === 0 || read + count > total) throw new RangeError('the block has more readings than it says');
    const first = reader.readVarint();
    const offset = step > 0 ? gridOf(first, step, count) : listed(reader, first, count);
    const days = reader.readVarint() + 1;
    read += count * days;
    if (read > total) throw new RangeError('the block has more readings than it says');
    for (let day = 0; day < days; day++) offsets.push(offset);
  }
  return offsets;
}

// Whole fleets send at the same times: the days of one month after another share this.
let grid = { first: 0, step: 1, offset: new Uint32Array(0) };

function gridOf(first: number, step: number, count: number): Uint32Array {
  if (grid.first !== first || grid.step !== step || grid.offset.length !== count)
    grid = { first, step, offset: Uint32Array.from({ length: count }, (_, at) => first + at * step) };
  return grid.offset;
}

function listed(reader: BitReader, first: number, count: number): Uint32Array {
  const offset = new Uint32Array(count);
  offset[0] = first;
  for (let at = 1; at < count; at++) offset[at] = offset[at - 1]! + reader.readVarint();
  return offset;
}

function haveSameTimes(a: DayBlock, b: DayBlock): boolean {
  if (a.count !== b.count) return false;
  for (let i = 0; i < a.count; i++) if (a.offset[i] !== b.offset[i]) return false;
  return true;
}

/** The step of an evenly spaced day, 0 when it has none. */
function stepOf({ count, offset }: DayBlock): number {
  const step = count > 1 ? offset[1]! - offset[0]! : 1;
  for (let i = 2; i < count; i++) if (offset[i]! - offset[i - 1]! !== step) return 0;
  return step;
}

function writeValues(writer: BitWriter, blocks: readonly DayBlock[]): void {
  const exponent = exponentOf(blocks);
  const scale = 10 ** exponent;
  const steps = areSteps(blocks);
  writer.writeVarint(exponent * 2 + (steps ? 1 : 0));
  let previous = 0;
  for (const { count, value } of blocks) {
    const scaled = new Float64Array(count);
    let [low, high, missing] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, false];
    for (let i = 0; i < count; i++) {
      if (Number.isNaN(value[i]!)) {
        missing = true;
        continue;
      }
      const whole = value[i]! / scale;
      scaled[i] = whole - previous;
      if (steps) previous = whole;
      if (scaled[i]! < low) low = scaled[i]!;
      if (scaled[i]! > high) high = scaled[i]!;
    }
    if (low > high) low = high = 0;
    const width = bitsFor(high - low);
    writer.writeVarint(width * 4 + (low < 0 ? 2 : 0) + (missing ? 1 : 0));
    writer.writeVarint(Math.abs(low));
    for (let i = 0; i < count; i++) {
      const none = Number.isNaN(value[i]!);
      if (missing) writer.write(none ? 1 : 0, 1);
      if (!none) writer.write(scaled[i]! - low, width);
    }
    writer.align();
  }
}

function readValues(reader: BitReader, value: Float64Array, offsets: readonly Uint32Array[]): void {
  const flags = reader.readVarint();
  const steps = flags % 2 === 1;
  const scale = 10 ** Math.floor(flags / 2);
  let previous = 0;
  let start = 0;
  for (const { length } of offsets) {
    const end = start + length;
    const packing = reader.readVarint();
    const width = packing >> 2;
    const low = (packing & 2 ? -1 : 1) * reader.readVarint();
    if ((packing & 1) === 0) reader.readMany(width, length, low, steps ? 1 : scale, value, start);
    else
      for (let i = start; i < end; i++)
        value[i] = reader.read(1) === 1 ? Number.NaN : (reader.read(width) + low) * (steps ? 1 : scale);
    for (let i = start; steps && i < end; i++) {
      if (Number.isNaN(value[i]!)) continue;
      previous += value[i]!;
      value[i] = previous * scale;
    }
    start = end;
  }
}

/** The largest power of ten, at most six, that divides every value. */
function exponentOf(blocks: readonly DayBlock[]): number {
  let exponent = 6;
  let scale = 1e6;
  for (const { count, value } of blocks) {
    for (let i = 0; i < count && exponent > 0; i++) {
      const each = value[i]!;
      if (Number.isNaN(each)) continue;
      // Exact, and faster than a remainder of doubles.
      while (scale > 1 && Math.trunc(each / scale) * scale !== each) {
        exponent -= 1;
        scale = 10 ** exponent;
      }
    }
  }
  return exponent;
}

/** Whether the steps between values span less than the values: a counter. */
function areSteps(blocks: readonly DayBlock[]): boolean {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [stepLow, stepHigh] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let previous: number | undefined;
  for (const { count, value } of blocks) {
    for (let i = 0; i < count; i++) {
      const each = value[i]!;
      if (Number.isNaN(each)) continue;
      if (each < low) low = each;
      if (each > high) high = each;
      if (previous !== undefined) {
        stepLow = Math.min(stepLow, each - previous);
        stepHigh = Math.max(stepHigh, each - previous);
      }
      previous = each;
    }
  }
  return stepHigh - stepLow < high - low;
}

/** What a run of readings shares; line and version are told as the difference from the run before. */
type Run = [length: number, minutes: number, quality: number, source: number, line: number, versionAt: number];

function writeOrigins(writer: BitWriter, blocks: readonly DayBlock[], origins: OriginTable): void {
  let [line, versionAt] = [0, 0];
  let pending: Run | undefined;
  let repeats = 0;
  const put = (): void => {
    if (!pending) return;
    writer.writeVarint(repeats);
    for (const part of pending.slice(0, 4)) writer.writeVarint(part);
    writeSigned(writer, pending[4]);
    writeSigned(writer, pending[5]);
  };
  for (const [id, length] of runsOf(blocks)) {
    const origin = origins.get(id);
    const { minutes, quality, source } = origin;
    const run: Run = [length, minutes, qualityCode(quality), source, origin.line - line, origin.versionAt - versionAt];
    [line, versionAt] = [origin.line, origin.versionAt];
    if (pending?.every((part, at) => part === run[at])) {
      repeats += 1;
      continue;
    }
    put();
    [pending, repeats] = [run, 0];
  }
  put();
}

/** Neighbours of one origin, over the days. */
function* runsOf(blocks: readonly DayBlock[]): Generator<[origin: number, length: number]> {
  let [id, length] = [-1, 0];
  for (const { count, origin } of blocks) {
    for (let i = 0; i < count; i++) {
      if (origin[i] !== id) {
        if (length > 0) yield [id, length];
        [id, length] = [origin[i]!, 0];
      }
      length += 1;
    }
  }
  if (length > 0) yield [id, length];
}

function readOrigins(reader: BitReader, origin: Uint32Array, origins: OriginTable): void {
  let [line, versionAt] = [0, 0];
  for (let start = 0; start < origin.length; ) {
    const repeats = reader.readVarint();
    const [length, minutes] = [reader.readVarint(), reader.readVarint()];
    const quality = reader.readVarint();
    assert(quality < qualities.length, 'a stored quality code is one this version knows');
    const source = reader.readVarint();
    const [lineStep, versionStep] = [readSigned(reader), readSigned(reader)];
    if (length === 0) throw new RangeError('the block has an origin of nothing');
    for (let each = 0; each <= repeats; each++) {
      [line, versionAt] = [line + lineStep, versionAt + versionStep];
      origin.fill(origins.internParts(minutes, quality, source, line, versionAt), start, start + length);
      start += length;
    }
  }
}

/** The sign in the lowest bit. */
function writeSigned(writer: BitWriter, value: number): void {
  writer.writeVarint(value < 0 ? -value * 2 - 1 : value * 2);
}

function readSigned(reader: BitReader): number {
  const folded = reader.readVarint();
  return folded % 2 === 1 ? -(folded + 1) / 2 : folded / 2;
}

function bitsFor(range: number): number {
  let width = 0;
  while (2 ** width <= range) width += 1;
  return width;
}
