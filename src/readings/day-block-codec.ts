import { assert } from '../kernel/assert.ts';
import { BitReader, BitWriter } from './bits.ts';
import { DayBlock } from './day-block.ts';
import { exponentOf, powersOfTen } from './decimal-exponent.ts';
import type { OriginTable } from './origin.ts';
import { qualities, qualityCode } from './reading.ts';
import { readSinces, writeSinces } from './since-codec.ts';

const formatVersion = 1;
const missingBit = 1;

/**
 * A day block as bytes: version, count, offsets (a grid when they are evenly spaced), values, origins as runs,
 * and since when each is current where that was noted.
 * Values are whole multiples of the largest power of ten that divides them all, so watt-hour data packs as watt-hours; a register's
 * values are packed as steps from one to the next. A missing value (quality `missing`) is a set bit in front.
 */
export function encodeBlock(block: DayBlock, origins: Pick<OriginTable, 'get'>, writer = new BitWriter()): Uint8Array {
  writer.writeVarint(formatVersion);
  writer.writeVarint(block.count);
  writeOffsets(writer, block);
  writeValues(writer, block);
  writeOrigins(writer, block, origins);
  writeSinces(writer, [block]);
  return writer.bytes();
}

/** What numbers the origins of blocks; `quality` is a code of reading.ts. */
export interface OriginKeeper {
  internParts(minutes: number, quality: number, source: number, line: number, versionAt: number): number;
}

/** Into `spare` when that is given and is large enough. */
export function decodeBlock(bytes: Uint8Array, origins: OriginKeeper, spare?: DayBlock): DayBlock {
  const reader = new BitReader(bytes);
  const block = decodeReadings(reader, origins, spare);
  const { count } = block;
  // Where nothing is noted nothing is written.
  if (block === spare) block.since.fill(0);
  if (!reader.isAtEnd) readSinces(reader, block.since.subarray(0, count), [block.offset.subarray(0, count)]);
  return block;
}

/** As decodeBlock, but for since when they are current, which follows: `since` of the block means nothing. */
export function decodeReadings(reader: BitReader, origins: OriginKeeper, spare?: DayBlock): DayBlock {
  const version = reader.readVarint();
  assert(version === formatVersion, `a reading block of format ${version} was written by a newer wattledger`);
  const count = reader.readVarint();
  const block = spare && count <= spare.offset.length ? spare : new DayBlock(Math.max(count, 1));
  block.count = count;
  readOffsets(reader, block);
  readValues(reader, block);
  readOrigins(reader, block, origins);
  return block;
}

// Offsets: a step of 0 says "listed one by one".
function writeOffsets(writer: BitWriter, { count, offset }: DayBlock): void {
  const step = count > 1 ? offset[1]! - offset[0]! : 1;
  let even = true;
  for (let i = 1; i < count && even; i++) even = offset[i]! - offset[i - 1]! === step;
  writer.writeVarint(even ? step : 0);
  let previous = 0;
  for (let i = 0; i < (even ? Math.min(count, 1) : count); i++) {
    writer.writeVarint(offset[i]! - previous);
    previous = offset[i]!;
  }
}

function readOffsets(reader: BitReader, { count, offset }: DayBlock): void {
  const step = reader.readVarint();
  let next = 0;
  for (let i = 0; i < count; i++) {
    next += step > 0 && i > 0 ? step : reader.readVarint();
    offset[i] = next;
  }
}

function writeValues(writer: BitWriter, { count, value }: DayBlock): void {
  const { exponent, steps, first, anyMissing } = survey(value, count);
  const scale = powersOfTen[exponent]!;
  if (scratch.length < count) scratch = new Float64Array(count);
  const scaled = scratch;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let previous = steps ? first / scale : 0;
  for (let i = 0; i < count; i++) {
    if (Number.isNaN(value[i]!)) continue;
    const whole = value[i]! / scale;
    const step = whole - previous;
    scaled[i] = step;
    if (steps) previous = whole;
    if (step < low) low = step;
    if (step > high) high = step;
  }
  if (low > high) low = high = 0;
  const width = bitsFor(high - low);
  writer.writeVarint(exponent * 4 + (steps ? 2 : 0) + (anyMissing ? missingBit : 0));
  if (steps) writeSigned(writer, first / scale);
  writeSigned(writer, low);
  writer.writeVarint(width);
  if (!anyMissing) writer.writeMany(scaled, count, low, width);
  else {
    for (let i = 0; i < count; i++) {
      const missing = Number.isNaN(value[i]!);
      writer.write(missing ? 1 : 0, 1);
      if (!missing) writer.write(scaled[i]! - low, width);
    }
  }
  writer.align();
}

// One for all blocks: what is in it is written before the next block comes.
let scratch = new Float64Array(96);

function readValues(reader: BitReader, { count, value }: DayBlock): void {
  const flags = reader.readVarint();
  const anyMissing = flags % 2 === missingBit;
  const steps = flags % 4 >= 2;
  const scale = powersOfTen[Math.floor(flags / 4)]!;
  let previous = steps ? readSigned(reader) : 0;
  const low = readSigned(reader);
  const width = reader.readVarint();
  if (!anyMissing) {
    reader.readMany(width, count, low, steps ? 1 : scale, value, 0);
    if (steps) addUp(value, count, previous, scale);
    return;
  }
  for (let i = 0; i < count; i++) {
    if (reader.read(1) === 1) {
      value[i] = Number.NaN;
      continue;
    }
    const whole = reader.read(width) + low + previous;
    if (steps) previous = whole;
    value[i] = whole * scale;
  }
}

/** Steps from one to the next become what they lead to. */
function addUp(value: Float64Array, count: number, first: number, scale: number): void {
  let previous = first;
  for (let i = 0; i < count; i++) {
    previous += value[i]!;
    value[i] = previous * scale;
  }
}

interface Survey {
  /** The largest power of ten, at most six, that divides every value. */
  exponent: number;
  /** Whether the steps between values span less than the values: a counter. */
  steps: boolean;
  first: number;
  anyMissing: boolean;
}

function survey(value: Float64Array, count: number): Survey {
  let exponent = 6;
  let anyMissing = false;
  let first: number | undefined;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let stepLow = 0;
  let stepHigh = 0;
  let previous = 0;
  for (let i = 0; i < count; i++) {
    const each = value[i]!;
    if (Number.isNaN(each)) {
      anyMissing = true;
      continue;
    }
    if (exponent > 0) exponent = exponentOf(each, exponent);
    if (each < low) low = each;
    if (each > high) high = each;
    if (first === undefined) first = each;
    else {
      const step = each - previous;
      if (step < stepLow) stepLow = step;
      if (step > stepHigh) stepHigh = step;
    }
    previous = each;
  }
  return { exponent, steps: stepHigh - stepLow < high - low, first: first ?? 0, anyMissing };
}

function writeOrigins(writer: BitWriter, { count, origin }: DayBlock, origins: Pick<OriginTable, 'get'>): void {
  for (let start = 0; start < count; ) {
    let end = start + 1;
    while (end < count && origin[end] === origin[start]) end += 1;
    const { minutes, quality, source, line, versionAt } = origins.get(origin[start]!);
    for (const part of [end - start, minutes, qualityCode(quality), source, line, versionAt]) writer.writeVarint(part);
    start = end;
  }
}

function readOrigins(reader: BitReader, { count, origin }: DayBlock, origins: OriginKeeper): void {
  for (let start = 0; start < count; ) {
    const length = reader.readVarint();
    const minutes = reader.readVarint();
    const quality = reader.readVarint();
    assert(quality < qualities.length, 'a stored quality code is one this version knows');
    const source = reader.readVarint();
    const line = reader.readVarint();
    origin.fill(origins.internParts(minutes, quality, source, line, reader.readVarint()), start, start + length);
    start += length;
  }
}

function writeSigned(writer: BitWriter, value: number): void {
  writer.writeVarint(value < 0 ? 1 : 0);
  writer.writeVarint(Math.abs(value));
}

function readSigned(reader: BitReader): number {
  const negative = reader.readVarint() === 1;
  const magnitude = reader.readVarint();
  return negative ? -magnitude : magnitude;
}

function bitsFor(range: number): number {
  let width = 0;
  while (2 ** width <= range) width += 1;
  return width;
}
